"""What the page is built on, and the questions it asks."""

import asyncio
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from voicebot.calls.brain import Brain
from voicebot.calls.records import CallReader
from voicebot.core.clock import Clock
from voicebot.core.errors import VoicebotError
from voicebot.core.ids import FlowName
from voicebot.core.problem import ContentError, Problem, Severity
from voicebot.dialogue.flows import Flow
from voicebot.dialogue.trying.coverage import Report, try_flows
from voicebot.operations.content import ContentStore
from voicebot.operations.content_changes import merged
from voicebot.operations.content_kinds import Kind, kind_of
from voicebot.operations.outcomes import OutcomeReader
from voicebot.operations.publishing import Publisher

LoadBrain = Callable[[Mapping[str, str]], Brain]
"""Path → text of a whole content; up to a second of CPU; raises ContentError. Safe in threads."""

_RECENT: Final = 200
"""Calls looked at to count the running ones; more do not run at once."""


@dataclass(frozen=True, slots=True)
class FlowDesk:
    """Ports of the page. It has no state of its own: everything is in the store."""

    store: ContentStore
    publisher: Publisher
    load: LoadBrain
    calls: CallReader
    outcomes: OutcomeReader
    clock: Clock


@dataclass(frozen=True)
class Verdict:
    """What a text would mean among what is live.

    Args:
        problems: errors of the whole, those of the text itself first, and its own warnings.
        brain: what calls would be served with; None while there are errors.
    """

    path: str
    problems: tuple[Problem, ...]
    brain: Brain | None

    @property
    def errors(self) -> int:
        return sum(problem.severity is Severity.ERROR for problem in self.problems)

    @property
    def warnings(self) -> int:
        return len(self.problems) - self.errors

    @property
    def flow(self) -> Flow | None:
        """The flow that stands in the file."""
        flows = self.brain.flows.flows.values() if self.brain else ()
        return next((flow for flow in flows if flow.path == self.path), None)


async def judged(desk: FlowDesk, path: str, changes: Mapping[str, str | None]) -> Verdict:
    """Checks drafts among what is live, with the code that loads them."""
    live = await desk.store.live()
    return await asyncio.to_thread(_judge, desk.load, path, merged(live.texts, changes))


def _judge(load: LoadBrain, path: str, texts: Mapping[str, str]) -> Verdict:
    try:
        brain = load(texts)
    except ContentError as error:
        return Verdict(path, _own_first(path, error.problems), None)
    except VoicebotError as error:
        return Verdict(path, (Problem(path, 0, 0, error.code, error.message),), None)
    return Verdict(path, _own_first(path, brain.flows.warnings), brain)


def _own_first(path: str, problems: tuple[Problem, ...]) -> tuple[Problem, ...]:
    mine = [p for p in problems if p.path == path or p.severity is Severity.ERROR]
    return tuple(sorted(mine, key=lambda p: (p.path != path, p.severity is Severity.WARNING, p)))


def tried(brain: Brain, texts: Mapping[str, str], at: datetime, only: FlowName | None = None) -> Report:
    """Makes the test calls among `texts`; up to seconds of CPU.

    Raises:
        ContentError: test calls have mistakes.
    """
    tests = {path: text for path, text in texts.items() if kind_of(path) is Kind.TESTS}
    return try_flows(brain.flows, brain.comprehend, tests, at, only)


def local_now(desk: FlowDesk, brain: Brain) -> datetime:
    """Wall time in the city."""
    return desk.clock.now().astimezone(ZoneInfo(brain.catalogue.city.timezone))


async def running_calls(calls: CallReader) -> Counter[str]:
    """Flow → calls that began in it and have not ended."""
    return Counter(view.flow for view in await calls.calls(_RECENT) if view.ended is None)
