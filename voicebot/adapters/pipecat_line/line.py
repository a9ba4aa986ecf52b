"""`Line` over any pipecat transport."""

import asyncio
from collections.abc import AsyncIterator
from types import TracebackType
from typing import Final, Self

import structlog
from pipecat.pipeline.pipeline import Pipeline
from pipecat.pipeline.worker import PipelineParams, PipelineWorker
from pipecat.transports.base_transport import BaseTransport
from pipecat.workers.runner import WorkerRunner

from voicebot.adapters.pipecat_line.far_end import FarEnd, Screen
from voicebot.adapters.pipecat_line.inbox import Inbox
from voicebot.adapters.pipecat_line.processors import Inbound, Outbound
from voicebot.calls.ports import LEAD, HeldIn, HungUp, LineEvent, LineInfo
from voicebot.core.audio import BYTES_PER_SAMPLE, AudioChunk
from voicebot.core.clock import Clock
from voicebot.core.errors import VoicebotError

log = structlog.get_logger()

GRAIN: Final = 0.02
"""Seconds of sound that a transport writes at once: `audio_out_10ms_chunks=2` in its params."""

LAST_WORDS: Final = 0.3
"""Seconds that `hang_up` waits for sound that is already on its way."""

START: Final = 5.0
"""Seconds a pipeline may take to start (it takes some milliseconds)."""


class PipelineFailed(VoicebotError):
    """``line.pipeline``: the pipeline of a call did not start."""

    def __init__(self) -> None:
        super().__init__("line.pipeline", f"the call's pipeline did not start in {START:g} s", retryable=True)


