"""热点预警, on the dict of tickets and on the real stores: raised once, told once, over when it is over."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.contract.postgresql import emptied_postgresql
from tests.fakes.clocks import HandClock
from tests.fakes.demands import lamp
from tests.fakes.hot_spots import DictHotSpots
from tests.fakes.tickets import DictTicketStore
from voicebot.adapters.db.database import Database
from voicebot.adapters.db.feed import SqlFeed
from voicebot.adapters.db.hot_spots import SqlHotSpots
from voicebot.adapters.db.ticket_suggestions import SqlSuggestions
from voicebot.adapters.db.tickets import SqlTicketStore
from voicebot.operations.comparing import Comparing
from voicebot.operations.hot_spots import HotSpotBook, HotSpotWatch
from voicebot.operations.ports import Account, Role
from voicebot.tickets.deadlines import Deadlines
from voicebot.tickets.hotspots import Level
from voicebot.tickets.lifecycle import accept
from voicebot.tickets.ports import TicketStore
from voicebot.tickets.ticket import Contact

PAI = Account("pai", Role.DISPATCHER)
LI = Account("li", Role.HANDLER, "市城市管理局")


@dataclass
class City:
    store: TicketStore
    book: HotSpotBook
    clock: HandClock
    compare: Callable[[], Awaitable[object]]
    told: Callable[[], Awaitable[list[tuple[str, str]]]]
    """(kind, level) of each event."""

    def __post_init__(self) -> None:
        self.watch = HotSpotWatch(self.book, self.clock)

    async def report(self, *callers: object, **changed: Any) -> None:
        for caller in callers:
            at, demand = self.clock.now(), lamp(call_id=None, **changed)
            due = Deadlines().of(demand.appeal_type, demand.urgency, False, at)
            person = Contact("", "", f"1380000{caller:04}" if caller else "")
            await self.store.create(at.date(), lambda no: accept(no, demand, due, "bot", at), person)  # noqa: B023
        await self.compare()

    async def levels(self) -> list[tuple[str, Level, int]]:
        await self.watch.look()
        return [(each.key.kind, each.level, each.callers) for each in await self.watch.lasting(PAI)]


@pytest.fixture(
    params=[
        "dict",
        pytest.param("sqlite", marks=pytest.mark.integration),
        pytest.param("postgresql", marks=pytest.mark.integration),
    ]
)
async def city(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[City]:
    clock = HandClock()
    if request.param == "dict":
        tickets = DictTicketStore()
        alarms = DictHotSpots(tickets)

        async def listed() -> list[tuple[str, str]]:
            return [(each.key.kind, each.level.value) for each in alarms.told]

        yield City(tickets, alarms, clock, lambda: asyncio.sleep(0), listed)
        return
    if request.param == "postgresql":
        database = await emptied_postgresql(tmp_path)
    else:
        database = await Database.open(tmp_path / "hotline.sqlite3")

    async def published() -> list[tuple[str, str]]:
        found = await SqlFeed(database).after(0, 1000)
        return [(e.body["kind"], e.body["level"]) for e in found if e.subject == "ticket.hot_spot"]

    comparing = Comparing(SqlSuggestions(database), clock)
    yield City(SqlTicketStore(database), SqlHotSpots(database), clock, comparing.work, published)
    await database.close()


async def test_five_callers_are_an_alarm_that_is_told_once_while_it_lasts(city: City) -> None:
    await city.report(1, 2, 3, 4)
    assert await city.levels() == []
    await city.report(4, 5)
    assert await city.levels() == [("路灯", Level.WARNING, 5)]
    await city.report(6)
    assert await city.levels() == [("路灯", Level.WARNING, 6)]
    assert await city.told() == [("路灯", "预警")]
    assert await city.watch.lasting(LI) == ()
    (alarm,) = await city.watch.lasting(PAI)
    assert (alarm.key.name, alarm.reason, alarm.over_at) == ("云江路", "24小时内6人反映", None)


async def test_it_is_over_after_a_day_and_a_new_one_is_told_again(city: City) -> None:
    await city.report(1, 2, 3, 4, 5)
    await city.levels()
    city.clock.pass_(timedelta(hours=25))
    assert await city.levels() == []
    await city.report(1, 2, 3, 4, 5)
    assert await city.levels() == [("路灯", Level.WARNING, 5)]
    assert await city.told() == [("路灯", "预警")] * 2


async def test_hidden_numbers_are_one_caller_and_other_places_do_not_count(city: City) -> None:
    await city.report(0, 0, 0, 1, 2, 3)
    await city.report(7, 8, address="书院街8号", content="书院街8号的路灯坏了")
    await city.report(9, confidential=True)
    assert await city.levels() == []


async def test_more_than_three_times_the_usual(city: City) -> None:
    for day in range(1, 4):
        await city.report(day)
        city.clock.pass_(timedelta(days=1))
    await city.report(101, 102)
    assert await city.levels() == []
    await city.report(103)
    ((_, level, callers),) = await city.levels()
    assert (level, callers) == (Level.WARNING, 3)
    city.clock.pass_(timedelta(days=60))
    assert await city.levels() == []


async def test_twenty_callers_are_a_group_and_nodes_that_look_at_once_tell_once(city: City) -> None:
    await city.report(*range(1, 21))
    others = [HotSpotWatch(city.book, city.clock) for _ in range(3)]
    await asyncio.gather(*(each.look() for each in others))
    assert sorted(await city.told()) == sorted([("路灯", "群诉"), ("路灯", "预警")])
    assert [level for _, level, _ in await city.levels()] == [Level.GROUP, Level.WARNING]
