"""An edit never waits for learning; what is learnt beside the calls is taken up, the newest at last."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field

import pytest

from tests.virtual_time import on_virtual_time
from voicebot.bootstrap.teaching import LOOK_AGAIN, AtOnce, Study, Taught, WithOld
from voicebot.core.errors import VoicebotError
from voicebot.core.meaning import Intent
from voicebot.core.problem import ContentError
from voicebot.understanding import Example, load_departments
from voicebot.understanding.learned import Lesson, learn_anew
from voicebot.understanding.reading import read

DIRECTORY = load_departments("d.tsv", "name\tshort\tkind\tduties\n市城市管理局\t城管\t政府部门\t路灯\n")
LAMPS = """\
examples:
  - intent: ticket
    department: 市城市管理局
    says: [路灯不亮, 路灯不亮了, 路灯坏了, 路灯坏]
"""
CARD, POST = "社保卡怎么办", "邮票怎么办"


def lesson(*questions: str, files: str = LAMPS) -> Lesson:
    asked = tuple(Example(text + end, Intent.FAQ) for text in questions for end in ("", "呀"))
    return Lesson({"a.yaml": files}, asked, tuple(DIRECTORY))


FIRST, SECOND, THIRD = lesson(CARD), lesson(CARD, POST), lesson(CARD, POST, "护照怎么办")


@dataclass
class Shelf:
    kept: dict[str, bytes] = field(default_factory=dict)
    full: bool = False

    def get(self, key: str) -> bytes | None:
        return self.kept.get(key)

    def put(self, key: str, value: bytes) -> None:
        if not self.full:
            self.kept[key] = value


def knows(taught: Taught, text: str) -> bool:
    """The text is new to nothing in it, and a question."""
    purposes = taught.learned.of(read(text)).purposes()
    return purposes.get(Intent.FAQ, 0.0) > 0.5


@pytest.fixture
def shelf() -> Shelf:
    return Shelf()


def test_at_once_is_what_was_asked_for(shelf: Shelf) -> None:
    taught = AtOnce(shelf).taught(FIRST)
    assert (taught.key, taught.exact, knows(taught, CARD)) == (FIRST.key, True, True)


def test_with_nothing_learnt_the_first_waits(shelf: Shelf) -> None:
    teacher = WithOld(shelf, "here")
    assert teacher.taught(FIRST).exact
    assert teacher.wanted() is None


def test_an_edit_is_served_with_what_was_learnt_before(shelf: Shelf) -> None:
    teacher = WithOld(shelf, "here")
    teacher.taught(FIRST)
    teacher.taught(SECOND)
    taught = teacher.taught(THIRD)
    assert (taught.key, taught.exact) == (FIRST.key, False)
    assert teacher.wanted() is THIRD, "the newest wins"
    assert teacher.wanted() is None
    learn_anew(THIRD, shelf)  # as another process does
    assert teacher.arrived(THIRD)
    assert not teacher.arrived(SECOND)
    assert teacher.taught(THIRD).exact
    assert teacher.taught(SECOND).key == THIRD.key, "what was learnt last stands in"


def test_mistakes_in_examples_are_told_though_nothing_is_learnt(shelf: Shelf) -> None:
    teacher = WithOld(shelf, "here")
    teacher.taught(FIRST)
    with pytest.raises(ContentError, match=r"a\.yaml:2"):
        teacher.taught(lesson(CARD, files=LAMPS.replace("ticket", "tickets")))
    assert teacher.wanted() is None


def test_a_department_that_is_gone_is_not_given_by_the_old(shelf: Shelf) -> None:
    teacher = WithOld(shelf, "here")
    teacher.taught(FIRST)
    taught = teacher.taught(Lesson({}, FIRST.questions, ()))
    assert not taught.exact
    assert taught.learned.of(read("路灯不亮")).departments() == {}


def test_a_restart_begins_with_what_the_line_learnt_last(shelf: Shelf) -> None:
    WithOld(shelf, "here", leads=True).taught(FIRST)
    WithOld(shelf, "elsewhere", leads=True).taught(SECOND)
    WithOld(shelf, "here").taught(lesson(POST))  # a draft in another process
    taught = WithOld(shelf, "here", leads=True).taught(THIRD)
    assert (taught.key, taught.exact) == (FIRST.key, False)


def test_what_went_from_the_shelf_is_learnt_again(shelf: Shelf) -> None:
    WithOld(shelf, "here", leads=True).taught(FIRST)
    del shelf.kept[FIRST.key]
    assert WithOld(shelf, "here", leads=True).taught(THIRD).exact


@dataclass
class School:
    """Learns in virtual seconds."""

    shelf: Shelf
    seconds: float = 10.0
    failing: bool = False
    taught: list[Lesson] = field(default_factory=list)
    running: int = 0
    most: int = 0

    async def teach(self, lesson: Lesson) -> None:
        self.running += 1
        self.most = max(self.most, self.running)
        self.taught.append(lesson)
        try:
            await asyncio.sleep(self.seconds)
        finally:
            self.running -= 1
        if self.failing:
            raise VoicebotError("learning.failed", "no memory")
        learn_anew(lesson, self.shelf)


@dataclass
class Served:
    """What makes the brain: asks for the lesson of what is live."""

    teacher: WithOld
    live: Lesson
    now: Taught = field(init=False)

    async def renew(self) -> None:
        self.now = self.teacher.taught(self.live)

    async def edit(self, lesson: Lesson) -> None:
        self.live = lesson
        await self.renew()


async def during(study: Study, work: Callable[[], Awaitable[None]]) -> None:
    running = asyncio.create_task(study.run())
    try:
        await work()
    finally:
        running.cancel()
        with suppress(asyncio.CancelledError):
            await running


@on_virtual_time
async def test_one_lesson_at_a_time_and_the_newest_at_last(shelf: Shelf) -> None:
    teacher, school = WithOld(shelf, "here"), School(shelf)
    served = Served(teacher, FIRST)
    study = Study(teacher, school.teach, served.renew)

    async def work() -> None:
        await served.renew()
        await asyncio.sleep(30)
        assert not school.taught, "nothing is missing"
        edits = [lesson(CARD, f"{name}怎么办") for name in ("粮票", "布票", "油票", "车票")]
        for edit in edits:
            await served.edit(edit)
            assert served.now.key == FIRST.key, "an edit does not wait"
            await asyncio.sleep(LOOK_AGAIN + 0.5)
        assert study.learning
        await asyncio.sleep(40)
        assert school.taught == [edits[0], edits[-1]]
        assert school.most == 1
        assert (served.now.key, served.now.exact, study.learning) == (edits[-1].key, True, False)

    await during(study, work)


@on_virtual_time
async def test_a_failure_leaves_the_old_and_is_not_repeated(shelf: Shelf) -> None:
    teacher, school = WithOld(shelf, "here"), School(shelf, failing=True)
    served = Served(teacher, FIRST)
    await served.renew()

    async def work() -> None:
        for _ in range(3):
            await served.edit(SECOND)
            await asyncio.sleep(20)
        assert (served.now.key, school.taught) == (FIRST.key, [SECOND])
        school.failing = False
        await served.edit(THIRD)
        await asyncio.sleep(20)
        assert (served.now.key, served.now.exact) == (THIRD.key, True)

    await during(Study(teacher, school.teach, served.renew), work)


@on_virtual_time
async def test_a_shelf_that_keeps_nothing_is_a_failure_too(shelf: Shelf) -> None:
    teacher, school = WithOld(shelf, "here"), School(shelf)
    served = Served(teacher, FIRST)
    await served.renew()
    shelf.full = True

    async def work() -> None:
        await served.edit(SECOND)
        await asyncio.sleep(20)
        await served.renew()
        await asyncio.sleep(20)
        assert (served.now.key, school.taught) == (FIRST.key, [SECOND])

    await during(Study(teacher, school.teach, served.renew), work)
