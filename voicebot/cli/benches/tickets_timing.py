"""What `voicebot bench tickets` times: filing in an open loop, then lists, search, numbers and repeats."""

import asyncio
import os
import random
import statistics
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial
from typing import Any, Final

from sqlalchemy import func, select

from voicebot.adapters.db.database import Database
from voicebot.adapters.db.schema import ticket
from voicebot.adapters.db.ticket_lists import SqlTicketLists
from voicebot.adapters.db.ticket_repeats import SqlTicketRepeats
from voicebot.adapters.db.tickets import SqlTicketStore
from voicebot.adapters.wall_clock import WallClock
from voicebot.cli.benches.tickets_town import Town, often
from voicebot.core.clock import Clock
from voicebot.core.ids import TicketNo
from voicebot.operations.ticket_desk import TicketDesk
from voicebot.tickets.fingerprints import fingerprint
from voicebot.tickets.listing import WORK_LISTS, Filter, WorkList
from voicebot.tickets.matter import matter_of
from voicebot.tickets.numbers import ticket_no
from voicebot.tickets.repeats import likeness

RATE: Final = 50
"""Filings a second."""
CALM: Final = 10
"""The same where even a busy machine keeps up."""
WARM: Final = 3.0
"""Seconds of filing before those that count."""
PAGE: Final = 50
HOUSES: Final = 60
BARS: Final = {"create": 20.0, "work_list": 100.0, "search": 100.0, "number": 5.0, "repeats": 50.0}
"""Most ms that the 95th percentile may be."""


@dataclass(frozen=True, slots=True)
class Plan:
    """How long, and how often.

    Args:
        seconds: of filing. each: runs of every other kind; a work list is read `each` / 20 times whole and
            as often for one unit.
    """

    seconds: float = 60.0
    each: int = 400


