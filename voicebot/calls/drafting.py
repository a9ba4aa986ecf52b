"""Recognising and understanding a turn before it is certain that it is over (house.md, Draft)."""

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any

from voicebot.calls.brain import Brain
from voicebot.calls.inbox import Recognised, Unrecognised
from voicebot.calls.ports import Hearing
from voicebot.core.answer import Answer, NoAnswer
from voicebot.core.clock import Clock
from voicebot.core.errors import VoicebotError
from voicebot.core.meaning import Meaning
from voicebot.core.utterance import Expect, Utterance
from voicebot.dialogue import State, Step, step
from voicebot.dialogue.events import Heard


@dataclass(frozen=True, slots=True)
class Draft:
    """What the call would do if the caller's turn ended at `revision`; committed or dropped.

    Args:
        base: the dialogue it was made from; a draft on another state is void.
        stages: name → seconds.
    """

    revision: int
    utterance: Utterance
    meaning: Meaning
    answer: Answer | NoAnswer
    base: State
    step: Step
    stages: tuple[tuple[str, float], ...]


def think(
    brain: Brain,
    clock: Clock,
    base: State,
    expect: Expect,
    utterance: Utterance,
    revision: int = -1,
    recognised_in: float = 0.0,
) -> Draft:
    """Understanding, knowledge and the dialogue's step on a copy: nothing is done yet."""
    began, now = clock.monotonic(), clock.now()
    meaning, answer = brain.comprehend(utterance, expect, now)
    after = step(brain.flows, base, Heard(utterance, meaning, answer, now))
    took = clock.monotonic() - began
    stages = (("recognise", recognised_in), ("understand", took))
    return Draft(revision, utterance, meaning, answer, base, after, stages)


class Drafter:
    """At most one recognition under way for the current turn.

    Args:
        longest: seconds after which a recognition has failed.
    """

    def __init__(
        self,
        hearing: Hearing,
        clock: Clock,
        longest: float,
        spawn: Callable[[Coroutine[Any, Any, None]], asyncio.Task[None]],
        post: Callable[[Recognised | Unrecognised], None],
    ) -> None:
        self._hearing = hearing
        self._clock = clock
        self._longest = longest
        self._spawn = spawn
        self._post = post
        self._task: asyncio.Task[None] | None = None
        self._revision = -1
        self.draft: Draft | None = None

    @property
    def glances(self) -> bool:
        """A look at words amid speech costs nothing; else it would cost a decode of its own."""
        return self._hearing.streaming

    @property
    def busy(self) -> bool:
        return self._task is not None

    def start(self, revision: int, expect: Expect, *, final: bool) -> None:
        """Recognises all of the turn so far; `final`: the turn is over, never drop the work."""
        self.drop()
        self._revision = revision
        self._task = self._spawn(self._transcribe(revision, expect, final))

    def drop(self) -> None:
        """The draft and the work on it are void."""
        if self._task:
            self._task.cancel()
        self._task = self.draft = None

    def arrived(self, message: Recognised | Unrecognised) -> bool:
        """Whether `message` is the outcome that is waited for (not one of a dropped draft)."""
        if self._task is None or message.revision != self._revision:
            return False
        self._task = None
        return True

    async def _transcribe(self, revision: int, expect: Expect, final: bool) -> None:
        began = self._clock.monotonic()
        try:
            async with asyncio.timeout(self._longest):
                utterance = await self._hearing.transcribe(expect, final=final)
        except VoicebotError as error:
            self._post(Unrecognised(revision, error, final))
        except TimeoutError:
            late = VoicebotError("stt.timeout", f"no transcript within {self._longest} s", retryable=True)
            self._post(Unrecognised(revision, late, final))
        else:
            self._post(Recognised(revision, utterance, self._clock.monotonic() - began))
