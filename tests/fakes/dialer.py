"""A `Dialer` whose people are lines in memory."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field

from tests.fakes.line import FakeLine
from voicebot.calls.ports import Line, LineInfo
from voicebot.core.clock import Clock
from voicebot.core.handover import HandoverOutcome
from voicebot.core.ids import CallId


@dataclass
class FakeDialer:
    """Answers after `rings` seconds, or ends as `outcome` says (after the whole time-out when nobody
    answers). `on_answer` is handed the person's line.
    """

    clock: Clock
    rings: float = 2.0
    outcome: HandoverOutcome | None = None
    on_answer: Callable[[FakeLine], None] = lambda line: None
    dialled: list[tuple[str, str]] = field(default_factory=list)
    shown: list[str] = field(default_factory=list)
    """The number that each was shown."""

    async def dial(
        self, target: str, reference: str, timeout: float, caller: str = ""
    ) -> Line | HandoverOutcome:
        self.dialled.append((target, reference))
        self.shown.append(caller)
        if self.outcome is HandoverOutcome.NO_ANSWER:
            await asyncio.sleep(timeout)
        if self.outcome is not None:
            return self.outcome
        await asyncio.sleep(self.rings)
        person = FakeLine(self.clock, LineInfo(CallId(f"to-{target}"), target, "", "phone", 8000))
        await person.answer()
        self.on_answer(person)
        return person
