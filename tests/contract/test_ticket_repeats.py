"""The port `TicketRepeats`: open tickets of one matter are found on both databases, closed ones are not."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from tests.contract.postgresql import emptied_postgresql
from tests.fakes.clocks import MORNING
from tests.fakes.demands import lamp
from voicebot.adapters.db import ticket_repeats
from voicebot.adapters.db.database import Database
from voicebot.adapters.db.ticket_repeats import SqlTicketRepeats
from voicebot.adapters.db.tickets import SqlTicketStore
from voicebot.tickets.deadlines import Deadlines
from voicebot.tickets.fingerprints import fingerprint
from voicebot.tickets.lifecycle import accept, transition
from voicebot.tickets.ticket import Contact, Ticket, TicketAction

pytestmark = pytest.mark.integration


async def _file(store: SqlTicketStore, **changed: Any) -> Ticket:
    demand = lamp(**changed)
    due = Deadlines().of(demand.appeal_type, demand.urgency, False, MORNING)
    contact = Contact("王小明", "13800000000", "")
    made, _ = await store.create(MORNING.date(), lambda no: accept(no, demand, due, "bot", MORNING), contact)
    return made


@pytest.fixture(params=["sqlite", "postgresql"])
async def database(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Database]:
    if request.param == "postgresql":
        opened = await emptied_postgresql(tmp_path)
    else:
        opened = await Database.open(tmp_path / "hotline.sqlite3")
    yield opened
    await opened.close()


async def test_open_tickets_of_one_matter_come_newest_first(database: Database) -> None:
    store, repeats = SqlTicketStore(database), SqlTicketRepeats(database)
    first, second = await _file(store), await _file(store)

    found = await repeats.candidates(fingerprint(lamp()))

    assert [one.ticket_no for one in found] == [second.ticket_no, first.ticket_no]
    assert len(await repeats.candidates(fingerprint(lamp()), limit=1)) == 1


async def test_a_ticket_that_is_no_longer_open_is_not_found(database: Database) -> None:
    store, repeats = SqlTicketStore(database), SqlTicketRepeats(database)
    made = await _file(store)
    await store.change(
        made.ticket_no, lambda t: transition(t, TicketAction.CANCEL, "caller", MORNING, "诉求人撤单")
    )

    assert await repeats.candidates(fingerprint(lamp())) == ()


async def test_of_what_very_many_share_the_newest_count(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    store, repeats = SqlTicketStore(database), SqlTicketRepeats(database)
    made = [await _file(store) for _ in range(4)]
    monkeypatch.setattr(ticket_repeats, "COMMON", 2)
    ticket_repeats._sharing.cache_clear()
    found = await repeats.candidates(fingerprint(lamp()))
    ticket_repeats._sharing.cache_clear()

    assert [one.ticket_no for one in found] == [made[3].ticket_no, made[2].ticket_no]


async def test_without_keys_nothing_is_found(database: Database) -> None:
    await _file(SqlTicketStore(database))

    assert await SqlTicketRepeats(database).candidates(()) == ()
