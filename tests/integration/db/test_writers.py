"""Several processes write at once, and die at once: no number without a ticket, no gap, no double."""

import asyncio
import random
import sys
from asyncio.subprocess import PIPE, Process
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import func, select

from tests.contract.postgresql import emptied_postgresql, server_url
from voicebot.adapters.db.database import Database
from voicebot.adapters.db.schema import outbox, ticket, ticket_event
from voicebot.adapters.db.tickets import SqlTicketStore
from voicebot.core.ids import TicketNo
from voicebot.tickets.lifecycle import rebuild

pytestmark = pytest.mark.integration

WRITERS = 8
EACH = 25
ROUNDS = 5
KILLS = 4
"""`ROUNDS` times, so many of the writers die."""
AGAIN = 5
"""Demands heard of that a writer files once more after its crash; the one cut off comes next."""


@dataclass(frozen=True, slots=True)
class Place:
    """A database that several processes open."""

    where: str
    key_file: Path

    async def writer(self, name: str, first: int, count: int) -> Process:
        arguments = (self.where, str(self.key_file), name, str(first), str(count))
        return await asyncio.create_subprocess_exec(
            sys.executable, "-m", "tests.integration.db.ticket_writer", *arguments, stdout=PIPE
        )

    async def stored(self) -> dict[str, str]:
        """Number → demand of every ticket, in order."""
        database = await Database.open(self.where, self.key_file)
        query = select(ticket.c.ticket_no, ticket.c.call_id).order_by(ticket.c.ticket_no)
        async with database.read() as connection:
            found = {row.ticket_no: row.call_id for row in await connection.execute(query)}
        await database.close()
        return found

    async def assert_whole(self) -> None:
        """Every ticket has its history, and every event its outbox entry."""
        database = await Database.open(self.where, self.key_file)
        async with database.read() as connection:
            counts = [
                (await connection.execute(select(func.count()).select_from(table))).scalar_one()
                for table in (ticket, ticket_event, outbox)
            ]
            if connection.dialect.name == "sqlite":
                verdict = await connection.exec_driver_sql("PRAGMA integrity_check")
                assert verdict.scalar_one() == "ok"
            numbers = (await connection.execute(select(ticket.c.ticket_no))).scalars().all()
        assert len(set(counts)) == 1, counts
        store = SqlTicketStore(database)
        for number in numbers[:: max(1, counts[0] // 50)]:
            assert rebuild(await store.events(TicketNo(number))) == await store.ticket(TicketNo(number))
        await database.close()


@pytest.fixture(params=["sqlite", "postgresql"])
async def place(request: pytest.FixtureRequest, tmp_path: Path) -> Place:
    """On SQLite the writers also make the database, its tables and its key file together."""
    if request.param == "sqlite":
        folder = tmp_path / "new"
        return Place(str(folder / "hotline.sqlite3"), folder / "hotline.key")
    await (await emptied_postgresql(tmp_path)).close()
    return Place(server_url(), tmp_path / "hotline.key")


def pairs(output: bytes) -> list[tuple[str, str]]:
    """(demand, number) of every whole line that was spoken."""
    lines = output.decode().split("\n")[:-1]
    return [(demand, number) for demand, number in (line.split() for line in lines)]


def assert_without_gap(numbers: list[str]) -> None:
    """Per day, since a test may run over midnight."""
    for day in {number[:8] for number in numbers}:
        serials = [int(number[8:]) for number in numbers if number.startswith(day)]
        assert serials == list(range(1, len(serials) + 1))


async def test_eight_processes_start_and_write_together(place: Place) -> None:
    writers = [await place.writer(f"w{n}", 1, EACH) for n in range(WRITERS)]
    outputs = await asyncio.gather(*(process.communicate() for process in writers))
    assert [process.returncode for process in writers] == [0] * WRITERS
    spoken = [number for out, _ in outputs for _, number in pairs(out)]
    assert len(spoken) == WRITERS * EACH
    assert sorted(spoken) == list(await place.stored())
    assert_without_gap(sorted(spoken))
    await place.assert_whole()


class Crowd:
    """`WRITERS` processes that are killed and started again under their names."""

    def __init__(self, place: Place) -> None:
        self._place = place
        self._running: dict[str, Process] = {}
        self.spoken: dict[str, set[str]] = defaultdict(set)
        """Demand → the numbers its client was ever told."""

    async def start(self, name: str) -> None:
        """Files the last few demands again and goes on."""
        known = sum(demand.startswith(f"{name}-") for demand in self.spoken)
        self._running[name] = await self._place.writer(name, max(1, known - AGAIN), 0)

    async def kill(self, name: str, after: float) -> None:
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


async def test_killed_at_any_moment(place: Place) -> None:
    """`kill -9` of twenty among eight writers: what was spoken is stored, what was not stored took no
    number, and a demand that is filed again after the crash is not stored twice."""
    chance = random.Random(12345)
    names = [f"w{n}" for n in range(WRITERS)]
    crowd = Crowd(place)
    for name in names:
        await crowd.start(name)
    for _ in range(ROUNDS):
        victims = chance.sample(names, KILLS)
        await asyncio.gather(*(crowd.kill(name, chance.uniform(0, 0.05)) for name in victims))
        for name in victims:
            await crowd.start(name)
    await asyncio.gather(*(crowd.kill(name, 0) for name in names))

    stored = await place.stored()
    assert {demand: len(numbers) for demand, numbers in crowd.spoken.items() if len(numbers) != 1} == {}
    assert {number: demand for demand, (number,) in crowd.spoken.items()}.items() <= stored.items()
    assert len(set(stored.values())) == len(stored)
    assert_without_gap(list(stored))
    await place.assert_whole()
