"""The access log: paged, filtered, and the alarm when one account looks at too many people."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from tests.contract.postgresql import emptied_postgresql, server_url
from tests.fakes.clocks import MORNING, HandClock
from tests.fakes.demands import lamp
from tests.fakes.ticket_access import ListedAccess
from voicebot.adapters.db.database import Database
from voicebot.adapters.db.schema import outbox
from voicebot.adapters.db.ticket_access import SqlAccessLog
from voicebot.adapters.db.tickets import SqlTicketStore
from voicebot.core.ids import CallId, TicketNo
from voicebot.operations.ticket_access import Access, AccessLog, AccessWanted, Looked, WatchOptions
from voicebot.operations.ticket_desk import TicketDesk

WATCH = WatchOptions(minutes=10, persons=3, views=5, exports=1)
BOTH = [
    pytest.param("sqlite", marks=pytest.mark.integration),
    pytest.param("postgresql", marks=pytest.mark.integration),
]


async def opened(kind: str, folder: Path) -> Database:
    return await (
        emptied_postgresql(folder) if kind == "postgresql" else Database.open(folder / "hotline.sqlite3")
    )


@pytest.fixture(params=BOTH)
async def database(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Database]:
    made = await opened(request.param, tmp_path)
    yield made
    await made.close()


@pytest.fixture(params=["memory", *BOTH])
async def log(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[AccessLog]:
    if request.param == "memory":
        yield ListedAccess()
        return
    made = await opened(request.param, tmp_path)
    yield SqlAccessLog(made, WATCH)
    await made.close()


def look(n: int, what: Looked = Looked.VIEW, who: str = "seat:8001", **more: Any) -> Access:
    at = more.pop("at", MORNING + timedelta(seconds=n))
    return Access(at, who, TicketNo(f"20261124{n:06d}"), what, **more)


async def test_the_log_is_paged_and_filtered(log: AccessLog) -> None:
    looks = [look(n) for n in range(1, 6)]
    looks.append(look(6, Looked.RECORDING, "supervisor:he", why="复核", call_id=CallId("c1")))
    for each in looks:
        await log.note(each)
    seen: list[Access] = []
    before: int | None = None
    while True:
        page = await log.page(AccessWanted(), limit=4, before=before)
        seen += page.items
        if (before := page.following) is None:
            break
    assert seen == looks[::-1]
    for wanted, expected in (
        (AccessWanted(who="he"), looks[5:]),
        (AccessWanted(who="supervisor:he"), looks[5:]),
        (AccessWanted(who="e"), []),
        (AccessWanted(ticket_no=looks[2].ticket_no), [looks[2]]),
        (AccessWanted(call_id=CallId("c1")), looks[5:]),
        (AccessWanted(what=Looked.RECORDING), looks[5:]),
        (AccessWanted(since=looks[4].at), looks[:3:-1]),
        (AccessWanted(until=looks[1].at), [looks[0]]),
    ):
        assert list((await log.page(wanted)).items) == expected


async def alarms(database: Database) -> list[dict[str, Any]]:
    query = select(outbox.c.body).where(outbox.c.subject == "privacy.bulk_read").order_by(outbox.c.id)
    async with database.read() as connection:
        return [dict(body) for body in (await connection.execute(query)).scalars()]


async def test_many_people_in_the_clear_raise_one_alarm_a_window(database: Database) -> None:
    log = SqlAccessLog(database, WATCH)
    for n in range(3):
        for _ in range(4):  # the same person again and again is one person
            await log.note(look(n, Looked.NUMBER))
    assert await alarms(database) == []
    for n in range(3, 8):
        await log.note(look(n, Looked.NUMBER))
    (told,) = await alarms(database)
    assert told == {"who": "seat:8001", "persons": 4, "views": 4, "exports": 0, "minutes": 10}
    assert log.alarms == 1
    await log.note(look(9, Looked.NUMBER, "seat:8002"))  # another account has its own count
    assert log.alarms == 1
    for n in range(10, 14):
        await log.note(look(n, Looked.NUMBER, at=MORNING + timedelta(minutes=11, seconds=n)))
    assert len(await alarms(database)) == 2


async def test_views_and_exports_have_limits_of_their_own(database: Database) -> None:
    log = SqlAccessLog(database, WATCH)
    for n in range(5):
        await log.note(look(n))
    assert log.alarms == 0
    await log.note(look(5))
    assert log.alarms == 1
    for _ in range(2):
        await log.note(Access(MORNING, "dispatcher:pai", None, Looked.EXPORT, "全部"))
    assert log.alarms == 2


async def test_several_tickets_of_one_person_are_one_person(database: Database) -> None:
    desk, log = TicketDesk(SqlTicketStore(database), HandClock()), SqlAccessLog(database, WATCH)
    for n in range(6):
        demand = lamp(call_id=None, address=f"云江路{n}号", content=f"第{n}件事", title=f"第{n}件")
        no = (await desk.file(demand)).ticket_no
        await log.note(Access(MORNING, "seat:8001", no, Looked.NUMBER, "回电"))
    assert log.alarms == 0


@pytest.mark.integration
async def test_two_processes_raise_it_once(tmp_path: Path) -> None:
    one = await emptied_postgresql(tmp_path)
    two = await Database.open(server_url(), tmp_path / "hotline.key")
    logs = [SqlAccessLog(one, WATCH), SqlAccessLog(two, WATCH)]
    await asyncio.gather(*(logs[n % 2].note(look(n, Looked.NUMBER)) for n in range(30)))
    assert len(await alarms(one)) == 1
    assert sum(log.alarms for log in logs) == 1
    await one.close()
    await two.close()
