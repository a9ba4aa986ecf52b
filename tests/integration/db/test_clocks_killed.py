"""Processes that act on deadlines die at any moment: every step of every clock is taken once."""

import asyncio
import random
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from tests.contract.postgresql import emptied_postgresql, server_url
from tests.fakes.demands import PHONE, lamp
from voicebot.adapters.db.database import Database
from voicebot.adapters.db.leases import SqlLeases
from voicebot.adapters.db.schema import outbox
from voicebot.adapters.db.ticket_clocks import SqlDueClocks
from voicebot.adapters.db.tickets import SqlTicketStore
from voicebot.core.ids import TicketNo
from voicebot.tickets.birth import accept
from voicebot.tickets.deadlines import Deadlines
from voicebot.tickets.given import Given
from voicebot.tickets.lifecycle import rebuild, transition
from voicebot.tickets.terms import with_terms
from voicebot.tickets.ticket import Contact, TicketAction

pytestmark = pytest.mark.integration

TICKETS = 150
WORKERS = 3
KILLS = 8
LONG_AGO = datetime(2026, 3, 2, 9, 0, tzinfo=ZoneInfo("Asia/Shanghai"))
EXPECTED = Counter({"ticket.yellow": 2, "ticket.red": 2, "ticket.overdue": 2, "ticket.unreturned": 1})
"""Of the clocks of signing and answering, which ran out months ago; that of the 督办 begins now."""
DEADLINES = Deadlines()


@dataclass(frozen=True, slots=True)
class Place:
    where: str
    key_file: Path

    async def worker(self, name: str) -> Process:
        arguments = (self.where, str(self.key_file), name)
        return await asyncio.create_subprocess_exec(
            sys.executable, "-m", "tests.integration.db.clock_worker", *arguments, stdout=PIPE, stderr=DEVNULL
        )


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.soak)])
async def place(request: pytest.FixtureRequest, tmp_path: Path) -> Place:
    if request.param == "sqlite":
        return Place(str(tmp_path / "hotline.sqlite3"), tmp_path / "hotline.key")
    await (await emptied_postgresql(tmp_path)).close()
    return Place(server_url(), tmp_path / "hotline.key")


async def overdue(store: SqlTicketStore) -> list[TicketNo]:
    """Tickets that were dispatched long ago and that nobody has touched since."""
    demand, numbers = lamp(), []
    due = DEADLINES.of(demand.appeal_type, demand.urgency, False, LONG_AGO)
    for _ in range(TICKETS):
        made, _ = await store.create(
            LONG_AGO.date(), lambda no: accept(no, demand, due, "bot", LONG_AGO), Contact("王小明", PHONE)
        )
        given = Given(department=demand.department)
        full = with_terms(DEADLINES, made, TicketAction.DISPATCH, given, LONG_AGO)
        await store.change(
            made.ticket_no,
            lambda t, full=full: transition(t, TicketAction.DISPATCH, "dispatcher:li", LONG_AGO, "", full),  # type: ignore[misc]
        )
        numbers.append(made.ticket_no)
    return numbers


async def kill_some(place: Place, chance: random.Random) -> None:
    """`WORKERS` at once; `KILLS` times one of them dies in the middle of its work, and another begins."""
    names = iter(f"w{n}" for n in range(1000))
    running = [await place.worker(next(names)) for _ in range(WORKERS)]
    for _ in range(KILLS):
        victim = running.pop(chance.randrange(len(running)))
        assert victim.stdout is not None
        assert await victim.stdout.readline(), "it ended by itself"
        await asyncio.sleep(chance.uniform(0, 0.06))  # the random moment, not a wait for something
        victim.kill()
        await victim.communicate()
        running.append(await place.worker(next(names)))
    for process in running:
        process.kill()
        await process.communicate()


async def finish(place: Place, clocks: SqlDueClocks) -> None:
    """One more node, which inherits from the dead, until nothing is due."""
    last = await place.worker("last")
    assert last.stdout is not None
    held = False
    while not held or await clocks.due(datetime.now(LONG_AGO.tzinfo), 1):
        line = await last.stdout.readline()
        assert line, "it ended by itself"
        held = held or line.startswith(b"holder")
    last.terminate()
    await last.communicate()


async def test_every_step_once_though_eight_are_killed(place: Place) -> None:
    database = await Database.open(place.where, place.key_file)
    store = SqlTicketStore(database)
    numbers = await overdue(store)
    await kill_some(place, random.Random(12345))
    clocks = SqlDueClocks(database, store)
    assert await clocks.due(datetime.now(LONG_AGO.tzinfo), 1), "all was done before the last one died"
    await finish(place, clocks)

    words = Counter[tuple[str, str]]()
    async with database.read() as connection:
        for body, subject in await connection.execute(select(outbox.c.body, outbox.c.subject)):
            if "clock" in body:
                words[body["ticket_no"], subject] += 1
    assert max(words.values()) <= 2
    assert words == {(number, subject): n for number in numbers for subject, n in EXPECTED.items()}
    for number in numbers:
        history = await store.events(number)
        actions = Counter(event.action for event in history)
        assert (actions[TicketAction.URGE], actions[TicketAction.SUPERVISE]) == (2, 1)
        assert rebuild(history) == await store.ticket(number)
    now = datetime.now(LONG_AGO.tzinfo)
    assert await clocks.due(now, 10) == []
    assert (await clocks.figures(now + timedelta(seconds=1))).behind is None
    assert (await SqlLeases(database).all())["tickets.clocks"].owner in ("last", "")
    await database.close()
