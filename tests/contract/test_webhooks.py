"""Subscriptions, the feed behind them, and the access log: in memory, on SQLite and on PostgreSQL."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.contract.postgresql import emptied_postgresql, server_url
from tests.fakes.clocks import MORNING
from tests.fakes.hooks import DictHookBook, ListedFeed
from tests.fakes.ticket_access import ListedAccess
from voicebot.adapters.db import outbox
from voicebot.adapters.db.database import Database
from voicebot.adapters.db.feed import SqlFeed
from voicebot.adapters.db.keeping import purge
from voicebot.adapters.db.outbox import Outbox
from voicebot.adapters.db.ticket_access import SqlAccessLog
from voicebot.adapters.db.webhooks import SqlHookBook
from voicebot.core.ids import TicketNo
from voicebot.operations.event_feed import EventFeed, FeedEvent
from voicebot.operations.ticket_access import Access, AccessLog, Looked
from voicebot.operations.webhooks import Hook, HookBook, Parked

HOOK = Hook("h1", "http://localhost:1/x", "whsec_AAAA", "root", MORNING, ("ticket.sign",), ("市水务局",))
SOON = MORNING + timedelta(minutes=2)
LATER = MORNING + timedelta(minutes=5)


@dataclass
class Kept:
    feed: EventFeed
    book: HookBook
    access: AccessLog
    tell: Callable[[str], Awaitable[None]]
    database: Database | None = None


DATABASES = [
    pytest.param("sqlite", marks=pytest.mark.integration),
    pytest.param("postgresql", marks=pytest.mark.integration),
]


@pytest.fixture(params=["memory", *DATABASES])
async def kept(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Kept]:
    if request.param == "memory":
        feed = ListedFeed()

        async def listed(subject: str) -> None:
            feed.events.append(FeedEvent(len(feed.events) + 1, MORNING, subject, {"department": None}))

        yield Kept(feed, DictHookBook(feed), ListedAccess(), listed)
        return
    if request.param == "postgresql":
        database = await emptied_postgresql(tmp_path)
    else:
        database = await Database.open(tmp_path / "hotline.sqlite3")

    async def put(subject: str) -> None:
        async with database.write() as connection:
            await outbox.put(connection, MORNING, subject, {"department": None})

    yield Kept(SqlFeed(database), SqlHookBook(database), SqlAccessLog(database), put, database)
    await database.close()


async def test_the_feed_is_read_on_from_any_id(kept: Kept) -> None:
    assert (await kept.feed.last(), await kept.feed.after(0, 10), await kept.feed.one(1)) == (0, [], None)
    for n in range(5):
        await kept.tell(f"ticket.{n}")
    events = await kept.feed.after(0, 3)
    assert [event.subject for event in events] == ["ticket.0", "ticket.1", "ticket.2"]
    rest = await kept.feed.after(events[-1].id, 10)
    assert [event.subject for event in rest] == ["ticket.3", "ticket.4"]
    assert await kept.feed.last() == rest[-1].id
    assert await kept.feed.one(rest[0].id) == rest[0]


async def test_a_subscription_is_read_back_as_it_was_given(kept: Kept) -> None:
    await kept.book.add(HOOK)
    assert await kept.book.one("h1") == HOOK
    assert list(await kept.book.all()) == [HOOK]
    assert await kept.book.one("h2") is None
    changed = replace(HOOK, url="http://localhost:2/y", subjects=(), active=False, cursor=7)
    assert await kept.book.put(changed)
    assert await kept.book.one("h1") == changed
    assert not await kept.book.put(replace(HOOK, id="h2"))
    assert await kept.book.remove("h1")
    assert not await kept.book.remove("h1")


async def test_one_process_holds_it_until_it_gives_it_back_or_dies(kept: Kept) -> None:
    await kept.book.add(HOOK)
    assert await kept.book.take("a", MORNING, SOON) is None, "there is nothing to send"
    await kept.tell("ticket.sign")
    taken = await kept.book.take("a", MORNING, SOON)
    assert taken == HOOK
    assert await kept.book.take("b", MORNING, SOON) is None
    assert await kept.book.moved("h1", "a", 0, SOON)
    assert not await kept.book.moved("h1", "b", 1, SOON)
    assert await kept.book.take("b", LATER, LATER + timedelta(minutes=2)) == HOOK
    assert not await kept.book.moved("h1", "a", 1, SOON)
    await kept.book.release(replace(HOOK, cursor=9), "a")
    assert (await kept.book.one("h1")) == HOOK
    last = await kept.feed.last()
    await kept.book.release(replace(HOOK, cursor=last), "b")
    assert await kept.book.take("a", LATER, LATER) is None


async def test_a_failing_one_waits(kept: Kept) -> None:
    await kept.book.add(HOOK)
    await kept.tell("ticket.sign")
    assert await kept.book.take("a", MORNING, SOON)
    failed = replace(HOOK, failures=2, failing_since=MORNING, next_at=LATER, trouble="notify.timeout")
    await kept.book.release(failed, "a")
    assert await kept.book.one("h1") == failed
    assert await kept.book.take("a", SOON, SOON) is None
    assert await kept.book.take("a", LATER, LATER + timedelta(minutes=1)) == failed
    assert await kept.book.moved("h1", "a", 1, LATER)
    assert await kept.book.one("h1") == replace(HOOK, cursor=1)
    await kept.book.release(replace(HOOK, active=False), "a")
    assert await kept.book.take("a", LATER, LATER) is None


async def test_what_is_put_aside_can_be_sent_again(kept: Kept) -> None:
    await kept.book.add(HOOK)
    await kept.book.park("h1", Parked(4, MORNING, "400"))
    await kept.book.park("h1", Parked(3, MORNING, "400"))
    assert [each.event_id for each in await kept.book.parked("h1")] == [3, 4]
    assert await kept.book.take("a", MORNING, SOON) is None
    await kept.book.park("h1", Parked(4, SOON, ""))
    assert (await kept.book.parked("h1"))[1] == Parked(4, SOON, "")
    assert await kept.book.take("a", MORNING, SOON) == HOOK
    await kept.book.unpark("h1", 4)
    assert [each.event_id for each in await kept.book.parked("h1")] == [3]
    assert await kept.book.remove("h1")
    assert list(await kept.book.parked("h1")) == []


async def test_two_processes_never_take_the_same(kept: Kept) -> None:
    for n in range(4):
        await kept.book.add(replace(HOOK, id=f"h{n}"))
    await kept.tell("ticket.sign")
    taken = await asyncio.gather(*(kept.book.take(f"p{n}", MORNING, SOON) for n in range(12)))
    ids = [hook.id for hook in taken if hook]
    assert len(ids) == len(set(ids))


async def test_looks_are_kept_in_order(kept: Kept) -> None:
    no = TicketNo("20261124000001")
    first = Access(MORNING, "seat:8001", no, Looked.VIEW)
    second = Access(SOON, "handler:li", no, Looked.NUMBER, "约上门时间")
    for access in (first, second, Access(SOON, "root", None, Looked.EXPORT, "100")):
        await kept.access.note(access)
    assert list(await kept.access.of_ticket(no)) == [second, first]
    assert list(await kept.access.of_ticket(no, limit=1)) == [second]


@pytest.mark.parametrize("kept", DATABASES, indirect=True)
async def test_a_purge_leaves_what_has_not_been_sent(kept: Kept) -> None:
    assert kept.database is not None
    for _ in range(3):
        await kept.tell("ticket.sign")
    first, *rest = await kept.feed.after(0, 10)
    await Outbox(kept.database).mark_published([first.id, *(event.id for event in rest)])
    await kept.book.add(replace(HOOK, cursor=first.id))
    tomorrow = datetime.now(UTC) + timedelta(days=1)
    assert (await purge(kept.database, tomorrow, tomorrow)).events == 1
    assert await kept.feed.after(0, 10) == rest
    await kept.book.put(replace(HOOK, cursor=first.id, active=False))
    assert (await purge(kept.database, tomorrow, tomorrow)).events == 2


@pytest.mark.integration
async def test_whoever_reads_on_misses_no_event_of_a_slower_writer(tmp_path: Path) -> None:
    """Ids are given out in the order of commits: on PostgreSQL a writer that takes its time must not commit a
    smaller id after a reader has seen a larger one."""
    slow = await emptied_postgresql(tmp_path)
    other = await Database.open(server_url(), tmp_path / "hotline.key")
    feed, seen = SqlFeed(other), list[int]()
    began, go_on = asyncio.Event(), asyncio.Event()

    async def takes_its_time() -> None:
        async with slow.write() as connection:
            await outbox.put(connection, MORNING, "ticket.slow", {})
            began.set()
            await go_on.wait()

    writing = asyncio.create_task(takes_its_time())
    await began.wait()
    async with other.write() as connection:
        await outbox.put(connection, MORNING, "ticket.quick", {})
    seen += [event.id for event in await feed.after(0, 10)]
    go_on.set()
    await writing
    seen += [event.id for event in await feed.after(seen[-1], 10)]
    assert len(seen) == 2
    await other.close()
    await slow.close()