class Timing:
    """Measures a database that is full."""

    def __init__(self, database: Database, town: Town, seed: int, told: Callable[[str], None]) -> None:
        self._clock: Clock = WallClock()
        self._told = told
        self._database = database
        self._town = town
        self._chance = random.Random(seed)
        self._store = SqlTicketStore(database)
        self._lists = SqlTicketLists(database, self._clock)
        self._repeats = SqlTicketRepeats(database)

    async def measure(self, plan: Plan) -> dict[str, Any]:
        """Name → figures; latencies in ms, `load` is that of the machine meanwhile."""
        parts: dict[str, Callable[[], Awaitable[dict[str, Any]]]] = {
            "work_list": partial(self._work_lists, max(1, plan.each // 20)),
            "search": partial(self._many, plan.each, self._search),
            "number": partial(self._many, plan.each, self._number),
            "phone": partial(self._many, plan.each // 4, self._tail),
            "repeats": partial(self._many, plan.each, self._repeat),
            "counts": partial(self._many, max(1, plan.each // 40), self._counts),
            "create_calm": partial(self._create, plan.seconds / 3, CALM),
            "create": partial(self._create, plan.seconds, RATE),
        }
        found: dict[str, Any] = {}
        for name, part in parts.items():
            load = os.getloadavg()[0]
            found[name] = {**await part(), "load": round((load + os.getloadavg()[0]) / 2, 1)}
            self._told(f"{name}：{found[name]}")
        return found

    async def _create(self, seconds: float, rate: int) -> dict[str, Any]:
        """Filed at fixed moments whether the earlier ones are done or not; counted from these moments."""
        desk, loop = TicketDesk(self._store, self._clock), asyncio.get_running_loop()
        took: list[float] = []
        cpu = 0.0

        async def file(number: int, due: float) -> None:
            phone = f"139{self._chance.randrange(10**8):08d}"
            demand = self._town.demand(
                self._chance, self._chance.randint(1, HOUSES), phone, f"bench-{rate}-{number}"
            )
            await desk.file(demand)
            if due >= counts:
                took.append(loop.time() - due)

        begun = loop.time() + 0.1
        counts = begun + WARM
        async with asyncio.TaskGroup() as tasks:
            for number in range(int((WARM + seconds) * rate)):
                due = begun + number / rate
                await asyncio.sleep(max(0.0, due - loop.time()))
                if number == int(WARM * rate):
                    cpu = time.process_time()
                tasks.create_task(file(number, due))
        each = (time.process_time() - cpu) / max(1, len(took))
        return {**figures(took), "rate": rate, "own_cpu_ms": round(each * 1000, 1)}

    async def _work_lists(self, each: int) -> dict[str, Any]:
        """Every list as it begins a day: for the whole city, and for one unit."""
        units = [matter.department for matter in self._town.matters if matter.department]
        by_list: dict[WorkList, list[float]] = {}
        for work in WorkList:
            unit = replace(WORK_LISTS[work], departments=frozenset({often(self._chance, units)}))
            lists = [WORK_LISTS[work], unit] * each
            by_list[work] = [await _timed(partial(self._lists.page, one, limit=PAGE)) for one in lists]
        slowest = max(by_list, key=lambda work: statistics.median(by_list[work]))
        every = [one for found in by_list.values() for one in found]
        return {**figures(every), "slowest": {slowest.value: figures(by_list[slowest])}}

    async def _search(self) -> float:
        """A place, a word of a matter, or both; a tenth is nowhere to be found."""
        matter, place = often(self._chance, self._town.matters).text, often(self._chance, self._town.places)
        at = self._chance.randrange(max(1, len(matter) - 3))
        word = matter[at : at + self._chance.choice((2, 3, 4))]
        text = self._chance.choice((word, word, place.name, f"{place.name} {word}", f"{word}鹳雀楼"))
        return await _timed(lambda: self._lists.page(Filter(text=text), limit=PAGE))

    async def _number(self) -> float:
        number = await self._some_number()
        return await _timed(lambda: self._store.ticket(number))

    async def _tail(self) -> float:
        """The last four digits of a telephone number."""
        tail = f"{self._chance.randrange(10_000):04d}"
        return await _timed(lambda: self._lists.page(Filter(phone=tail), limit=PAGE))

    async def _repeat(self) -> float:
        """From a new demand to a score for each ticket that may be the same event."""
        demand = self._town.demand(self._chance, self._chance.randint(1, HOUSES), "13900000000")
        at = self._clock.now()

        async def matched() -> None:
            mine = matter_of(demand, at)
            for other in await self._repeats.candidates(fingerprint(demand)):
                likeness(mine, matter_of(other))

        return await _timed(matched)

    async def _counts(self) -> float:
        """The heads of all work lists."""
        return await _timed(lambda: self._lists.counts(list(WORK_LISTS.values())))

    async def _some_number(self) -> TicketNo:
        day = self._clock.now().date() - timedelta(days=self._chance.randrange(1, 700))
        last = func.max(ticket.c.ticket_no)
        within = ticket.c.ticket_no.between(ticket_no(day, 1), ticket_no(day, 999_999))
        async with self._database.read() as connection:
            found = (await connection.execute(select(last).where(within))).scalar()
        serial = int(found[8:]) if found else 1
        return ticket_no(day, self._chance.randint(1, serial))

    @staticmethod
    async def _many(times: int, once: Callable[[], Awaitable[float]]) -> dict[str, Any]:
        return figures([await once() for _ in range(times)])


async def _timed(work: Callable[[], Awaitable[object]]) -> float:
    begun = time.perf_counter()
    await work()
    return time.perf_counter() - begun


def figures(took: Sequence[float]) -> dict[str, Any]:
    """Seconds → median, 95th percentile and most, ms."""
    ranked = sorted(took)
    if not ranked:
        return {"n": 0}
    p95 = ranked[min(len(ranked) - 1, int(0.95 * len(ranked)))]
    found = {"p50": statistics.median(ranked), "p95": p95, "max": ranked[-1]}
    return {"n": len(ranked), **{name: round(value * 1000, 1) for name, value in found.items()}}
