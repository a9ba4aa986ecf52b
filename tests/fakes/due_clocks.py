"""Running clocks of a ticket store in memory, and leases, behind the same contracts as the real ones."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from tests.fakes.tickets import DictTicketStore
from voicebot.core.errors import VoicebotError
from voicebot.core.ids import TicketNo
from voicebot.operations.leases import Lease
from voicebot.operations.scheduler import ClockFigures, ClockKey, Decide
from voicebot.tickets.clocks import Light, TicketClock, running
from voicebot.tickets.deadlines import Deadlines
from voicebot.tickets.escalation import Acts, Word, may_rest
from voicebot.tickets.profile import DEFAULT, Archiving
from voicebot.tickets.state import State


@dataclass(slots=True)
class _Row:
    due: datetime
    acted: datetime | None
    next_at: datetime | None


class DictDueClocks:
    """Implements `voicebot.operations.scheduler.DueClocks` over a `DictTicketStore`.

    Args:
        killed: raised after a decision and before it is stored, once for each entry.
    """

    def __init__(self, store: DictTicketStore) -> None:
        self._store = store
        self._rows: dict[ClockKey, _Row] = {}
        self._one_writer = asyncio.Lock()
        self.killed: list[BaseException] = []
        self.words: list[tuple[TicketNo, Word]] = []

    def _clocks(self) -> dict[ClockKey, TicketClock]:
        """What runs; rows follow, as the index of the database does."""
        found = {
            ClockKey(ticket.ticket_no, clock.kind, ticket.round): clock
            for ticket in self._store.tickets.values()
            for clock in running(ticket)
        }
        for key in self._rows.keys() - found.keys():
            del self._rows[key]
        for key, clock in found.items():
            if key not in self._rows or self._rows[key].due != clock.due:
                self._rows[key] = _Row(clock.due, None, clock.wakes_at)
        return found

    async def due(self, now: datetime, limit: int) -> Sequence[ClockKey]:
        self._clocks()
        ready = [(row.next_at, key) for key, row in self._rows.items() if row.next_at and row.next_at <= now]
        return [key for _, key in sorted(ready, key=lambda each: (each[0], each[1].ticket_no))[:limit]]

    async def act(self, key: ClockKey, now: datetime, decide: Decide) -> Acts | None:
        async with self._one_writer:
            return await self._act(key, now, decide)

    async def _act(self, key: ClockKey, now: datetime, decide: Decide) -> Acts | None:
        clock = self._clocks().get(key)
        row = self._rows.get(key)
        if clock is None or row is None or row.next_at is None or row.next_at > now:
            return None
        done = decide(self._store.tickets[key.ticket_no], clock, row.acted)
        if self.killed:
            raise self.killed.pop()
        for moved in done.moved:
            await self._store.change(key.ticket_no, lambda _, moved=moved: moved)  # type: ignore[misc]
        row.acted, row.next_at = done.acted, done.next_at
        self.words += [(key.ticket_no, word) for word in done.words]
        return done

    async def put_off(self, key: ClockKey, until: datetime) -> None:
        row = self._rows.get(key)
        if row is not None and row.next_at is not None:
            row.next_at = max(row.next_at, until)

    async def over(
        self, state: State, waits: Archiving, now: datetime, limit: int, after: TicketNo | None = None
    ) -> Sequence[TicketNo]:
        deadlines = Deadlines(replace(DEFAULT, archiving=waits))
        found = []
        for number, ticket in sorted(self._store.tickets.items()):
            last = (await self._store.events(TicketNo(number)))[-1].at
            behind = after is None or number > after
            if ticket.state is state and behind and may_rest(deadlines, ticket, last, now):
                found.append(TicketNo(number))
        return found[:limit]

    async def figures(self, now: datetime) -> ClockFigures:
        lights = [clock.light(now) for clock in self._clocks().values()]
        behind = [row.next_at for row in self._rows.values() if row.next_at and row.next_at <= now]
        yellow, red = lights.count(Light.YELLOW), lights.count(Light.RED)
        return ClockFigures(len(lights), yellow, red, min(behind, default=None))


class DictLeases:
    """Implements `voicebot.operations.leases.Leases` in memory; several nodes share one.

    Args:
        failing: while set, every method raises it.
    """

    def __init__(self) -> None:
        self.failing: VoicebotError | None = None
        self._leases: dict[str, Lease] = {}

    async def all(self) -> Mapping[str, Lease]:
        self._answer()
        return dict(self._leases)

    async def take(self, name: str, owner: str, seen: Lease | None) -> bool:
        self._answer()
        now = self._leases.get(name)
        if (now is None) != (seen is None):
            return False
        if now is not None and seen is not None and (now.owner, now.beat) != (seen.owner, seen.beat):
            return False
        self._leases[name] = replace(now or Lease("", 0), owner=owner, beat=(now.beat if now else 0) + 1)
        return True

    async def beat(self, owner: str) -> frozenset[str]:
        self._answer()
        mine = [name for name, lease in self._leases.items() if lease.owner == owner]
        for name in mine:
            self._leases[name] = replace(self._leases[name], beat=self._leases[name].beat + 1)
        return frozenset(mine)

    async def ran(self, name: str, owner: str, at: datetime, failures: int, trouble: str) -> None:
        self._answer()
        lease = self._leases.get(name)
        if lease is not None and lease.owner == owner:
            self._leases[name] = replace(lease, ran_at=at, failures=failures, trouble=trouble)

    async def release(self, owner: str) -> None:
        for name in await self.beat(owner):
            self._leases[name] = replace(self._leases[name], owner="")

    def _answer(self) -> None:
        if self.failing is not None:
            raise self.failing
