"""Read rows, make one pure move, save what it gives: again where somebody was quicker."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Final

from voicebot.core.clock import Clock
from voicebot.core.errors import VoicebotError
from voicebot.core.ids import CallId, SeatId
from voicebot.operations.seat_news import SeatNews
from voicebot.seats.contact import Contact
from voicebot.seats.moved import Moved, SeatRefused
from voicebot.seats.ports import SeatStore, stale
from voicebot.seats.rules import SeatRules
from voicebot.seats.seat import Seat, SeatState

TRIES: Final = 5
"""Times that a move is made anew when somebody was quicker."""
LINE: Final = "line"
"""Who acts where no person does."""
NEWCOMER: Final[Mapping[str, int]] = {"综合": 3}
"""Skills of a seat that nobody has given any."""


class SeatSteps:
    """What `SeatDesk` is made of.

    Args (of all): tab: see `SeatDesk`. by: who does it, "" for the seat itself.
    """

    def __init__(
        self, store: SeatStore, clock: Clock, rules: Callable[[], SeatRules], news: SeatNews | None = None
    ) -> None:
        self._store = store
        self._clock = clock
        self._rules = rules
        self.news: Final = news or SeatNews()

    async def _seat(
        self,
        seat: SeatId,
        tab: str | None,
        step: Callable[[Seat, datetime], Moved],
        by: str = "",
        *,
        fresh: bool = False,
    ) -> Seat:
        for _ in range(TRIES):
            known = await self._known_seat(seat, fresh=fresh)
            _has(known, tab)
            moved = step(known, self._clock.now())
            if await self.save(moved, by or f"seat:{seat}"):
                return _after(known, moved)
        raise stale()

    async def _own(
        self,
        seat: SeatId,
        tab: str | None,
        step: Callable[[Seat, Contact | None, datetime], Moved],
        by: str = "",
    ) -> Seat:
        """A move of a seat with the call it has or had."""
        for _ in range(TRIES):
            known = await self._known_seat(seat, fresh=False)
            _has(known, tab)
            contact = await self._store.contact(known.call_id) if known.call_id else None
            moved = step(known, contact, self._clock.now())
            if await self.save(moved, by or f"seat:{seat}"):
                return _after(known, moved)
        raise stale()

    async def _both(
        self,
        call_id: CallId,
        seat: SeatId,
        step: Callable[[Seat, Contact, datetime], Moved],
        tab: str | None = None,
        by: str = "",
    ) -> Contact:
        for _ in range(TRIES):
            known = await self._known_seat(seat, fresh=False)
            _has(known, tab)
            contact = await self._known_contact(call_id)
            moved = step(known, contact, self._clock.now())
            if await self.save(moved, by or f"seat:{seat}"):
                return _called(contact, moved)
        raise stale()

    async def _three(
        self,
        call_id: CallId,
        seat: SeatId,
        to: SeatId,
        step: Callable[[Seat, Contact, Seat, datetime], Moved],
    ) -> Contact:
        for _ in range(TRIES):
            first = await self._known_seat(seat, fresh=False)
            second = await self._known_seat(to, fresh=False)
            contact = await self._known_contact(call_id)
            moved = step(first, contact, second, self._clock.now())
            if await self.save(moved, f"seat:{seat}"):
                return _called(contact, moved)
        raise stale()

    async def _call(
        self, call_id: CallId, step: Callable[[Contact, datetime, Seat | None], Moved], by: str = LINE
    ) -> Contact:
        """A move of a call, and of the seat at which it rings."""
        for _ in range(TRIES):
            contact = await self._known_contact(call_id)
            seat = await self._store.seat(contact.seat) if contact.seat else None
            moved = step(contact, self._clock.now(), seat)
            if await self.save(moved, by):
                return _called(contact, moved)
        raise stale()

    async def save(self, moved: Moved, by: str) -> bool:
        """Stores and tells what a move gave; False when a row has changed since it was read."""
        try:
            await self._save(moved, by)
        except VoicebotError as error:
            if error.code != "seat.stale":
                raise
            return False
        return True

    async def _save(self, moved: Moved, by: str) -> None:
        if moved.seats or moved.contacts:
            await self._store.save(moved.change(by, self._clock.now()))
            await self.news.tell([*(s.id for s in moved.seats), *(c.call_id for c in moved.contacts)])

    async def _known_seat(self, seat: SeatId, *, fresh: bool) -> Seat:
        known = await self._store.seat(seat)
        if known is not None:
            return known
        if not fresh:
            raise VoicebotError("seat.unknown", f"没有坐席 {seat}")
        return Seat(seat, skills=NEWCOMER)

    async def _known_contact(self, call_id: CallId) -> Contact:
        known = await self._store.contact(call_id)
        if known is None:
            raise VoicebotError("contact.unknown", "这通电话不在坐席的记录里")
        return known


def _has(seat: Seat, tab: str | None) -> None:
    """A page that is not (or no longer) the seat's may do nothing."""
    if tab is None:
        return
    if seat.state is SeatState.OFFLINE:
        raise SeatRefused("seat.signed_out")
    if not tab or seat.tab != tab:
        raise SeatRefused("seat.other_tab")


def _after(seat: Seat, moved: Moved) -> Seat:
    """The seat as it is stored now."""
    found = [each for each in moved.seats if each.id == seat.id]
    return replace(found[0], version=seat.version + 1) if found else seat


def _called(contact: Contact, moved: Moved) -> Contact:
    return replace(moved.contacts[0], version=contact.version + 1) if moved.contacts else contact
