"""One running service: frames in, what it pushes out."""

import asyncio
import contextlib
from collections.abc import Callable, Mapping
from typing import Any, Final, Generic, TypeVar

import aiohttp
from pipecat.frames.frames import ErrorFrame, Frame
from pipecat.pipeline.pipeline import Pipeline
from pipecat.pipeline.worker import PipelineParams, PipelineWorker
from pipecat.processors.frame_processor import FrameDirection, FrameProcessor
from pipecat.services.ai_service import AIService
from pipecat.workers.runner import WorkerRunner

from voicebot.adapters.pipecat_service.loading import ServiceSpec, make_service, needs_session
from voicebot.core.errors import VoicebotError

START: Final = 20.0
"""Seconds a service may take to start: one that works on this machine may warm up."""
STOP: Final = 5.0

S = TypeVar("S", bound=AIService)


class _Outlet(FrameProcessor):
    """Hands every frame that comes downstream to `receive`."""

    def __init__(self, receive: Callable[[Frame], None]) -> None:
        super().__init__()
        self._receive = receive

    async def process_frame(self, frame: Frame, direction: FrameDirection) -> None:
        await super().process_frame(frame, direction)
        if direction is FrameDirection.DOWNSTREAM:
            self._receive(frame)
        await self.push_frame(frame, direction)


class ServicePipeline(Generic[S]):
    """A service in a minimal pipeline; all methods on one event loop.

    Args:
        kind: class of the service.
        extra: arguments of its constructor besides the options'.
        rate: Hz of sound in both directions.
        receive: called with every frame the service pushes, errors (`ErrorFrame`) included.
    """

    def __init__(
        self,
        spec: ServiceSpec,
        kind: type[S],
        *,
        extra: Mapping[str, Any],
        rate: int,
        receive: Callable[[Frame], None],
    ) -> None:
        self._spec = spec
        self._kind = kind
        self._extra = dict(extra)
        self._rate = rate
        self._receive = receive
        self._session: aiohttp.ClientSession | None = None
        self._worker: PipelineWorker | None = None
        self._runner: asyncio.Task[None] | None = None
        self.service: S | None = None

    async def start(self, prepare: Callable[[S], None] = lambda service: None) -> None:
        """Makes the service and starts it.

        Args:
            prepare: told of the service before it starts.

        Raises:
            VoicebotError: see `make_service`; ``….failed`` (retryable): it did not start in time.
        """
        if needs_session(self._kind, self._spec.options):
            self._session = self._extra["aiohttp_session"] = aiohttp.ClientSession()
        try:
            # a constructor may load a model for seconds; the other pipelines of the loop go on
            self.service = await asyncio.to_thread(make_service, self._spec, self._kind, self._extra)
            prepare(self.service)
            await self._run(self.service)
        except BaseException:
            await self.stop()
            raise

    async def _run(self, service: S) -> None:
        worker = PipelineWorker(
            Pipeline([service, _Outlet(self._receive)]),
            params=PipelineParams(audio_in_sample_rate=self._rate, audio_out_sample_rate=self._rate),
            idle_timeout_secs=None,
            cancel_on_idle_timeout=False,
            enable_rtvi=False,
            enable_turn_tracking=False,
            check_dangling_tasks=False,
        )
        started = asyncio.Event()

        async def on_started(_worker: PipelineWorker, _frame: object) -> None:
            started.set()

        async def on_error(_worker: PipelineWorker, frame: ErrorFrame) -> None:
            self._receive(frame)

        worker.add_event_handler("on_pipeline_started", on_started)
        worker.add_event_handler("on_pipeline_error", on_error)
        runner = WorkerRunner(handle_sigint=False, check_dangling_tasks=False)
        await runner.add_workers(worker)
        self._worker = worker
        self._runner = asyncio.create_task(runner.run(), name=f"service {self._spec.service}")
        try:
            async with asyncio.timeout(START):
                await started.wait()
        except TimeoutError as late:
            raise self.failed(f"{START:g} 秒内没有启动") from late

    def failed(self, why: str) -> VoicebotError:
        return VoicebotError(f"{self._spec.section}.failed", f"{self._spec.service}：{why}", retryable=True)

    @property
    def alive(self) -> bool:
        return (
            self._runner is not None
            and not self._runner.done()
            and self.service is not None
            and self.service.is_usable
        )

    async def queue(self, *frames: Frame) -> None:
        """Sends frames through the service, in order."""
        if self._worker is not None:
            await self._worker.queue_frames(list(frames))

    async def stop(self) -> None:
        """Ends the service; one that does not end is left to the process's end."""
        if self._worker is not None:
            await self._worker.cancel()
        if self._runner is not None:
            with contextlib.suppress(asyncio.CancelledError):
                await asyncio.wait({self._runner}, timeout=STOP)
            self._runner = None
        if self._session is not None:
            await self._session.close()
            self._session = None


def failure(frame: ErrorFrame) -> tuple[str, BaseException | None]:
    """What an error frame says, and the exception behind it."""
    return str(frame.error), frame.exception
