"""Several processes write at once, and die at once: no number without a ticket, no gap, no double."""

import asyncio
import random
import sqlite3
import sys
from asyncio.subprocess import PIPE, Process
from contextlib import closing
from pathlib import Path

import pytest

from voicebot.adapters.db.database import Database
from voicebot.adapters.db.tickets import SqlTicketStore
from voicebot.core.ids import TicketNo
from voicebot.tickets.lifecycle import rebuild

pytestmark = pytest.mark.integration

WRITERS = 8
EACH = 25
ROUNDS = 20


async def writer(path: Path, count: int, name: str) -> Process:
    arguments = ("-m", "tests.integration.db.ticket_writer", str(path), str(count), name)
    return await asyncio.create_subprocess_exec(sys.executable, *arguments, stdout=PIPE)


def stored_numbers(path: Path) -> list[str]:
    with closing(sqlite3.connect(path)) as connection:
        return [no for (no,) in connection.execute("SELECT ticket_no FROM ticket ORDER BY ticket_no")]


def assert_without_gap(numbers: list[str]) -> None:
    """Per day, since a test may run over midnight."""
    for day in {number[:8] for number in numbers}:
        serials = [int(number[8:]) for number in numbers if number.startswith(day)]
        assert serials == list(range(1, len(serials) + 1))


async def assert_whole(path: Path) -> None:
    """Every ticket has its history, and every event its outbox entry."""
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        counts = [
            connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0]
            for table in ("ticket", "ticket_event", "outbox")
        ]
    assert len(set(counts)) == 1, counts
    database = await Database.open(path)
    store = SqlTicketStore(database)
    for number in stored_numbers(path)[:: max(1, counts[0] // 50)]:
        assert rebuild(await store.events(TicketNo(number))) == await store.ticket(TicketNo(number))
    await database.close()


async def test_eight_processes_start_and_write_together(tmp_path: Path) -> None:
    """They also make the database, its tables and its key file together."""
    path = tmp_path / "new" / "hotline.sqlite3"
    writers = [await writer(path, EACH, f"w{n}") for n in range(WRITERS)]
    outputs = await asyncio.gather(*(process.communicate() for process in writers))
    assert [process.returncode for process in writers] == [0] * WRITERS
    spoken = [number for out, _ in outputs for number in out.decode().split()]
    assert len(spoken) == WRITERS * EACH
    assert sorted(spoken) == stored_numbers(path)
    assert_without_gap(sorted(spoken))
    await assert_whole(path)


async def test_killed_at_any_moment(tmp_path: Path) -> None:
    """`kill -9` while another process goes on writing; what was spoken is stored, what was not
    stored took no number."""
    path = tmp_path / "hotline.sqlite3"
    chance = random.Random(12345)
    spoken: list[str] = []
    bystander = await writer(path, 0, "bystander")
    assert bystander.stdout is not None
    for round_ in range(ROUNDS):
        victim = await writer(path, 0, f"victim{round_}")
        assert victim.stdout is not None
        spoken += [(await victim.stdout.readline()).decode().strip() for _ in range(chance.randint(1, 5))]
        await asyncio.sleep(chance.uniform(0, 0.02))  # the random moment, not a wait for something
        victim.kill()
        spoken += (await victim.stdout.read()).decode().split()
        await victim.wait()
    bystander.kill()
    spoken += (await bystander.stdout.read()).decode().split()
    await bystander.wait()

    stored = stored_numbers(path)
    assert len(spoken) == len(set(spoken))
    assert set(spoken) <= set(stored)
    assert_without_gap(stored)
    await assert_whole(path)
