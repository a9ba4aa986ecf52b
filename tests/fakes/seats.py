"""Seats and contacts in memory, behind the same contract as the real store."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from types import MappingProxyType

from voicebot.core.errors import VoicebotError
from voicebot.core.ids import CallId, SeatId
from voicebot.seats.contact import OVER, Contact
from voicebot.seats.ports import SeatChange, stale
from voicebot.seats.seat import Seat, SeatState


class MemorySeats:
    """Implements `voicebot.seats.ports.SeatStore`; `changes` are all that were saved.

    Attributes:
        broken: raised by whatever is asked next, once.
    """

    def __init__(self) -> None:
        self.by_id: dict[SeatId, Seat] = {}
        self.calls: dict[CallId, Contact] = {}
        self.changes: list[SeatChange] = []
        self.broken: VoicebotError | None = None
        self.closed: list[CallId] = []

    async def seats(self) -> Sequence[Seat]:
        return [s for s in await self.everyone() if s.state is not SeatState.OFFLINE or s.call_id is not None]

    async def everyone(self) -> Sequence[Seat]:
        self._fail()
        return [self.by_id[name] for name in sorted(self.by_id)]

    async def seat(self, seat_id: SeatId) -> Seat | None:
        self._fail()
        return self.by_id.get(seat_id)

    async def contacts(self) -> Sequence[Contact]:
        self._fail()
        return self._sorted([c for c in self.calls.values() if c.state not in OVER])

    async def contact(self, call_id: CallId) -> Contact | None:
        self._fail()
        return self.calls.get(call_id)

    async def lately(self, since: datetime) -> Sequence[Contact]:
        self._fail()
        ended = [each for each in self.calls.values() if each.ended_at is not None and each.ended_at >= since]
        bare: dict[str, object] = {"summary": "", "slots": MappingProxyType({}), "talk": None, "notes": ()}
        return [replace(each, **bare) for each in sorted(ended, key=_end)][-500:]  # type: ignore[arg-type]

    async def ended(self, before: datetime) -> Sequence[CallId]:
        return [each.call_id for each in await self.contacts() if each.call_id in self.closed]

    async def save(self, change: SeatChange) -> None:
        self._fail()
        seats = [(self.by_id.get(one.id), one) for one in change.seats]
        contacts = [(self.calls.get(each.call_id), each) for each in change.contacts]
        if any(one.version != (old.version if old else 0) for old, one in seats):
            raise stale()
        if any(each.version != (old.version if old else 0) for old, each in contacts):
            raise stale()
        for old, one in seats:
            beat = one.beat
            if old and old.tab == one.tab and old.beat and beat and old.beat > beat:
                beat = old.beat
            self.by_id[one.id] = replace(one, beat=beat, version=one.version + 1)
        for _, each in contacts:
            self.calls[each.call_id] = replace(each, version=each.version + 1)
        self.changes.append(change)

    async def beat(self, seat_id: SeatId, tab: str, at: datetime) -> bool:
        self._fail()
        known = self.by_id.get(seat_id)
        if not tab or known is None or known.tab != tab:
            return False
        self.by_id[seat_id] = replace(known, beat=at)
        return True

    def _sorted(self, found: Sequence[Contact]) -> Sequence[Contact]:
        return sorted(found, key=lambda each: (each.since, each.call_id))

    def _fail(self) -> None:
        broken, self.broken = self.broken, None
        if broken:
            raise broken


def _end(contact: Contact) -> tuple[datetime, str]:
    return contact.ended_at or contact.since, contact.call_id
