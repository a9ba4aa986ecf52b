"""The demonstration comes and goes on both databases and leaves everything else as it was."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import func, select

from tests.contract.postgresql import emptied_postgresql
from tests.fakes.clocks import MORNING, HandClock
from tests.fakes.demands import PHONE, lamp
from voicebot.adapters.db.database import Database
from voicebot.adapters.db.demo import remove
from voicebot.adapters.db.schema import (
    call,
    call_turn,
    callback,
    metadata,
    outbox,
    ticket_serial,
)
from voicebot.adapters.db.ticket_lists import SqlTicketLists
from voicebot.adapters.db.tickets import SqlTicketStore
from voicebot.bootstrap.demo import show
from voicebot.core.errors import VoicebotError
from voicebot.operations.ticket_desk import TicketDesk
from voicebot.tickets.listing import Filter

pytestmark = pytest.mark.integration
_STAYS = {outbox.name, ticket_serial.name}
"""What was told is told, and numbers of past days are not given twice."""


@pytest.fixture(params=["sqlite", "postgresql"])
async def database(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Database]:
    if request.param == "postgresql":
        made = await emptied_postgresql(tmp_path)
    else:
        made = await Database.open(tmp_path / "hotline.sqlite3")
    yield made
    await made.close()


async def sizes(database: Database) -> dict[str, int]:
    async with database.read() as connection:
        tables = [table for table in metadata.sorted_tables if table.name not in _STAYS]
        return {t.name: (await connection.scalar(select(func.count()).select_from(t))) or 0 for t in tables}


async def test_it_comes_rings_nobody_and_goes_without_a_trace(database: Database) -> None:
    clock = HandClock(MORNING)
    lists = SqlTicketLists(database, clock)
    receipt = await TicketDesk(SqlTicketStore(database), clock).file(lamp(phone=PHONE))
    before = await sizes(database)
    with pytest.raises(VoicebotError, match="1 件真实工单"):
        await show(database, clock, 30)
    assert await show(database, clock, 30, beside=True) == 30
    with pytest.raises(VoicebotError, match="30 件演示工单"):
        await show(database, clock, 30, beside=True)
    shown = await sizes(database)
    assert shown[callback.name] == before[callback.name]
    assert shown[call.name] == 10
    assert shown[call_turn.name] == 40
    assert len((await lists.page(Filter(text="滨河路"))).tickets) > 0
    gone = await remove(database)
    assert (gone.tickets, gone.calls) == (30, 10)
    assert await sizes(database) == before
    (left,) = (await lists.page(Filter())).tickets
    assert left.ticket_no == receipt.ticket_no
    assert (await lists.page(Filter(text="滨河路"))).tickets == ()
    assert (await remove(database)).tickets == 0
