"""What seats need of a store."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from voicebot.core.errors import VoicebotError
from voicebot.core.ids import CallId, SeatId
from voicebot.seats.contact import Contact
from voicebot.seats.seat import Seat


@dataclass(frozen=True, slots=True)
class SeatChange:
    """Rows to be written in one transaction, each at the version it was read at (compare and set), and
    what happened.

    Args:
        event: last word of the subjects ``seat.<event>`` and ``contact.<event>`` that are published, one for
            each row: ``offered``, ``accepted``, ``declined`` … actor: who did it: a seat, a supervisor, or
            ``queue``.
    """

    event: str
    actor: str
    at: datetime
    seats: tuple[Seat, ...] = ()
    contacts: tuple[Contact, ...] = ()


def stale() -> VoicebotError:
    """Somebody was quicker."""
    return VoicebotError("seat.stale", "坐席或来电的状态刚刚变了，请看一眼再操作", retryable=True)


class SeatStore(Protocol):
    """Contract: tests/contract/test_seat_store.py. Every method may raise VoicebotError ``db.…``."""

    async def seats(self) -> Sequence[Seat]:
        """Those that are not offline, and those that are but have a call."""
        ...

    async def seat(self, seat: SeatId) -> Seat | None: ...

    async def everyone(self) -> Sequence[Seat]:
        """All seats that there are, signed in or not."""
        ...

    async def contacts(self) -> Sequence[Contact]:
        """Those that are not over, oldest first."""
        ...

    async def contact(self, call_id: CallId) -> Contact | None: ...

    async def lately(self, since: datetime) -> Sequence[Contact]:
        """Those that ended since, the newest 500 of them, without summary, slots and talk; oldest first."""
        ...

    async def save(self, change: SeatChange) -> None:
        """Writes all rows, each with its version raised by one, and their events; or nothing.

        Raises:
            VoicebotError: ``seat.stale`` (retryable): a row has changed since it was read.
        """
        ...

    async def beat(self, seat: SeatId, tab: str, at: datetime) -> bool:
        """Notes a sign of life; no event, and the version stays. False when `tab` does not have the seat."""
        ...
