"""An article with another question serves at once, and what it teaches later; the real store and process."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from tests.peers.hotline import eventually
from voicebot.adapters.db.content import SqlContentStore
from voicebot.adapters.db.database import FILE_NAME, Database
from voicebot.adapters.files.content import read_texts
from voicebot.adapters.wall_clock import WallClock
from voicebot.bootstrap.brain import BrainMaker, check_with, user_shelf
from voicebot.bootstrap.live import LiveBrain
from voicebot.bootstrap.study import in_a_process
from voicebot.bootstrap.teaching import Study, WithOld
from voicebot.core.errors import VoicebotError
from voicebot.operations.content import Change
from voicebot.operations.publishing import Publisher
from voicebot.understanding.learned import Lesson

pytestmark = [pytest.mark.integration, pytest.mark.timeout(240)]

ROOT = Path(__file__).parents[3]
ARTICLES = "knowledge_base/articles/"
EXAMPLES = "knowledge_base/examples/"
FEW = ("chitchat.yaml", "human.yaml", "rating.yaml")
"""Example files to learn from: all of them take a minute on a busy machine."""
QUESTION = "蓝印花布的印坊要挂什么样的牌子"
LIVE_WITHIN = 1.0
AT = datetime(2026, 11, 24, 9, 30, tzinfo=ZoneInfo("Asia/Shanghai"))


class Hotline:
    """What the line process wires, without lines."""

    def __init__(self, store: SqlContentStore) -> None:
        shelf = user_shelf()
        self.teacher = WithOld(shelf, "test", leads=True)
        maker = BrainMaker(shelf=shelf, teacher=self.teacher)
        self.store = store
        self.live = LiveBrain(store, maker.from_texts)
        self.study = Study(self.teacher, in_a_process, self.live.renew)
        self.publisher = Publisher(store, check_with(maker))

    async def ask(self, question: str) -> float:
        """Publishes the first article with one more question; seconds of CPU until it serves, so that other
        work on the machine does not count."""
        live = await self.store.live()
        path = min(path for path in live.texts if path.startswith(ARTICLES))
        text = with_question(live.texts[path], question)
        began = time.process_time()
        await self.publisher.publish(path, text, base=live.numbers[path], author="li", note="")
        await self.live.refresh()
        return time.process_time() - began

    def answer(self, question: str) -> tuple[str, float]:
        """The article that answers it best, and how well."""
        (hit,) = self.live.current.knowledge.rank(question, AT.date(), 1)
        return hit.article, hit.score

    async def learnt(self) -> None:
        before = self.live.current.understander
        await eventually(lambda: self.live.current.understander is not before, 120)

    @asynccontextmanager
    async def studying(self) -> AsyncIterator[None]:
        task = asyncio.create_task(self.study.run())
        try:
            yield
        finally:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task


def with_question(text: str, question: str) -> str:
    lines = text.splitlines(keepends=True)
    first = next(n for n, line in enumerate(lines) if line.strip() == "questions:") + 1
    return "".join([*lines[:first], lines[first].partition("-")[0], f"- {question}\n", *lines[first:]])


@pytest.fixture
async def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[SqlContentStore]:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    database = await Database.open(tmp_path / FILE_NAME)
    made = SqlContentStore(database, WallClock())
    texts = read_texts(ROOT)
    few = {p: t for p, t in texts.items() if not p.startswith(EXAMPLES) or p.endswith(FEW)}
    await made.release(Change.FILE, few, author="file", note="", expected=0)
    yield made
    await database.close()


async def test_an_edit_serves_before_it_is_learnt(store: SqlContentStore) -> None:
    hotline = Hotline(store)
    await hotline.live.refresh()
    old = hotline.live.current.understander
    async with hotline.studying():
        before = hotline.answer(QUESTION)
        took = await hotline.ask(QUESTION)
        answered = hotline.answer(QUESTION)
        assert answered[1] > 0.9 > before[1]
        assert hotline.live.current.understander is old, "what was learnt is the old for now"
        await hotline.learnt()
        assert hotline.answer(QUESTION) == answered
        assert hotline.live.current.version == "r2"
    assert took < LIVE_WITHIN


async def test_a_kill_in_between_loses_nothing(store: SqlContentStore) -> None:
    hotline = Hotline(store)
    await hotline.live.refresh()
    await hotline.ask(QUESTION)
    answered = hotline.answer(QUESTION)
    async with hotline.studying():
        await eventually(lambda: hotline.study.learning, 30)
        await asyncio.sleep(0.3)  # the process has begun, and is killed
    again = Hotline(store)
    await again.live.refresh()
    assert again.answer(QUESTION) == answered
    async with again.studying():
        await again.learnt()
        assert again.answer(QUESTION) == answered


async def test_a_process_that_fails_says_why(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    with pytest.raises(VoicebotError, match=r"a\.yaml"):
        await in_a_process(Lesson({"a.yaml": "examples: 1\n"}, (), ()))
