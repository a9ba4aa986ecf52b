"""What a talk with a seat needs of the world, beside what every call needs."""

from typing import Protocol

from voicebot.calls.ports import Line
from voicebot.core.ids import CallId, SeatId


class SeatDoors(Protocol):
    """The sound of seats that work in a browser."""

    async def line(self, call_id: CallId, seat: SeatId, timeout: float) -> Line | None:
        """The seat's line for this call, answered, once its page has connected; None when it did not in so
        many seconds. It lives on over broken connections, and until it is hung up by either side."""
        ...


class Rights(Protocol):
    """Who may do what with other people's talks."""

    async def supervises(self, by: SeatId) -> bool:
        """May listen in, move and end talks that are not theirs."""
        ...
