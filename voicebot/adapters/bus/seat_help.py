"""Help for a seat, asked of the line process that has the call: ``help.<line>``."""

from collections.abc import Awaitable, Callable
from typing import Final

from pydantic import TypeAdapter, ValidationError

from voicebot.core.errors import VoicebotError
from voicebot.core.ids import CallId
from voicebot.operations.bus import Bus
from voicebot.operations.seat_help import SeatHelp
from voicebot.seats.ports import SeatStore

PATIENCE: Final = 3.0
Help = Callable[[CallId], Awaitable[SeatHelp]]
_ADAPTER: Final = TypeAdapter(SeatHelp)


def subject(line: str) -> str:
    return f"help.{line}"


async def serve_help(bus: Bus, line: str, find: Help) -> None:
    """Answers from now on for the line process `line`."""

    async def handler(body: bytes) -> bytes:
        return _ADAPTER.dump_json(await find(CallId(body.decode(errors="replace"))))

    await bus.serve(subject(line), handler)


class BusSeatHelp:
    """Asks it; the call may be over already, as long as its line process is there."""

    def __init__(self, bus: Bus, seats: SeatStore) -> None:
        self._bus = bus
        self._seats = seats

    async def help(self, call_id: CallId) -> SeatHelp:
        """Empty for a call without a line.

        Raises:
            VoicebotError: ``bus.timeout``; ``help.unreadable``: the line is of another version.
        """
        contact = await self._seats.contact(call_id)
        if contact is None or not contact.line:
            return SeatHelp()
        body = await self._bus.request(subject(contact.line), call_id.encode(), PATIENCE)
        try:
            return _ADAPTER.validate_json(body)
        except ValidationError as error:
            raise VoicebotError("help.unreadable", "看不懂通话所在进程的回答") from error
