"""Seats and waiting calls as they stood a moment ago: one reading for all who ask in a process."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from voicebot.core.clock import Clock
from voicebot.core.handover import Place
from voicebot.core.ids import CallId, SeatId
from voicebot.seats.contact import Contact, ContactState
from voicebot.seats.place import LATELY, Places
from voicebot.seats.ports import SeatStore
from voicebot.seats.rules import SeatRules
from voicebot.seats.seat import Seat

FRESH: Final = 1.0
"""Seconds that a reading serves for."""
RECENT: Final = 15.0
"""Seconds that a reading of what has ended serves for."""


@dataclass(frozen=True, slots=True)
class SeatView:
    """Args: at: when it was read. contacts: not over, oldest first. recent: ended within `LATELY`, without
    summary and slots."""

    at: datetime
    seats: Mapping[SeatId, Seat]
    contacts: Mapping[CallId, Contact]
    recent: Sequence[Contact] = field(default=(), repr=False)


class SeatGlance:
    """One per process."""

    def __init__(self, store: SeatStore, clock: Clock, rules: Callable[[], SeatRules]) -> None:
        self._store = store
        self._clock = clock
        self._rules = rules
        self._reading = asyncio.Lock()
        self._view: SeatView | None = None
        self._read_at = 0.0
        self._places: Places | None = None
        self._recent: tuple[float, Sequence[Contact]] | None = None

    async def view(self, age: float = FRESH) -> SeatView:
        """At most `age` seconds old.

        Raises:
            VoicebotError: ``db.…``.
        """
        if (known := self._known(age)) is not None:
            return known
        asked = self._clock.monotonic()
        async with self._reading:
            if (known := self._known(age)) is not None or (known := self._since(asked)) is not None:
                return known
            begun = self._clock.monotonic()
            at = self._clock.now()
            seats, contacts = await self._store.seats(), await self._store.contacts()
            view = SeatView(
                at, {s.id: s for s in seats}, {c.call_id: c for c in contacts}, await self._ended(begun, at)
            )
            self._view, self._read_at, self._places = view, begun, None
            return view

    async def place(self, call_id: CallId) -> Place | None:
        """Where a call stands; None when it does not wait."""
        view = await self.view()
        contact = view.contacts.get(call_id)
        if contact is None or contact.state is not ContactState.WAITING:
            return None
        if self._places is None or self._view is not view:
            seats, contacts = view.seats.values(), view.contacts.values()
            places = Places(contacts, seats, view.recent, view.at, self._rules())
            if self._view is not view:
                return places.of(contact)
            self._places = places
        return self._places.of(contact)

    def _known(self, age: float) -> SeatView | None:
        young = self._clock.monotonic() - self._read_at < age
        return self._view if young else None

    def _since(self, asked: float) -> SeatView | None:
        """Read by another who asked at the same time."""
        return self._view if self._view is not None and self._read_at > asked else None

    async def _ended(self, begun: float, at: datetime) -> Sequence[Contact]:
        if self._recent is None or begun - self._recent[0] >= RECENT:
            self._recent = (begun, await self._store.lately(at - LATELY))
        return self._recent[1]
