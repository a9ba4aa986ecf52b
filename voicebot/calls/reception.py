"""Takes every call that a line brings, within what this machine can do well."""

import asyncio
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import floor

import structlog

from voicebot.calls.admission import Admission
from voicebot.calls.brain import Brain
from voicebot.calls.call import Call
from voicebot.calls.options import AdmissionOptions
from voicebot.calls.parts import CallParts
from voicebot.calls.ports import Line
from voicebot.core.errors import VoicebotError
from voicebot.core.ids import CallId, FlowName
from voicebot.speech.clauses import plan

log = structlog.get_logger(__name__)

OVERLOAD = FlowName("overload")
"""Flow of calls beyond the limit: keys only, an honest sentence and a call back."""


@dataclass(frozen=True, slots=True)
class CallEnd:
    """How a call ended.

    Args:
        reason: see `Line`, or what the dialogue ended it with; ``error`` where it broke.
        score: given in it.
        slots: as they stood.
    """

    reason: str
    score: int | None
    slots: Mapping[str, str]


class Reception:
    """One per process. `on_call` is handed to the lines and runs a call to its end.

    Args:
        brain: asked at the start of each call, so that new content never touches a running one.
        spent: seconds so far in which the whole of recognition was busy; admission learns from it.
    """

    def __init__(
        self,
        parts: CallParts,
        brain: Callable[[CallId], Brain],
        options: AdmissionOptions | None = None,
        spent: Callable[[], float] = lambda: 0.0,
    ) -> None:
        self._parts = parts
        self._brain = brain
        self._options = options or AdmissionOptions()
        self._spent = spent
        self._admission = Admission(self._options)
        self._full: dict[CallId, float] = {}
        """When the calls under way began that were taken in full."""
        self._running: dict[CallId, asyncio.Task[None] | None] = {}
        self._calls: dict[CallId, Call] = {}
        self._idle = asyncio.Event()
        self._idle.set()
        self._closed = False
        self._ended: Counter[str] = Counter()
        self._turned_away = 0

    @property
    def running(self) -> int:
        """Calls under way."""
        return len(self._running)

    def flows(self) -> Counter[str]:
        """Flow → calls under way that are in it, or go back to it."""
        return Counter(flow for call in self._calls.values() for flow in call.flows)

    def metrics(self) -> str:
        """Figures of this process as Prometheus text; labels are never personal."""
        lines = [
            "# TYPE voicebot_calls_running gauge",
            f"voicebot_calls_running {self.running}",
            "# TYPE voicebot_calls_total counter",
            *(f'voicebot_calls_total{{reason="{reason}"}} {n}' for reason, n in sorted(self._ended.items())),
            "# TYPE voicebot_calls_beyond_limit_total counter",
            f"voicebot_calls_beyond_limit_total {self._turned_away}",
            "# TYPE voicebot_recognition_backlog_seconds gauge",
            f"voicebot_recognition_backlog_seconds {self._parts.recogniser.backlog():.3f}",
            "# TYPE voicebot_calls_limit gauge",
            f"voicebot_calls_limit {self._admission.most}",
        ]
        return "\n".join(lines) + "\n"

    def close(self) -> None:
        """Takes no further call."""
        self._closed = True

    async def on_call(self, line: Line) -> None:
        """Conducts one call; a defect in it is logged and told to the caller, never raised.

        A line that cannot be answered (the caller gave up, no ACK came) is an outcome, no defect.
        """
        if self._closed:
            await line.hang_up("busy")
            return
        await self._run(line, lambda: self._taken(line))

    async def converse(self, line: Line, flow: FlowName, known: Mapping[str, str]) -> CallEnd:
        """Conducts a call that we made, through `flow`, with the slots that it begins with; likewise."""
        made: list[Call] = []

        def make() -> Call:
            made.append(Call(line, self._parts, self._brain(line.info.call_id), flow, known=known))
            return made[0]

        reason = await self._run(line, make)
        return CallEnd(reason, made[0].score, made[0].slots) if made else CallEnd(reason, None, {})

    def spare(self) -> int:
        """Calls that may be begun on our own account; not one of those kept for callers."""
        if self._closed or self._parts.recogniser.backlog() > self._options.max_backlog:
            return 0
        self._learn()
        return max(0, floor(self._admission.most * (1 - self._options.kept_free)) - len(self._full))

    async def _run(self, line: Line, make: Callable[[], Call]) -> str:
        call_id, reason = line.info.call_id, "error"
        self._running[call_id] = asyncio.current_task()
        self._idle.clear()
        try:
            reason = await self._conduct(line, make())
            self._ended[reason] += 1
        except VoicebotError as error:  # it never came to be: nobody is there to be told
            log.info("call not set up", code=error.code, reason=error.message)
            self._ended[error.code] += 1
            await line.hang_up("error")
        except Exception as error:  # the call supervisor: one broken call must not end the others
            log.exception("call broke", call_id=call_id, error=str(error))
            self._ended["error"] += 1
            await self._apologise(line)
        finally:
            del self._running[call_id]
            if not self._running:
                self._idle.set()
        return reason

    def _taken(self, line: Line) -> Call:
        brain = self._brain(line.info.call_id)
        flow = brain.flows.for_number(line.info.dialled)
        self._learn()
        if why := self._overloaded():
            log.warning("call beyond the limit", reason=why, call_id=line.info.call_id)
            flow = OVERLOAD
            self._turned_away += 1
        return Call(line, self._parts, brain, flow, deaf=flow == OVERLOAD)

    async def _conduct(self, line: Line, call: Call) -> str:
        call_id = line.info.call_id
        if not call.deaf:
            self._full[call_id] = self._parts.clock.monotonic()
        self._calls[call_id] = call
        try:
            return await call.run()
        finally:
            self._learn()
            self._full.pop(call_id, None)
            del self._calls[call_id]

    def _learn(self) -> None:
        self._admission.learn(self._parts.clock.monotonic(), self._full.values(), self._spent())

    def _overloaded(self) -> str:
        if len(self._full) >= self._admission.most:
            return "calls"
        if self._parts.recogniser.backlog() > self._options.max_backlog:
            return "recognition"
        return ""

    async def _apologise(self, line: Line) -> None:
        """Last words of a call that broke; the sentence was rendered ahead."""
        try:
            for clause in plan(self._parts.options.broken):
                settings = self._parts.options.voice
                sound = await self._parts.synthesizer.synthesise(clause.text, settings)
                await line.send(sound)
        except VoicebotError as error:
            log.error("apology not spoken", code=error.code)
        await line.hang_up("error")

    async def drain(self, timeout: float) -> int:
        """Waits until all calls have ended; how many are still running after `timeout` seconds."""
        try:
            await asyncio.wait_for(self._idle.wait(), timeout)
        except TimeoutError:
            return len(self._running)
        return 0
