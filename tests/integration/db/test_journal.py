"""What is kept of a call."""

import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from tests.fakes.clocks import MORNING, HandClock
from tests.fakes.demands import PHONE
from voicebot.adapters.db.calls import SqlCalls, SqlJournal
from voicebot.adapters.db.database import Database
from voicebot.adapters.db.outbox import Outbox
from voicebot.calls.ports import Journal, LineInfo
from voicebot.calls.records import CallMemory, CallReader, TurnRecord
from voicebot.core.errors import VoicebotError
from voicebot.core.ids import CallId
from voicebot.dialogue.events import Keyed
from voicebot.dialogue.told import After, Told

pytestmark = pytest.mark.integration

CALL = CallId("20261124-093011-7f3a")
INFO = LineInfo(CALL, "+86" + PHONE, "12345", "phone", 8000)
TURN = TurnRecord(
    index=0,
    said="社保卡丢了怎么补办",
    confidence=0.93,
    engine="whisper-base",
    keys="",
    meaning="faq 0.91",
    action="answer",
    article="KB001",
    ticket_no=None,
    reply="带身份证到社保卡服务网点补办",
    heard="带身份证到",
    started=5.1,
    ended=7.4,
    replied=8.2,
    interrupted=True,
    stages=(("end_of_turn", 310.0), ("recognise", 402.5)),
)


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    made = await Database.open(tmp_path / "hotline.sqlite3")
    yield made
    await made.close()


@pytest.fixture
def journal(database: Database, clock: HandClock) -> SqlJournal:
    return SqlJournal(database, clock)


@pytest.fixture
def calls(database: Database, clock: HandClock) -> SqlCalls:
    return SqlCalls(database, clock)


async def test_a_whole_call(journal: Journal, calls: CallReader, clock: HandClock) -> None:
    await journal.opened(INFO, "main")
    await journal.turn(CALL, TURN)
    running = await calls.call(CALL)
    assert running is not None
    assert running.ended is None
    clock.pass_(timedelta(minutes=2))
    await journal.rated(CALL, 5)
    await journal.closed(CALL, "caller", "closing", "recordings/a.wav")

    view = await calls.call(CALL)
    assert view is not None
    assert view.turns == (TURN,)
    assert (view.caller, view.dialled, view.channel, view.flow) == ("138****8000", "12345", "phone", "main")
    assert (view.started, view.ended) == (MORNING, MORNING + timedelta(minutes=2))
    assert view.started.utcoffset() == timedelta(hours=8)
    assert (view.reason, view.state, view.score, view.recording) == (
        "caller",
        "closing",
        5,
        "recordings/a.wav",
    )


async def test_the_content_a_call_began_with(journal: Journal, calls: CallReader) -> None:
    await journal.opened(INFO, "main", "r12+trial")
    view = await calls.call(CALL)
    assert view is not None
    assert [view.content] == [one.content for one in await calls.calls(5)] == ["r12+trial"]


async def test_what_the_dialogue_was_told_is_sealed(
    journal: Journal, calls: CallMemory, database: Database, tmp_path: Path
) -> None:
    await journal.opened(INFO, "main")
    told = tuple(Told(Keyed(keys, MORNING), After("main.greet", says=(PHONE,))) for keys in (PHONE, "2"))
    await journal.turn(CALL, TURN, told[:1])
    await journal.turn(CALL, replace(TURN, index=1))
    await journal.turn(CALL, replace(TURN, index=2), told[1:])
    assert await calls.told(CALL) == told
    assert await calls.told(CallId("nobody")) == ()
    assert await calls.replayable(5) == []  # it still runs
    await journal.closed(CALL, "caller", "closing", None)
    assert await calls.replayable(5) == [CALL]
    with closing(sqlite3.connect(tmp_path / "hotline.sqlite3")) as connection:
        assert PHONE not in "\n".join(connection.iterdump())


async def test_every_step_tells_the_outbox(journal: Journal, database: Database) -> None:
    await journal.opened(INFO, "main")
    await journal.turn(CALL, TURN)
    await journal.rated(CALL, 1)
    await journal.closed(CALL, "us", "end", None)
    await journal.closed(CALL, "lost", "", None)
    rows = await Outbox(database).pending(100)
    assert [row.subject for row in rows] == ["call.opened", "call.turn", "call.rated", "call.closed"]
    assert all(row.body["call_id"] == CALL for row in rows)
    assert rows[0].body["caller"] == "138****8000"
    assert rows[1].body["stages"] == {"end_of_turn": 310.0, "recognise": 402.5}
    assert PHONE not in str(rows)
    assert TURN.said not in str(rows)


