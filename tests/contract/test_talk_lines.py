"""The port `TalkLines`, on both databases; lines are written by the journal of a call."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select

from tests.contract.postgresql import emptied_postgresql
from tests.fakes.clocks import MORNING, HandClock
from voicebot.adapters.db.calls import SqlJournal
from voicebot.adapters.db.database import Database
from voicebot.adapters.db.keeping import purge
from voicebot.adapters.db.schema import outbox, talk_line
from voicebot.adapters.db.talk_lines import SqlTalkLines
from voicebot.calls.ports import LineInfo
from voicebot.core.ids import CallId
from voicebot.operations.talk_lines import Speaker, TalkLine, TalkLines

pytestmark = pytest.mark.integration

CALL = CallId("20261124-093011-7f3a")
SAID = TalkLine(CALL, 0, Speaker.PERSON, "您好，请讲", 61.5, 63.0, 0.9)
TOLD = TalkLine(CALL, 1, Speaker.CALLER, "我的电话是13912345678", 63.5, 66.0, 0.8)
LEFT_OUT = TalkLine(CALL, 2, Speaker.CALLER, "", 67.0, 69.0, 0.0)


@dataclass
class Place:
    lines: TalkLines
    journal: SqlJournal
    database: Database


@pytest.fixture(params=["sqlite", "postgresql"])
async def place(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Place]:
    if request.param == "postgresql":
        database = await emptied_postgresql(tmp_path)
    else:
        database = await Database.open(tmp_path / "hotline.sqlite3")
    journal = SqlJournal(database, HandClock())
    await journal.opened(LineInfo(CALL, "", "12345", "phone", 8000), "main")
    yield Place(SqlTalkLines(database), journal, database)
    await database.close()


async def test_lines_are_read_on_from_any_of_them(place: Place) -> None:
    for line in (SAID, TOLD, LEFT_OUT):
        await place.journal.spoken(line)
    assert list(await place.lines.lines(CALL)) == [SAID, TOLD, LEFT_OUT]
    assert list(await place.lines.lines(CALL, after=0)) == [TOLD, LEFT_OUT]
    assert list(await place.lines.lines(CallId("another"))) == []
    assert LEFT_OUT.dropped


async def test_their_words_stand_nowhere_in_the_open(place: Place) -> None:
    await place.journal.spoken(TOLD)
    async with place.database.read() as connection:
        sealed = (await connection.execute(select(talk_line.c.text_enc))).scalars().one()
        body = (
            (await connection.execute(select(outbox.c.body).where(outbox.c.subject == "talk.line")))
            .scalars()
            .one()
        )
    assert b"1391234" not in sealed
    assert body == {"call_id": CALL, "index": 1, "who": "caller", "dropped": False}


async def test_they_go_with_their_call(place: Place) -> None:
    await place.journal.spoken(SAID)
    await place.journal.closed(CALL, "caller", "closing", None)
    later = MORNING + timedelta(days=400)
    assert (await purge(place.database, later, later)).calls == 1
    async with place.database.read() as connection:
        assert (await connection.execute(select(func.count()).select_from(talk_line))).scalar_one() == 0
