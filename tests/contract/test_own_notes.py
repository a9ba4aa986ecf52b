"""The port `OwnNotes`, on both databases and in memory."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from tests.contract.postgresql import emptied_postgresql
from tests.fakes.clocks import HandClock
from tests.fakes.own_notes import MemoryOwnNotes
from voicebot.adapters.db.database import Database
from voicebot.adapters.db.own_notes import SqlOwnNotes
from voicebot.adapters.db.schema import own_note
from voicebot.core.errors import VoicebotError
from voicebot.operations.own_notes import LONGEST, MOST, Note, OwnNotes

pytestmark = pytest.mark.integration


@dataclass
class Place:
    notes: OwnNotes
    clock: HandClock
    database: Database | None


@pytest.fixture(params=["memory", "sqlite", "postgresql"])
async def place(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Place]:
    clock = HandClock()
    if request.param == "memory":
        yield Place(MemoryOwnNotes(clock), clock, None)
        return
    if request.param == "postgresql":
        database = await emptied_postgresql(tmp_path)
    else:
        database = await Database.open(tmp_path / "hotline.sqlite3")
    yield Place(SqlOwnNotes(database, clock), clock, database)
    await database.close()


async def test_the_last_one_counts_and_each_account_has_its_own(place: Place) -> None:
    notes = place.notes
    await notes.put("li", "draft:1", {"reply": "查过了"})
    place.clock.pass_(timedelta(minutes=1))
    at = await notes.put("li", "draft:1", {"reply": "查过了，明天修"})
    assert await notes.get("li", "draft:1") == Note("draft:1", {"reply": "查过了，明天修"}, at)
    assert await notes.get("wang", "draft:1") is None
    await notes.drop("wang", "draft:1")
    assert await notes.get("li", "draft:1") is not None
    await notes.drop("li", "draft:1")
    await notes.drop("li", "draft:1")
    assert await notes.get("li", "draft:1") is None


async def test_those_below_a_name_newest_first(place: Place) -> None:
    for key in ("filter:1", "filter:2", "filter_3", "draft:1"):
        await place.notes.put("li", key, {"key": key})
        place.clock.pass_(timedelta(seconds=1))
    await place.notes.put("wang", "filter:9", {})
    assert [note.key for note in await place.notes.below("li", "filter:")] == ["filter:2", "filter:1"]
    assert [note.key for note in await place.notes.below("li", "filter_")] == ["filter_3"]


async def test_what_is_too_long_or_too_much_is_refused(place: Place) -> None:
    with pytest.raises(VoicebotError, match="太长") as error:
        await place.notes.put("li", "draft:1", {"reply": "长" * LONGEST})
    assert error.value.code == "notes.too_long"
    for key in ("", "k" * 121):
        with pytest.raises(VoicebotError) as error:
            await place.notes.put("li", key, {})
        assert error.value.code == "notes.key"
    assert await place.notes.below("li", "") == []


async def test_one_account_cannot_fill_the_store(place: Place) -> None:
    for number in range(MOST):
        await place.notes.put("li", f"draft:{number}", {})
    with pytest.raises(VoicebotError) as error:
        await place.notes.put("li", "draft:more", {})
    assert error.value.code == "notes.too_many"
    await place.notes.put("li", "draft:1", {"changed": True})
    await place.notes.put("wang", "draft:1", {})


@pytest.mark.parametrize("place", ["sqlite", "postgresql"], indirect=True)
async def test_what_is_kept_cannot_be_read_in_the_database(place: Place) -> None:
    assert place.database is not None
    await place.notes.put("li", "draft:1", {"reply": "请打13800008000"})
    async with place.database.read() as connection:
        (kept,) = (await connection.execute(select(own_note.c.body_enc))).scalars()
    assert b"13800008000" not in kept