async def test_numbers_of_people_are_not_readable(
    journal: Journal, calls: CallReader, tmp_path: Path
) -> None:
    await journal.opened(INFO, "main")
    said = {"said": "我的电话幺三八零零零零八零零零", "keys": PHONE, "reply": f"您的电话是{PHONE}"}
    await journal.turn(CALL, TurnRecord(**{n: getattr(TURN, n) for n in TURN.__slots__} | said))
    view = await calls.call(CALL)
    assert view is not None
    assert view.turns[0].said == "我的电话138****8000"
    assert view.turns[0].keys == "138****8000"
    with closing(sqlite3.connect(tmp_path / "hotline.sqlite3")) as connection:
        dump = "\n".join(connection.iterdump())
    assert PHONE not in dump
    assert "幺三八零零零零八零零零" not in dump


async def test_any_text_can_be_stored(journal: Journal, calls: CallReader) -> None:
    odd = "\ud800'; DROP TABLE call; --\x00🚧"
    await journal.opened(LineInfo(CALL, odd, odd, "web", 16000), "main")
    said = dict.fromkeys(("said", "keys", "meaning", "reply", "heard"), odd)
    await journal.turn(CALL, TurnRecord(**{n: getattr(TURN, n) for n in TURN.__slots__} | said))
    view = await calls.call(CALL)
    assert view is not None
    assert view.turns[0].said == "'; DROP TABLE call; --🚧"


async def test_a_withheld_number(journal: Journal, calls: CallReader) -> None:
    await journal.opened(LineInfo(CALL, "", "12345", "web", 16000), "main")
    view = await calls.call(CALL)
    assert view is not None
    assert view.caller == ""


async def test_unknown_calls(journal: Journal, calls: CallReader) -> None:
    assert await calls.call(CALL) is None
    for attempt in (journal.rated(CALL, 5), journal.closed(CALL, "us", "", None)):
        with pytest.raises(VoicebotError, match=r"call\.unknown"):
            await attempt
    with pytest.raises(VoicebotError, match=r"db\."):
        await journal.turn(CALL, TURN)


async def test_a_call_is_opened_once(journal: Journal) -> None:
    await journal.opened(INFO, "main")
    with pytest.raises(VoicebotError, match=r"db\."):
        await journal.opened(INFO, "main")


async def test_paging_newest_first(journal: Journal, calls: CallReader, clock: HandClock) -> None:
    ids = [CallId(f"c{n}") for n in range(7)]
    for n, call_id in enumerate(ids):
        await journal.opened(LineInfo(call_id, "", "12345", "text", 0), "main")
        if n % 2:  # some begin in the same moment
            clock.pass_(timedelta(seconds=1))
    seen: list[CallId] = []
    before: str | None = None
    while page := await calls.calls(3, before):
        seen += [view.call_id for view in page]
        assert all(view.turns == () for view in page)
        before = page[-1].call_id
    assert seen == ids[::-1]
    assert list(await calls.calls(3, "no such call")) == []


async def test_calls_a_crash_left_open_are_closed_as_lost(
    journal: SqlJournal, calls: CallReader, clock: HandClock, database: Database
) -> None:
    await journal.opened(INFO, "main")
    ended = CallId("ended")
    await journal.opened(LineInfo(ended, "", "12345", "text", 0), "main")
    await journal.closed(ended, "us", "end", None)
    clock.pass_(timedelta(minutes=10))
    started = clock.now()
    running = CallId("running")
    clock.pass_(timedelta(seconds=1))
    await journal.opened(LineInfo(running, "", "12345", "text", 0), "main")

    assert await journal.recover(started) == (CALL,)
    assert await journal.recover(started) == ()
    reasons = {view.call_id: (view.reason, view.ended is None) for view in await calls.calls(10)}
    assert reasons == {CALL: ("lost", False), ended: ("us", False), running: ("", True)}
    last = (await Outbox(database).pending(100))[-1]
    assert (last.subject, last.body["call_id"], last.body["reason"]) == ("call.closed", CALL, "lost")


async def test_earlier_calls_of_a_number(journal: SqlJournal, clock: HandClock) -> None:
    assert await journal.earlier(PHONE) == 0
    await journal.opened(INFO, "main")
    assert await journal.earlier(PHONE) == 0  # the call under way
    await journal.closed(CALL, "caller", "ended", None)
    assert await journal.earlier(PHONE) == 1
    assert await journal.earlier(INFO.caller) == 1  # however it is written
    assert await journal.earlier("13900000001") == 0
    assert await journal.earlier("") == 0
    clock.pass_(timedelta(days=8))
    assert await journal.earlier(PHONE) == 0
