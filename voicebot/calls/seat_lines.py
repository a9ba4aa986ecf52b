"""The way to a seat, and to a number outside: an answered line, or that there is none."""

from dataclasses import dataclass

import structlog

from voicebot.calls.options import SeatOptions
from voicebot.calls.ports import Dialer, Line, Outward, Unanswered
from voicebot.calls.seat_ports import SeatDoors
from voicebot.core.errors import VoicebotError
from voicebot.core.handover import HandoverOutcome
from voicebot.core.ids import CallId, SeatId
from voicebot.core.ringing import may_ring
from voicebot.seats.seat import Seat

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Outside:
    """Somebody who is no seat.

    Args:
        name: as the seat asked for them. target: SIP address, "" for a number that is rung over the trunk.
        emergency: they are shown the caller's number.
    """

    name: str
    target: str
    emergency: bool = False


class SeatLines:
    """One per process.

    Args:
        outward: rings numbers that no setting names.
    """

    def __init__(
        self, dialer: Dialer, doors: SeatDoors, options: SeatOptions, outward: Outward | None = None
    ) -> None:
        self._dialer = dialer
        self._doors = doors
        self._options = options
        self._outward = outward

    async def of_seat(self, seat: Seat, call_id: CallId) -> Line | None:
        """Its phone, rung, or its page's sound; None when it cannot be had."""
        if not seat.phone:
            return await self._browser(seat.id, call_id)
        try:
            line = await self._dialer.dial(seat.phone, call_id, self._options.ring)
        except VoicebotError as error:
            log.error("seat's phone not rung", code=error.code, error=error.message)
            return None
        if isinstance(line, HandoverOutcome):
            log.info("seat's phone not answered", outcome=line)
            return None
        return line

    async def _browser(self, seat: SeatId, call_id: CallId) -> Line | None:
        try:
            return await self._doors.line(call_id, seat, self._options.connect)
        except VoicebotError as error:
            log.error("seat's page not joined", code=error.code, error=error.message)
            return None

    def outside(self, number: str) -> Outside | None:
        """Whom `number` (digits, or a name in the settings) stands for; None for nobody."""
        if target := self._options.emergency.get(number):
            return Outside(number, target, emergency=True)
        if target := self._options.numbers.get(number):
            return Outside(number, target)
        if self._outward is not None and self._outward.open and may_ring(number):
            return Outside(number, "")
        return None

    async def of_outside(self, who: Outside, call_id: CallId, caller: str) -> Line | None:
        """Args: caller: the number an emergency line is shown."""
        try:
            if who.target:
                shown = caller if who.emergency else ""
                line = await self._dialer.dial(who.target, call_id, self._options.ring, shown)
            else:
                assert self._outward is not None
                return _answered(await self._outward.ring_out(who.name, self._options.ring))
        except VoicebotError as error:
            log.error("outside not rung", number=who.name, code=error.code, error=error.message)
            return None
        return None if isinstance(line, HandoverOutcome) else line


def _answered(line: Line | Unanswered) -> Line | None:
    return None if isinstance(line, Unanswered) else line
