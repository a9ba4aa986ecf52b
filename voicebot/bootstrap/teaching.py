"""What was learnt from examples, when content changes while calls run.

Learning takes seconds of CPU, an edit is to serve within one. So an edit is served with what was learnt
before, a process of low priority learns anew, and its result is taken up when it is there.
"""

import asyncio
import threading
from collections import OrderedDict, deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final, Protocol

import structlog

from voicebot.core.errors import VoicebotError
from voicebot.core.shelf import Shelf
from voicebot.understanding.learned import FORMAT, Learned, Lesson, learn_anew, recall

log = structlog.get_logger(__name__)

KEPT: Final = 3
"""Results in memory: what is live, what is on trial, what is being checked."""
LOOK_AGAIN: Final = 1.0
"""Seconds between looks for something to learn."""

Teach = Callable[[Lesson], Awaitable[None]]
"""Learns and leaves the result on the shelf. Raises VoicebotError."""


@dataclass(frozen=True, slots=True)
class Taught:
    """What was learnt.

    Args:
        key: of the lesson it was learnt from.
        exact: that is the lesson that was asked for.
    """

    learned: Learned
    key: str
    exact: bool


class Teacher(Protocol):
    """Called in threads, also by several at a time."""

    def taught(self, lesson: Lesson) -> Taught:
        """What `lesson` teaches, or for the time being what another one did.

        Raises:
            ContentError: every mistake in the examples, with file:line.
        """
        ...


class AtOnce:
    """Whoever asks waits until it is learnt: the same examples give the same result."""

    def __init__(self, shelf: Shelf) -> None:
        self._shelf = shelf

    def taught(self, lesson: Lesson) -> Taught:
        learned = recall(lesson.key, self._shelf) or learn_anew(lesson, self._shelf)
        return Taught(learned, lesson.key, exact=True)


class WithOld:
    """Nobody waits once anything was learnt: the newest there is stands in.

    Args:
        name: of the hotline; its processes find there what it learnt last, after a restart too.
        leads: this process decides what that is; the others look.
    """

    def __init__(self, shelf: Shelf, name: str, *, leads: bool = False) -> None:
        self._shelf = shelf
        self._newest_key = f"{FORMAT} newest of {name}"
        self._leads = leads
        self._lock = threading.Lock()
        self._known: OrderedDict[str, Learned] = OrderedDict()
        self._wanted: deque[Lesson] = deque(maxlen=1)

    def taught(self, lesson: Lesson) -> Taught:
        with self._lock:
            if (learned := self._recalled(lesson.key)) is not None:
                return Taught(learned, lesson.key, exact=True)
            newest = self._newest()
            if newest is None:
                return Taught(self._keep(lesson.key, learn_anew(lesson, self._shelf)), lesson.key, exact=True)
            lesson.examples(self._shelf)  # their mistakes are told now, not when they are learnt
            self._wanted.append(lesson)
            key, old = newest
            return Taught(old.among(lesson.departments), key, exact=False)

    def wanted(self) -> Lesson | None:
        """The last lesson that another stood in for; None when there was none since the last question."""
        try:
            return self._wanted.pop()
        except IndexError:
            return None

    def arrived(self, lesson: Lesson) -> bool:
        """Whether it is learnt by now; from then on it stands in for others."""
        with self._lock:
            return self._recalled(lesson.key) is not None

    def _recalled(self, key: str) -> Learned | None:
        if (learned := self._known.get(key)) is None:
            learned = recall(key, self._shelf)
        return learned and self._keep(key, learned)

    def _newest(self) -> tuple[str, Learned] | None:
        if self._known:
            return next(reversed(self._known.items()))
        key = (self._shelf.get(self._newest_key) or b"").decode(errors="replace")
        learned = self._recalled(key) if key.startswith(FORMAT) else None
        return (key, learned) if learned is not None else None

    def _keep(self, key: str, learned: Learned) -> Learned:
        if self._leads and key != next(reversed(self._known), None):
            self._shelf.put(self._newest_key, key.encode())
        self._known[key] = learned
        self._known.move_to_end(key)
        while len(self._known) > KEPT:
            self._known.popitem(last=False)
        return learned


class Study:
    """Learns what `WithOld` did without: one lesson at a time, the newest first.

    Args:
        teach: see `Teach`.
        renew: takes up what was learnt.
    """

    def __init__(self, teacher: WithOld, teach: Teach, renew: Callable[[], Awaitable[object]]) -> None:
        self._teacher = teacher
        self._teach = teach
        self._renew = renew
        self._failed: set[str] = set()
        self.learning = False
        """What serves was learnt from other examples; the right ones are being learnt."""

    async def run(self) -> None:
        """Until cancelled. A lesson that cannot be learnt is told in the log and not tried again by this
        process; the old one goes on standing in."""
        while True:
            await asyncio.sleep(LOOK_AGAIN)
            lesson = self._teacher.wanted()
            if lesson is None or lesson.key in self._failed:
                continue
            self.learning = True
            try:
                await self._learn(lesson)
            except VoicebotError as error:
                self._failed.add(lesson.key)
                log.error("learning.failed", code=error.code, error=error.message)
            finally:
                self.learning = False

    async def _learn(self, lesson: Lesson) -> None:
        began = asyncio.get_running_loop().time()
        await self._teach(lesson)
        if not await asyncio.to_thread(self._teacher.arrived, lesson):
            raise VoicebotError("learning.not_kept", "学到的内容没有存下来")
        await self._renew()
        took = asyncio.get_running_loop().time() - began
        log.info("learning.done", lesson=lesson.key[-12:], seconds=round(took, 1))
