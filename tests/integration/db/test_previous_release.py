"""Tickets that the previous release stored (revision 0004) are opened, told and carried on by this one."""

import base64
import hashlib
import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, MetaData, create_engine, select
from sqlalchemy.ext.asyncio import create_async_engine

from tests.contract.postgresql import server_url
from tests.fakes.clocks import MORNING, HandClock
from tests.fakes.demands import lamp
from voicebot.adapters.db import upgrade
from voicebot.adapters.db.database import Database
from voicebot.adapters.db.tickets import SqlTicketStore
from voicebot.core.errors import VoicebotError
from voicebot.core.ids import CallId, DepartmentName, TicketNo
from voicebot.operations.ticket_desk import TicketDesk
from voicebot.tickets.given import Given
from voicebot.tickets.lifecycle import rebuild, transition
from voicebot.tickets.state import State
from voicebot.tickets.ticket import Contact, Ticket, TicketAction, TicketEvent

pytestmark = pytest.mark.integration

DUMP = Path(__file__).parent / "release_0004.sql"
STORED = 14
NOW = MORNING + timedelta(hours=9)
LATER = MORNING + timedelta(days=60)
A = TicketAction


def write_key_file(path: Path) -> None:
    """The key that the dump is sealed with; of no use elsewhere."""

    def key(name: str) -> str:
        return base64.urlsafe_b64encode(
            hashlib.sha256(f"previous release, {name}".encode()).digest()
        ).decode()

    path.write_text(f"search {key('search')}\nseal {key('seal')}\n")


def as_sqlite(folder: Path) -> Path:
    path = folder / "hotline.sqlite3"
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(DUMP.read_text("utf-8"))
    return path


def rows_of(path: Path) -> dict[str, list[dict[str, Any]]]:
    """Every table that holds something, in an order that foreign keys allow; moments in UTC."""

    def plain(value: Any) -> Any:
        return value.replace(tzinfo=UTC) if isinstance(value, datetime) else value

    engine = create_engine(f"sqlite:///{path}")
    tables = MetaData()
    tables.reflect(engine)
    with engine.connect() as connection:
        found = {
            table.name: [
                {name: plain(value) for name, value in row.items()}
                for row in connection.execute(select(table)).mappings()
            ]
            for table in tables.sorted_tables
            if table.name != "alembic_version"
        }
    engine.dispose()
    return {name: rows for name, rows in found.items() if rows}


async def into_postgresql(rows: dict[str, list[dict[str, Any]]]) -> str:
    """The rows in tables that revision 0004 made on the server, which counts events itself."""
    url = server_url()
    events = [{name: value for name, value in row.items() if name != "id"} for row in rows["outbox"]]
    engine = create_async_engine(url)

    def fill(connection: Connection) -> None:
        config = Config(attributes={"connection": connection})
        config.set_main_option("script_location", str(upgrade.SCRIPTS))
        command.upgrade(config, "0004")
        tables = MetaData()
        tables.reflect(connection)
        for name, content in (rows | {"outbox": events}).items():
            connection.execute(tables.tables[name].insert(), content)

    async with engine.begin() as connection:
        await connection.exec_driver_sql("DROP SCHEMA public CASCADE")
        await connection.exec_driver_sql("CREATE SCHEMA public")
        await connection.run_sync(fill)
    await engine.dispose()
    return url


@pytest.fixture(params=["sqlite", "postgresql"])
async def opened(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Database]:
    key_file = tmp_path / "hotline.key"
    write_key_file(key_file)
    where: str | Path = as_sqlite(tmp_path)
    if request.param == "postgresql":
        where = await into_postgresql(rows_of(Path(where)))
    database = await Database.open(where, key_file)
    yield database
    await database.close()


def number(serial: int) -> TicketNo:
    return TicketNo(f"20261124{serial:06d}")


async def all_of(store: SqlTicketStore) -> dict[State, Ticket]:
    found = [await store.ticket(number(serial)) for serial in range(1, STORED + 1)]
    return {ticket.state: ticket for ticket in found if ticket is not None}


async def test_every_row_is_what_its_history_tells(opened: Database) -> None:
    store = SqlTicketStore(opened)
    tickets = await all_of(store)
    assert set(tickets) == set(State) - {State.DRAFT, State.SIGNED}
    for ticket in tickets.values():
        events = await store.events(ticket.ticket_no)
        assert rebuild(events) == ticket
        assert len(events) == ticket.version
        assert await store.hidden(ticket.ticket_no)
    assert await store.contact(number(1)) == Contact("王小明", "13800000000", "13900000000")
    assert tickets[State.EXTENDED].extended
    assert tickets[State.CLOSED].rating == 2


def step(action: TicketAction, given: Given, ticket: Ticket) -> tuple[Ticket, TicketEvent]:
    return transition(ticket, action, "handler:li", NOW, "理由", given)


async def test_every_open_one_can_be_carried_on(opened: Database) -> None:
    store = SqlTicketStore(opened)
    tickets = await all_of(store)
    to = Given(department=DepartmentName("市交通局"), sign_due=LATER)
    further = [
        (State.ACCEPTED, A.ANSWER, Given(reply="工作日办理")),
        (State.PENDING_DISPATCH, A.DESIGNATE, to),
        (State.DISPATCHED, A.RETURN, Given(return_ground="三定方案")),
        (State.RETURNED, A.DISPATCH, to),
        (State.IN_PROGRESS, A.ASK_EXTENSION, Given(until=LATER)),
        (State.EXTENDED, A.REPLY, Given(reply="修好了")),
        (State.REPLIED, A.CLOSE, Given()),
        (State.CLOSED, A.REDO, Given(due_at=LATER)),
        (State.CALLBACK, A.CALLED_BACK, Given(reached=True, solved=True, rating=5)),
        (State.REDO, A.START, Given()),
        (State.MERGED, A.ARCHIVE, Given()),
        (State.ARCHIVED, A.OBJECT, Given()),
    ]
    for state, action, given in further:
        no = tickets[state].ticket_no
        done, _ = await store.change(no, lambda t, a=action, g=given: step(a, g, t))  # type: ignore[misc]
        assert await store.ticket(no) == done
        assert rebuild(await store.events(no)) == done
    with pytest.raises(VoicebotError, match="不能撤销并单"):
        await store.change(tickets[State.MERGED].ticket_no, lambda t: step(A.UNMERGE, Given(), t))


async def test_numbers_go_on_without_gap(opened: Database) -> None:
    receipt = await TicketDesk(SqlTicketStore(opened), HandClock()).file(lamp(call_id=CallId("new")))
    assert receipt.ticket_no == number(STORED + 1)
