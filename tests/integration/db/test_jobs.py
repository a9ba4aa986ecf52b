"""Timed work as the web process runs it, on a real database."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.fakes.clocks import HandClock
from tests.fakes.demands import lamp
from voicebot.adapters.db.content import SqlContentStore
from voicebot.adapters.db.database import Database
from voicebot.adapters.db.leases import SqlLeases
from voicebot.adapters.db.tickets import SqlTicketStore
from voicebot.bootstrap.jobs import ticket_jobs
from voicebot.core.ids import TicketNo
from voicebot.operations.content import Change
from voicebot.operations.content_kinds import CITY, DEADLINES
from voicebot.operations.live_deadlines import LiveDeadlines
from voicebot.operations.periodic import JobOptions
from voicebot.operations.ticket_desk import TicketDesk
from voicebot.tickets.ticket import TicketAction

pytestmark = pytest.mark.integration

CITY_TEXT = "name: 云江市\nhotline: 云江12345\nowner: 某局\n"
ESCALATION = "escalation:\n  答复:\n    - {at: 红灯, urge: true, supervise: 挂牌督办, tell: 督办员}\n"


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    opened = await Database.open(tmp_path / "hotline.sqlite3")
    yield opened
    await opened.close()


async def actions_of(database: Database, number: TicketNo, least: int) -> list[TicketAction]:
    """What happened to a ticket, as soon as that is so much."""
    store = SqlTicketStore(database)
    async with asyncio.timeout(20):
        while len(history := await store.events(number)) < least:
            await database.committed(0.1)
    return [event.action for event in history]


async def test_an_overdue_ticket_is_acted_on_by_the_published_steps(database: Database) -> None:
    clock = HandClock()
    content = SqlContentStore(database, clock)
    texts = {CITY: CITY_TEXT, DEADLINES: ESCALATION}
    await content.release(Change.PUBLISH, texts, author="admin", note="", expected=0)
    store = SqlTicketStore(database)
    receipt = await TicketDesk(store, clock).file(lamp())
    clock.at = receipt.due_at
    deadlines = LiveDeadlines(content)
    await deadlines.refresh()
    jobs = ticket_jobs(JobOptions(), database, store, deadlines, clock)
    running = asyncio.create_task(jobs.run())
    actions = await actions_of(database, receipt.ticket_no, 3)
    assert actions == [TicketAction.ACCEPT, TicketAction.URGE, TicketAction.SUPERVISE]
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    figures = jobs.metrics()
    assert "voicebot_ticket_steps_total 1" in figures
    assert 'voicebot_job_failures_total{job="tickets.clocks"} 0' in figures
    assert {lease.owner for lease in (await SqlLeases(database).all()).values()} == {""}  # given back


async def test_a_node_that_takes_no_part_only_measures(database: Database) -> None:
    clock, store = HandClock(), SqlTicketStore(database)
    receipt = await TicketDesk(store, clock).file(lamp())
    clock.at = receipt.due_at
    deadlines = LiveDeadlines(SqlContentStore(database, clock))
    jobs = ticket_jobs(JobOptions(run=False), database, store, deadlines, clock)
    running = asyncio.create_task(jobs.run())
    async with asyncio.timeout(20):
        while 'voicebot_ticket_clocks{light="red"} 1' not in jobs.metrics():
            await database.committed(0.1)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    assert len(await store.events(receipt.ticket_no)) == 1
    assert await SqlLeases(database).all() == {}
