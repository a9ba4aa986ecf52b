"""Rows of seats and calls on virtual time: what `SeatStore` and `SeatDesk` are elsewhere."""

import heapq
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import count
from typing import Final
from zoneinfo import ZoneInfo

from voicebot.cli.benches.seat_book import Book
from voicebot.cli.benches.seat_city import Caller, Duty
from voicebot.core.ids import CallId, SeatId
from voicebot.seats.contact import OVER, Contact, ContactState
from voicebot.seats.moved import Moved, SeatRefused
from voicebot.seats.seat import Seat, SeatState

MIDNIGHT: Final = datetime(2026, 11, 25, tzinfo=ZoneInfo("Asia/Shanghai"))
RECENT: Final = 4000
"""Calls that ended lately, of which estimates know."""
_WITH_A_CALLER: Final = (SeatState.OFFERED, SeatState.TALKING)


@dataclass(slots=True)
class Shift:
    """How one seat spent its time, in seconds by state."""

    duty: Duty
    spent: dict[SeatState, float] = field(default_factory=lambda: dict.fromkeys(SeatState, 0.0))
    entered: float = 0.0
    calls: int = 0


class Stage:
    """Time, rows, and what the book says of them. Args: duties: one for each seat."""

    def __init__(self, duties: Sequence[Duty]) -> None:
        self._events: list[tuple[float, int, Callable[[], None]]] = []
        self._serial = count()
        self._at = 0.0
        self._seats = {duty.seat: Seat(duty.seat, skills=duty.skills) for duty in duties}
        self._ready: dict[SeatId, Seat] = {}
        self._calls: dict[CallId, Contact] = {}
        self._waiting: dict[CallId, Contact] = {}
        self._callers: dict[CallId, Caller] = {}
        self._recent: list[Contact] = []
        self._told: dict[CallId, float] = {}
        self._again: dict[CallId, float] = {}
        """When they began to wait once more."""
        self.book = Book()
        self.shifts = {duty.seat: Shift(duty) for duty in duties}

    @property
    def open(self) -> int:
        """Calls that are not over."""
        return len(self._calls)

    # ── what follows from a change ──────────────────────────────────────────────────────────

    def _look_soon(self) -> None:
        raise NotImplementedError

    def _entered(self, before: Seat, seat: Seat) -> None:
        """A seat is in another state."""
        raise NotImplementedError

    # ── time ────────────────────────────────────────────────────────────────────────────────

    @property
    def _now(self) -> datetime:
        return MIDNIGHT + timedelta(seconds=self._at)

    def _after(self, seconds: float, act: Callable[[], None]) -> None:
        heapq.heappush(self._events, (self._at + max(seconds, 0.0), next(self._serial), act))

    def _play(self) -> None:
        while self._events:
            self._at, _, act = heapq.heappop(self._events)
            act()

    # ── the store ───────────────────────────────────────────────────────────────────────────

    def _act(self, move: Callable[[], Moved]) -> bool:
        """As `SeatDesk`: the move on rows as read, compare and set."""
        try:
            moved = move()
        except SeatRefused:
            return False
        if any(one.version != self._seats[one.id].version for one in moved.seats) or any(
            each.version != self._version(each.call_id) for each in moved.contacts
        ):
            self.book.stale += 1
            return False
        if moved.event:
            self.book.events[moved.event] += 1
        for one in moved.seats:
            self._put_seat(replace(one, version=one.version + 1))
        for each in moved.contacts:
            self._put_call(replace(each, version=each.version + 1))
        return True

    def _version(self, call_id: CallId) -> int:
        known = self._calls.get(call_id)
        return -1 if known is None and call_id not in self._callers else 0 if known is None else known.version

    def _put_seat(self, seat: Seat) -> None:
        before, shift = self._seats[seat.id], self.shifts[seat.id]
        self._seats[seat.id] = seat
        if before.call_id is not None and before.state in _WITH_A_CALLER and seat.state not in _WITH_A_CALLER:
            self.book.freed(before.call_id, seat.id)
        if seat.state is SeatState.READY:
            self._ready[seat.id] = seat
            self._look_soon()
        else:
            self._ready.pop(seat.id, None)
        if seat.state is before.state:
            return
        shift.spent[before.state] += self._at - shift.entered
        shift.entered = self._at
        self._entered(before, seat)

    def _put_call(self, contact: Contact) -> None:
        before = self._calls.get(contact.call_id)
        if contact.front and (before is None or not before.front):
            self._again[contact.call_id] = self._at
        if contact.state is ContactState.WAITING:
            self._waiting[contact.call_id] = contact
            self.book.most_waiting = max(self.book.most_waiting, len(self._waiting))
            self._look_soon()
        else:
            self._waiting.pop(contact.call_id, None)
        if contact.state not in OVER:
            self._calls[contact.call_id] = contact
            return
        del self._calls[contact.call_id]
        caller = self._callers.pop(contact.call_id)
        self._recent.append(contact)
        del self._recent[:-RECENT]
        if contact.state is not ContactState.DONE:
            self.book.has_waited(caller.kind, self._at - caller.at)
            self._told.pop(contact.call_id, None)
