"""The port `UnansweredBook`: what was asked in vain is counted, masked, listed and marked."""

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from tests.contract.postgresql import emptied_postgresql
from tests.fakes.clocks import MORNING, HandClock
from tests.fakes.unanswered import MemoryUnanswered
from voicebot.adapters.db.calls import SqlJournal
from voicebot.adapters.db.database import Database
from voicebot.adapters.db.keeping import purge
from voicebot.adapters.db.outbox import Outbox
from voicebot.adapters.db.unanswered import MARKED, NOTED, SqlUnanswered
from voicebot.core.answer import Gap
from voicebot.core.errors import VoicebotError
from voicebot.core.ids import ArticleId, CallId
from voicebot.dialogue.effects import NoteUnanswered
from voicebot.operations.unanswered import WORDINGS, Asked, Standing, Unanswered, UnansweredBook

BEES = Asked("养蜜蜂要办证吗", Gap.NO_ANSWER, ArticleId("KB001"), 0.12, "c1", MORNING)

Add = Callable[[Asked], Awaitable[None]]


class Store:
    """The book under test, and how a call adds to it."""

    def __init__(self, book: UnansweredBook, add: Add) -> None:
        self.book = book
        self.add = add


@pytest.fixture(
    params=[
        "memory",
        pytest.param("sqlite", marks=pytest.mark.integration),
        pytest.param("postgresql", marks=pytest.mark.integration),
    ]
)
async def store(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Store]:
    if request.param == "memory":
        memory = MemoryUnanswered()

        async def add(asked: Asked) -> None:
            memory.add(asked)

        yield Store(memory, add)
        return
    if request.param == "postgresql":
        database = await emptied_postgresql(tmp_path)
    else:
        database = await Database.open(tmp_path / "hotline.sqlite3")
    yield stored(database)
    await database.close()


def stored(database: Database) -> Store:
    clock = HandClock()
    journal = SqlJournal(database, clock)

    async def add(asked: Asked) -> None:
        clock.at = asked.at
        noted = NoteUnanswered(asked.question, asked.gap, asked.article, asked.score)
        await journal.unanswered(CallId(asked.call_id), noted)

    return Store(SqlUnanswered(database, clock), add)


async def test_one_question_however_it_is_put(store: Store) -> None:
    later = MORNING + timedelta(hours=2)
    await store.add(BEES)
    await store.add(replace(BEES, question="请问一下，养蜜蜂要办证吗？", call_id="c2", at=later))
    await store.add(replace(BEES, question="无人机在哪里能飞"))
    found = await store.book.list(None, 10)
    assert [one.times for one in found] == [2, 1]
    bees = found[0]
    assert bees.wordings == ("养蜜蜂要办证吗", "请问一下，养蜜蜂要办证吗？")
    assert (bees.question, bees.call_id) == ("请问一下，养蜜蜂要办证吗？", "c2")
    assert (bees.first, bees.last) == (MORNING, later)
    assert (bees.gap, bees.article, bees.score) == (Gap.NO_ANSWER, "KB001", 0.12)
    assert bees.standing is Standing.NEW


async def test_numbers_of_people_are_masked(store: Store) -> None:
    await store.add(replace(BEES, question="我的电话13800008000，身份证110101199003071234，能查吗"))
    (found,) = await store.book.list(None, 10)
    text = found.question + "".join(found.wordings)
    assert "13800008000" not in text
    assert "110101199003071234" not in text


@pytest.mark.parametrize("nothing", ["", "   ", "？！", "\x00"])
async def test_nothing_asked_is_nothing_kept(store: Store, nothing: str) -> None:
    await store.add(replace(BEES, question=nothing))
    assert await store.book.list(None, 10) == []


async def test_only_some_wordings_are_kept(store: Store) -> None:
    for count in range(WORDINGS + 4):
        await store.add(replace(BEES, question="养蜜蜂要办证吗" + "啊" * count))
    (found,) = await store.book.list(None, 10)
    assert (found.times, len(found.wordings)) == (WORDINGS + 4, WORDINGS)


async def test_what_the_owner_made_of_it(store: Store) -> None:
    await store.add(BEES)
    await store.add(replace(BEES, question="无人机在哪里能飞"))
    first, second = await store.book.list(None, 10)
    await store.book.mark(first.id, Standing.MADE, "admin")
    ignored = await store.book.mark(second.id, Standing.IGNORED, "admin")
    assert (ignored.standing, ignored.changed_by) == (Standing.IGNORED, "admin")
    assert await store.book.list(Standing.NEW, 10) == []
    await store.add(replace(BEES, question=first.question))
    await store.add(replace(BEES, question=second.question))
    assert [one.id for one in await store.book.list(Standing.NEW, 10)] == [first.id]
    assert [one.id for one in await store.book.list(Standing.IGNORED, 10)] == [second.id]


async def test_unknown_number(store: Store) -> None:
    with pytest.raises(VoicebotError) as error:
        await store.book.mark(7, Standing.MADE, "admin")
    assert error.value.code == "unanswered.unknown"


async def test_pages(store: Store) -> None:
    for count, word in enumerate("天地人火水土"):
        for _ in range(1 + count // 2):
            await store.add(replace(BEES, question=f"{word}怎么办"))
    seen: list[Unanswered] = []
    after = None
    while page := await store.book.list(None, 2, after):
        seen += page
        after = (page[-1].times, page[-1].id)
    assert seen == list(await store.book.list(None, 100))
    assert [one.times for one in seen] == [3, 3, 2, 2, 1, 1]


@pytest.mark.integration
async def test_events_and_retention(tmp_path: Path) -> None:
    database = await Database.open(tmp_path / "hotline.sqlite3")
    store = stored(database)
    await store.add(BEES)
    await store.add(replace(BEES, question="无人机在哪里能飞", at=MORNING + timedelta(days=2)))
    old, fresh = sorted(await store.book.list(None, 10), key=lambda one: one.last)
    await store.book.mark(old.id, Standing.IGNORED, "admin")
    events = await Outbox(database).pending(10)
    assert [event.subject for event in events] == [NOTED, NOTED, MARKED]
    assert "蜜蜂" not in str([event.body for event in events])
    done = await purge(database, MORNING + timedelta(days=1), MORNING)
    assert done.questions == 1
    assert list(await store.book.list(None, 10)) == [fresh]
    await database.close()
