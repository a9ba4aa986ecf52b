"""Several processes file tickets and are killed at random moments: is each number a ticket, and one only?

tests/integration/db/test_writers.py does a little of this, `voicebot bench tickets --crash` what is asked.
"""

import asyncio
import random
import sys
import time
from asyncio.subprocess import PIPE, Process
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from sqlalchemy import func, select

from voicebot.adapters.db.database import Database
from voicebot.adapters.db.schema import outbox, ticket, ticket_event
from voicebot.adapters.db.tickets import SqlTicketStore
from voicebot.core.ids import TicketNo
from voicebot.tickets.lifecycle import rebuild

WRITERS: Final = 8
KILLS: Final = 4
"""So many of the writers die at once."""
LONGEST_WAIT: Final = 0.05
"""Seconds after a ticket was filed in which its writer dies."""
AGAIN: Final = 5
"""Demands heard of that a writer files once more after its crash; the one cut off comes next."""
_REBUILT: Final = 50


@dataclass(frozen=True, slots=True)
class Place:
    """A database that several processes open."""

    where: str
    key_file: Path

    async def writer(self, name: str, first: int, count: int) -> Process:
        arguments = (self.where, str(self.key_file), name, str(first), str(count))
        return await asyncio.create_subprocess_exec(
            sys.executable, "-m", "voicebot.cli.benches.tickets_writer", *arguments, stdout=PIPE
        )

    async def stored(self) -> dict[str, str]:
        """Number → demand of every ticket, in order."""
        database = await Database.open(self.where, self.key_file)
        query = select(ticket.c.ticket_no, ticket.c.call_id).order_by(ticket.c.ticket_no)
        async with database.read() as connection:
            found = {row.ticket_no: row.call_id for row in await connection.execute(query)}
        await database.close()
        return found

    async def faults(self) -> list[str]:
        """What is not whole: every ticket has its history, and every event its outbox entry."""
        database = await Database.open(self.where, self.key_file)
        found: list[str] = []
        async with database.read() as connection:
            counts = [
                (await connection.execute(select(func.count()).select_from(table))).scalar_one()
                for table in (ticket, ticket_event, outbox)
            ]
            if connection.dialect.name == "sqlite":
                verdict = (await connection.exec_driver_sql("PRAGMA integrity_check")).scalar_one()
                found += [verdict] if verdict != "ok" else []
            numbers = (await connection.execute(select(ticket.c.ticket_no))).scalars().all()
        if len(set(counts)) != 1:
            found.append(f"tickets, events, outbox: {counts}")
        store = SqlTicketStore(database)
        for number in numbers[:: max(1, counts[0] // _REBUILT)]:
            if rebuild(await store.events(TicketNo(number))) != await store.ticket(TicketNo(number)):
                found.append(f"{number} is not what its events tell")
        await database.close()
        return found


class Crowd:
    """`WRITERS` processes that are killed and started again under their names."""

    def __init__(self, place: Place) -> None:
        self._place = place
        self._running: dict[str, Process] = {}
        self.spoken: dict[str, set[str]] = defaultdict(set)
        """Demand → the numbers its client was ever told."""

    async def suffer(
        self, rounds: int, chance: random.Random, told: Callable[[int], None] = lambda kills: None
    ) -> None:
        """`KILLS` writers are killed and started again in each round; in the end all are killed.

        Args:
            told: hears of each round, how many died so far.
        """
        names = [f"w{number}" for number in range(WRITERS)]
        try:
            for name in names:
                await self._start(name)
            for number in range(rounds):
                victims = chance.sample(names, KILLS)
                waits = [chance.uniform(0, LONGEST_WAIT) for _ in victims]
                async with asyncio.TaskGroup() as tasks:
                    for name, wait in zip(victims, waits, strict=True):
                        tasks.create_task(self._kill(name, wait))
                for name in victims:
                    await self._start(name)
                told((number + 1) * KILLS)
            async with asyncio.TaskGroup() as tasks:
                for name in names:
                    tasks.create_task(self._kill(name, 0))
        finally:
            for process in self._running.values():
                if process.returncode is None:
                    process.kill()
                    await process.wait()

    async def _start(self, name: str) -> None:
        """Files the last few demands again and goes on."""
        known = sum(demand.startswith(f"{name}-") for demand in self.spoken)
        self._running[name] = await self._place.writer(name, max(1, known - AGAIN), 0)

    async def _kill(self, name: str, after: float) -> None:
        """`kill -9` some seconds after the writer filed something new."""
        process = self._running[name]
        assert process.stdout is not None
        fresh = False
        while not fresh:
            line = await process.stdout.readline()
            assert line, "a writer ended by itself"
            fresh = self._heard(line)
        await asyncio.sleep(after)  # the random moment, not a wait for something
        process.kill()
        self._heard(await process.stdout.read())
        await process.wait()

    def _heard(self, output: bytes) -> bool:
        """Notes what was spoken; whether a demand was new."""
        told = pairs(output)
        new = any(demand not in self.spoken for demand, _ in told)
        for demand, number in told:
            self.spoken[demand].add(number)
        return new


def pairs(output: bytes) -> list[tuple[str, str]]:
    """(demand, number) of every whole line that was spoken."""
    lines = output.decode().split("\n")[:-1]
    return [(demand, number) for demand, number in (line.split() for line in lines)]


def gaps(numbers: list[str]) -> int:
    """Serials that are missing, or stand twice; per day, since a run may go on over midnight."""
    wrong = 0
    for day in {number[:8] for number in numbers}:
        serials = [int(number[8:]) for number in numbers if number.startswith(day)]
        wrong += len(set(range(1, max(serials) + 1)) ^ set(serials)) + len(serials) - len(set(serials))
    return wrong


async def killed(
    place: Place, times: int, chance: random.Random, told: Callable[[int], None]
) -> dict[str, Any]:
    """Figures of so many kills, rounded up to whole rounds; all but the first three should be 0 or empty."""
    begun, crowd = time.monotonic(), Crowd(place)
    rounds = -(-times // KILLS)
    await crowd.suffer(rounds, chance, told)
    stored = await place.stored()
    spoken = [(number, demand) for demand, numbers in crowd.spoken.items() for number in numbers]
    return {
        "kills": rounds * KILLS + WRITERS,
        "spoken": len(crowd.spoken),
        "stored": len(stored),
        "spoken_not_stored": sum(stored.get(number) != demand for number, demand in spoken),
        "two_numbers": len(spoken) - len(crowd.spoken),
        "doubled": len(stored) - len(set(stored.values())),
        "gaps": gaps(list(stored)),
        "faults": await place.faults(),
        "seconds": round(time.monotonic() - begun),
    }
