"""Tickets stamped out for the bench are tickets as the store would have written them."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import select

from tests.contract.postgresql import emptied_postgresql, server_url
from tests.unit.benches.towns import TOWN
from voicebot.adapters.db import dialect
from voicebot.adapters.db.database import Database
from voicebot.adapters.db.schema import (
    metadata,
    ticket,
    ticket_clock,
    ticket_index_format,
    ticket_key,
    ticket_unit,
)
from voicebot.adapters.db.ticket_index import TicketIndex
from voicebot.adapters.db.ticket_lists import SqlTicketLists
from voicebot.adapters.db.tickets import SqlTicketStore
from voicebot.adapters.wall_clock import WallClock
from voicebot.cli.benches.tickets_loading import load_postgresql, load_sqlite
from voicebot.cli.benches.tickets_stamps import POSTGRESQL, SQLITE, Press
from voicebot.core.ids import TicketNo
from voicebot.tickets.lifecycle import rebuild
from voicebot.tickets.listing import Filter

pytestmark = pytest.mark.integration

COUNT = 150
TODAY = date(2026, 11, 25)


@pytest.fixture(params=["sqlite", "postgresql"])
async def database(request: pytest.FixtureRequest, tmp_path: Path) -> Any:
    """`COUNT` stamped tickets."""
    where = str(tmp_path / "hotline.sqlite3") if request.param == "sqlite" else server_url()
    if request.param == "postgresql":
        await (await emptied_postgresql(tmp_path)).close()
    opened = await Database.open(where, tmp_path / "hotline.key")
    script = SQLITE if request.param == "sqlite" else POSTGRESQL
    press = Press(TOWN, opened.vault, script, patterns=30, callers=9, seed=3)
    days = press.days(COUNT, TODAY)
    await opened.close()
    if request.param == "sqlite":
        assert load_sqlite(Path(where), press.columns, days, script, lambda _: None) == COUNT
    else:
        url = dialect.url_of(where)
        assert await load_postgresql(url, press.columns, days, lambda _: None) == COUNT
    opened = await Database.open(where, tmp_path / "hotline.key")
    yield opened
    await opened.close()


async def test_they_are_as_the_store_writes_them(database: Database) -> None:
    await _assert_what_their_events_tell(database)
    async with database.read() as connection:
        assert await connection.run_sync(_missing) == []
    lists = SqlTicketLists(database, WallClock())
    before = await _index(database), await _found(lists)
    async with database.write() as connection:
        await connection.execute(ticket_index_format.update().values(format="0"))
        assert await TicketIndex(database.vault).renew(connection) == COUNT
    assert (await _index(database), await _found(lists)) == before


async def _assert_what_their_events_tell(database: Database) -> None:
    store = SqlTicketStore(database)
    async with database.read() as connection:
        numbers = (await connection.execute(select(ticket.c.ticket_no))).scalars().all()
    assert len(numbers) == COUNT
    for number in numbers[::7]:
        events = await store.events(TicketNo(number))
        assert rebuild(events) == await store.ticket(TicketNo(number))
        contact = await store.contact(TicketNo(number))
        assert contact is not None
        assert contact.phone.startswith("138")
        assert number in [one.ticket_no for one in await store.of_caller(contact.phone, limit=COUNT)]


def _missing(connection: Any) -> list[Any]:
    """Indexes and constraints that were not made again."""
    found = compare_metadata(MigrationContext.configure(connection), metadata)
    return [one for one in found if one[0] in ("add_index", "add_constraint", "add_fk")]


async def _index(database: Database) -> list[Any]:
    async with database.read() as connection:
        return [
            sorted(map(tuple, await connection.execute(select(table))), key=repr)
            for table in (ticket_key, ticket_clock, ticket_unit)
        ]


async def _found(lists: SqlTicketLists) -> list[Any]:
    texts = ("路灯", "翠湖路 工资", "打桩", "100", "38栋")
    return [
        [one.ticket_no for one in (await lists.page(Filter(text=text), limit=COUNT)).tickets]
        for text in texts
    ]
