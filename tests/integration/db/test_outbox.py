"""From the outbox to the bus: in order, at least once, whatever fails."""

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.fakes.clocks import MORNING, HandClock
from tests.fakes.demands import lamp
from voicebot.adapters.bus import InProcessBus
from voicebot.adapters.db import outbox
from voicebot.adapters.db.database import Database
from voicebot.adapters.db.outbox import BATCH, Outbox, OutboxRelay
from voicebot.adapters.db.tickets import SqlTicketStore
from voicebot.core.errors import VoicebotError
from voicebot.operations.ticket_desk import TicketDesk

pytestmark = pytest.mark.integration


class UnsteadyBus(InProcessBus):
    """Refuses every publish whose number is in `refused`, once."""

    def __init__(self, *refused: int) -> None:
        super().__init__()
        self.refused = set(refused)
        self.tried = 0

    async def publish(self, subject: str, body: bytes) -> None:
        self.tried += 1
        if self.tried in self.refused:
            raise VoicebotError("bus.unreachable", "连不上消息总线", retryable=True)
        await super().publish(subject, body)


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    made = await Database.open(tmp_path / "hotline.sqlite3")
    yield made
    await made.close()


async def put(database: Database, *numbers: int) -> None:
    async with database.write() as connection:
        for number in numbers:
            await outbox.put(connection, MORNING, "test.event", {"n": number})


async def test_pending_until_marked(database: Database) -> None:
    await put(database, 1, 2, 3)
    box = Outbox(database)
    rows = await box.pending(2)
    assert [row.body["n"] for row in rows] == [1, 2]
    assert rows[0].at == MORNING
    await box.mark_published([rows[0].id])
    await box.mark_published([])
    assert [row.body["n"] for row in await box.pending(10)] == [2, 3]


async def test_a_rolled_back_change_tells_nothing(database: Database) -> None:
    async def fail() -> None:
        async with database.write() as connection:
            await outbox.put(connection, MORNING, "test.event", {"n": 1})
            raise VoicebotError("test.failed", "x")

    with pytest.raises(VoicebotError, match=r"test\.failed"):
        await fail()
    assert await Outbox(database).pending(10) == []


async def test_ids_are_never_used_again(database: Database) -> None:
    await put(database, 1)
    (row,) = await Outbox(database).pending(1)
    async with database.write() as connection:
        await connection.exec_driver_sql("DELETE FROM outbox")
    await put(database, 2)
    (later,) = await Outbox(database).pending(1)
    assert later.id > row.id


async def test_the_relay_publishes_in_order_and_once_when_all_is_well(database: Database) -> None:
    bus = InProcessBus()
    messages = bus.subscribe("test.>")
    await put(database, *range(BATCH + 5))
    relay = OutboxRelay(database, bus)
    assert await relay.relay() == BATCH
    assert await relay.relay() == 5
    assert await relay.relay() == 0
    bodies = [json.loads((await anext(messages))[1]) for _ in range(BATCH + 5)]
    assert [body["n"] for body in bodies] == list(range(BATCH + 5))
    assert [body["id"] for body in bodies] == sorted(body["id"] for body in bodies)
    assert bodies[0]["at"] == "2026-11-24T01:30:00+00:00"
    await bus.close()


async def test_what_the_bus_refused_comes_again(database: Database) -> None:
    bus = UnsteadyBus(3)
    messages = bus.subscribe(">")
    await put(database, 0, 1, 2, 3)
    relay = OutboxRelay(database, bus)
    with pytest.raises(VoicebotError, match=r"bus\.unreachable"):
        await relay.relay()
    assert await relay.relay() == 2
    assert [json.loads((await anext(messages))[1])["n"] for _ in range(4)] == [0, 1, 2, 3]
    await bus.close()


async def test_a_running_relay_notices_commits_and_survives_the_bus(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outbox, "PAUSE", 0.01)
    bus = UnsteadyBus(1, 2)
    messages = bus.subscribe("ticket.>")
    async with asyncio.timeout(10), asyncio.TaskGroup() as group:
        running = group.create_task(OutboxRelay(database, bus).run())
        receipt = await TicketDesk(SqlTicketStore(database), HandClock()).file(lamp())
        subject, body = await anext(messages)
        running.cancel()
    assert subject == "ticket.accept"
    told = json.loads(body)
    assert told["ticket_no"] == receipt.ticket_no
    assert (told["before"], told["after"], told["actor"]) == (None, "accepted", "bot")
    for secret in ("13800008000", "王小明", "路灯"):
        assert secret not in body.decode()
    await bus.close()


async def test_a_relay_that_dies_before_marking_repeats(database: Database) -> None:
    await put(database, 1)
    bus = InProcessBus()
    messages = bus.subscribe("test.event")
    for row in await Outbox(database).pending(BATCH):  # what a relay does, up to its death
        await bus.publish(row.subject, outbox.message(row))
    assert await OutboxRelay(database, bus).relay() == 1
    assert [json.loads((await anext(messages))[1])["n"] for _ in range(2)] == [1, 1]
    await bus.close()