class PipecatLine:
    """`voicebot.calls.ports.Line` over a transport; an async context manager that owns the pipeline
    ``input → inbound → outbound → output`` while it is open.

    Args:
        info: as the call will see it; `info.rate` is the rate of the pipeline and of the wire.
        transport: params must have `audio_out_10ms_chunks=2`; none of pipecat's VAD or turn
            machinery.
        far_end: the wire under the transport.
        clock: stamps sound that the transport did not stamp itself.
        screen: for lines that show captions.
    """

    def __init__(
        self,
        info: LineInfo,
        transport: BaseTransport,
        far_end: FarEnd,
        clock: Clock,
        screen: Screen | None = None,
    ) -> None:
        self._info = info
        self._far_end = far_end
        self._screen = screen
        self._inbox = Inbox()
        self._gone = asyncio.Event()
        self._hanging_up = False
        self._inbound = Inbound(self.post, clock)
        self._outbound = Outbound(transport.output(), self._gone)
        self._worker = PipelineWorker(
            Pipeline([transport.input(), self._inbound, self._outbound, transport.output()]),
            params=PipelineParams(audio_in_sample_rate=info.rate, audio_out_sample_rate=info.rate),
            idle_timeout_secs=None,
            cancel_on_idle_timeout=False,
            enable_rtvi=False,
            enable_turn_tracking=False,
            check_dangling_tasks=False,
        )
        self._runner: asyncio.Task[None] | None = None
        self._said = 0
        """Samples given to the pipeline and not forgotten by `flush`."""
        self._cut = 0
        """Counts flushes: what is left of a chunk that waits across one is dropped."""
        self._tail = b""
        """Less than a grain, kept back until the next chunk or until the listener needs it."""
        self._tail_timer: asyncio.TimerHandle | None = None
        self._tail_task: asyncio.Task[None] | None = None

    # ── life ────────────────────────────────────────────────────────────────────────────────

    async def __aenter__(self) -> Self:
        """Starts the pipeline; raises VoicebotError ``line.pipeline``."""
        started = asyncio.Event()

        async def on_started(_worker: PipelineWorker, _frame: object) -> None:
            started.set()

        self._worker.add_event_handler("on_pipeline_started", on_started)
        # A runner of its own: WorkerRunner never forgets a worker that it was given, so one that
        # served all calls would keep every pipeline for the life of the process.
        runner = WorkerRunner(handle_sigint=False, check_dangling_tasks=False)
        await runner.add_workers(self._worker)
        self._runner = asyncio.create_task(runner.run(), name=f"pipeline {self._info.call_id}")
        try:
            async with asyncio.timeout(START):
                await started.wait()
        except TimeoutError as late:
            await self._close()
            raise PipelineFailed from late
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Hangs up when nobody did, and ends the pipeline."""
        try:
            await self.hang_up("us" if kind is None else "error")
        finally:
            await self._close()

    async def _close(self) -> None:
        self._drop_tail()
        if self._tail_task is not None:
            await asyncio.wait({self._tail_task})
        if self._runner is not None:
            await self._worker.cancel()
            await asyncio.wait({self._runner})
            self._runner = None

    async def wait_gone(self) -> None:
        """Returns when the line has ended."""
        await self._gone.wait()

    # ── what the wire reports ───────────────────────────────────────────────────────────────

    def post(self, event: LineEvent) -> None:
        """Hands an event to the call; `HungUp` ends the line."""
        if isinstance(event, HungUp):
            self._gone.set()
            self._drop_tail()
        self._inbox.put(event)

    def held(self, held: bool) -> None:
        self.post(HeldIn(held))

    def gone(self, reason: str) -> None:
        """The far end or the network ended the line; later reasons are ignored. While we hang up,
        the wire's own report of it comes here too: that end is ours."""
        self.post(HungUp("us" if self._hanging_up else reason))

    # ── port Line ───────────────────────────────────────────────────────────────────────────

    @property
    def info(self) -> LineInfo:
        return self._info

    def events(self) -> AsyncIterator[LineEvent]:
        return self._inbox.events()

    async def answer(self) -> None:
        if not self._gone.is_set():
            await self._far_end.answer()

    async def send(self, chunk: AudioChunk) -> None:
        if chunk.rate != self._info.rate:
            raise ValueError(f"line at {self._info.rate} Hz was given sound at {chunk.rate} Hz")
        if self._gone.is_set():
            return
        pcm = self._drop_tail() + chunk.pcm
        grain = self._grain * BYTES_PER_SAMPLE
        whole = len(pcm) - len(pcm) % grain
        self._tail = pcm[whole:]
        cut = self._cut
        for start in range(0, whole, grain):
            await self._say(AudioChunk(pcm[start : start + grain], chunk.rate))
            await self._nearly_played()
            if cut != self._cut:
                return
        if self._tail:
            wait = max(0.0, self._ahead_seconds() - GRAIN)
            self._tail_timer = asyncio.get_running_loop().call_later(wait, self._send_tail)
            await self._nearly_played()

    async def _say(self, chunk: AudioChunk) -> None:
        self._said += chunk.samples
        await self._outbound.say(chunk)

    async def _nearly_played(self) -> None:
        """Returns when no more than `LEAD` is ahead of the listener."""
        # The wire offers no event for "played", but it runs in real time: sleep as long as it needs.
        while (wait := self._ahead_seconds() - LEAD) > 0 and not self._gone.is_set():  # noqa: ASYNC110
            await asyncio.sleep(max(wait, 0.002))

    async def flush(self) -> None:
        if self._gone.is_set():
            return
        self._cut += 1
        self._drop_tail()
        await self._outbound.interrupt()
        # What the wire took is accounted for by the wire; the rest died inside the pipeline.
        self._said = self._far_end.taken()

    def played(self) -> int:
        return self._far_end.played()

    async def caption(self, who: str, text: str, final: bool) -> None:
        if self._screen is not None and not self._gone.is_set():
            await self._screen.caption(who, text, final)

    async def state(self, state: str) -> None:
        if self._screen is not None and not self._gone.is_set():
            await self._screen.state(state)

    async def message(self, message: dict[str, object]) -> None:
        """Sends a JSON message through the transport (for screens)."""
        await self._outbound.message(message)

    async def transfer(self, target: str, reference: str) -> bool:
        if self._gone.is_set():
            return False
        if not await self._far_end.transfer(target, reference):
            return False
        self.gone("transferred")
        return True

    async def send_keys(self, keys: str) -> bool:
        return not self._gone.is_set() and await self._far_end.send_keys(keys)

    async def hang_up(self, reason: str) -> None:
        """Ends the call; `HungUp` says ``us``. Sound that is on its way is still heard."""
        if self._gone.is_set() or self._hanging_up:
            return
        self._hanging_up = True
        log.info("line.hang_up", call_id=self._info.call_id, reason=reason)
        deadline = asyncio.get_running_loop().time() + LAST_WORDS
        while self._ahead_seconds() > 0 and not self._gone.is_set():
            if asyncio.get_running_loop().time() > deadline:
                break
            await asyncio.sleep(0.01)
        await self._far_end.hang_up()
        self.gone("us")

    # ── sound on its way ────────────────────────────────────────────────────────────────────

    @property
    def _grain(self) -> int:
        return round(GRAIN * self._info.rate)

    def _ahead_seconds(self) -> float:
        """Seconds between `send` and the listener: in the pipeline, and in the wire's buffer."""
        in_pipeline = max(0, self._said - self._far_end.taken())
        tail = len(self._tail) // BYTES_PER_SAMPLE
        return (tail + in_pipeline + self._far_end.ahead()) / self._info.rate

    def _drop_tail(self) -> bytes:
        if self._tail_timer is not None:
            self._tail_timer.cancel()
            self._tail_timer = None
        tail, self._tail = self._tail, b""
        return tail

    def _send_tail(self) -> None:
        """No chunk followed in time: the tail goes out, filled up with silence."""
        tail = self._drop_tail()
        if tail and not self._gone.is_set():
            full = tail.ljust(self._grain * BYTES_PER_SAMPLE, b"\0")
            self._tail_task = asyncio.create_task(self._say(AudioChunk(full, self._info.rate)))
