"""The port `Dialer` of operations: a person is rung, and an ordinary call runs the flow that was ordered."""

from collections.abc import Mapping
from typing import Final

import structlog

from voicebot.calls.options import OutboundOptions
from voicebot.calls.ports import Outward, Unanswered
from voicebot.calls.reception import CallEnd, Reception
from voicebot.core.errors import VoicebotError
from voicebot.core.ringing import may_ring
from voicebot.operations.dialer import CallOrder, Rung
from voicebot.tickets.callbacks import TryOutcome

log = structlog.get_logger(__name__)

_UNANSWERED: Final = {
    Unanswered.BUSY: TryOutcome.BUSY,
    Unanswered.NO_ANSWER: TryOutcome.NO_ANSWER,
    Unanswered.REFUSED: TryOutcome.REFUSED,
    Unanswered.UNREACHABLE: TryOutcome.UNREACHABLE,
    Unanswered.FAILED: TryOutcome.FAILED,
}
RESULT: Final = "result"
"""The slot in which a flow says what came of the call, a `TryOutcome`."""
TOLD: Final = ("solved", "cause", "again", "right")
"""What else it leaves."""


class OutboundCalls:
    """Makes calls while there is room for them; all share the process' reception with those who call us."""

    def __init__(self, outward: Outward, reception: Reception, options: OutboundOptions) -> None:
        self._outward = outward
        self._reception = reception
        self._options = options
        self._ringing = 0
        self._under_way = 0

    def free(self) -> int:
        if not self._outward.open:
            return 0
        return min(self._options.most, self._under_way + max(0, self._reception.spare() - self._ringing))

    async def ring(self, order: CallOrder) -> Rung:
        if not may_ring(order.number):
            return Rung(TryOutcome.UNREACHABLE)
        if self.free() <= self._under_way:
            return Rung(TryOutcome.LINE_FULL)
        self._under_way += 1
        try:
            return await self._made(order)
        except VoicebotError as error:
            log.error("outbound.failed", code=error.code, error=error.message)
            return Rung(TryOutcome.FAILED)
        finally:
            self._under_way -= 1

    async def _made(self, order: CallOrder) -> Rung:
        self._ringing += 1
        try:
            line = await self._outward.ring_out(order.number, self._options.ring)
        finally:
            self._ringing -= 1
        if isinstance(line, Unanswered):
            return Rung(_UNANSWERED[line])
        end = await self._reception.converse(line, order.flow, order.known)
        told = {name: end.slots[name] for name in TOLD if end.slots.get(name)}
        return Rung(outcome_of(end), line.info.call_id, end.score, told)


def outcome_of(end: CallEnd) -> TryOutcome:
    """What an answered call amounts to, however it ended: what was said counts, also when they hung up."""
    if (result := _result(end.slots)) is not None:
        return result
    if end.score is not None or end.slots.get("solved") or end.reason == "handed_over":
        return TryOutcome.DONE
    if end.reason == "error":
        return TryOutcome.FAILED
    if end.reason == "done":
        return TryOutcome.DONE if end.slots.get("right") else TryOutcome.SILENT
    return TryOutcome.SILENT if end.reason == "no_input" else TryOutcome.CUT


def _result(slots: Mapping[str, str]) -> TryOutcome | None:
    said = slots.get(RESULT, "")
    return TryOutcome(said) if said in set(TryOutcome) else None
