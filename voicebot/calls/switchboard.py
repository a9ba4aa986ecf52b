"""Brings a person to a call: one configured address per queue, rung and bridged."""

import asyncio
import contextlib
from collections.abc import AsyncIterator

import structlog

from voicebot.calls.bridge import join, ring
from voicebot.calls.options import SeatOptions
from voicebot.calls.ports import AudioIn, Dialer, Line, WaitingRoom
from voicebot.core.errors import VoicebotError
from voicebot.core.handover import Handover, HandoverEnd, HandoverOutcome

log = structlog.get_logger(__name__)

EVERY = "*"


class SeatSwitchboard:
    """The port `Switchboard` over a `Dialer`.

    An emergency goes to that line's address, a call for another office to that office's; where none is
    configured, or it does not answer, to the seats of the queue: a person decides, the caller is never
    dropped. Seats with the skill, or the language, that is wanted come before the others of their queue.
    """

    def __init__(self, dialer: Dialer, options: SeatOptions) -> None:
        self._dialer = dialer
        self._options = options

    async def hand_over(
        self, handover: Handover, line: Line, audio: AsyncIterator[AudioIn], room: WaitingRoom
    ) -> HandoverEnd:
        """Rings the targets one after the other and stays until the talk has ended."""
        outcome = HandoverOutcome.UNAVAILABLE
        for target in self._targets(handover):
            log.info("ringing", target=target, queue=handover.queue, reason=handover.reason)
            outcome = await self._try(target, handover, line, audio, room)
            if outcome in (HandoverOutcome.COMPLETED, HandoverOutcome.RETURNED):
                break
        return HandoverEnd(outcome)

    def _targets(self, handover: Handover) -> tuple[str, ...]:
        seats, queue = self._options.seats, handover.queue
        wanted = [
            self._options.emergency.get(handover.emergency or ""),
            self._options.numbers.get(handover.number),
        ]
        if queue:
            wanted += [seats.get(f"{queue}/{handover.skill}")] if handover.skill else []
            wanted.append(seats.get(f"{queue}/{handover.language}", seats.get(queue, seats.get(EVERY))))
        return tuple(dict.fromkeys(target for target in wanted if target))

    async def _try(
        self, target: str, handover: Handover, line: Line, audio: AsyncIterator[AudioIn], room: WaitingRoom
    ) -> HandoverOutcome:
        if self._options.release and await line.transfer(target, handover.call_id):
            return HandoverOutcome.COMPLETED
        try:
            person = await self._rung(target, handover, line, room)
        except VoicebotError as error:
            log.error("dialling failed", target=target, code=error.code, error=error.message)
            return HandoverOutcome.FAILED
        if isinstance(person, HandoverOutcome):
            return person
        await room.person()
        await line.flush()
        await line.state("talking")
        try:
            await join(line, audio, person)
        finally:
            await person.hang_up("us")
        return HandoverOutcome.RETURNED

    async def _rung(
        self, target: str, handover: Handover, line: Line, room: WaitingRoom
    ) -> Line | HandoverOutcome:
        """The answered line; meanwhile the caller hears it ring, unless they hear something already."""
        ringing = asyncio.create_task(asyncio.sleep(0) if room.sounding else ring(line))
        try:
            return await self._dialer.dial(target, handover.call_id, self._options.ring)
        finally:
            ringing.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await ringing
