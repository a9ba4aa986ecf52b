"""The listening side of a running pipecat service; everything on the loop of `LoopThread`."""

import asyncio
from collections.abc import AsyncGenerator
from typing import Any, Final

from voicebot.adapters.pipecat_service import ServicePipeline, ServiceSpec
from voicebot.adapters.pipecat_service.pipeline import failure
from voicebot.adapters.stt.simplified import simplified
from voicebot.adapters.stt.text import join_hanzi

from pipecat.frames.frames import (  # isort: skip
    ErrorFrame,
    Frame,
    InputAudioRawFrame,
    InterimTranscriptionFrame,
    TranscriptionFrame,
    VADUserStartedSpeakingFrame,
    VADUserStoppedSpeakingFrame,
)
from pipecat.services.stt_service import STTService  # isort: skip

TAIL: Final = 0.6
"""Seconds of silence after a turn: services that find its end by themselves wait for some."""
PIECE: Final = 0.1
"""Seconds of one frame of sound."""


class _Ears:
    """A service and the error it reported last."""

    def __init__(self, spec: ServiceSpec, kind: type[STTService], rate: int) -> None:
        self._rate = rate
        self._error: ErrorFrame | None = None
        self._changed = asyncio.Event()
        self._pipeline: ServicePipeline[STTService] = ServicePipeline(
            spec, kind, extra={}, rate=rate, receive=self._receive
        )

    @property
    def alive(self) -> bool:
        return self._pipeline.alive

    async def start(self) -> None:
        """Raises VoicebotError, see `ServicePipeline.start`."""
        await self._pipeline.start(self._prepare)

    async def stop(self) -> None:
        await self._pipeline.stop()

    def _prepare(self, service: STTService) -> None:
        """Called before it starts."""

    def _receive(self, frame: Frame) -> None:
        if isinstance(frame, ErrorFrame):
            self._error = frame
            self._changed.set()

    def _raise(self) -> None:
        """Raises VoicebotError ``stt.failed`` when the service reported an error; the cause is kept."""
        if (frame := self._error) is not None:
            self._error = None
            why, cause = failure(frame)
            raise self._pipeline.failed(why) from cause

    async def _sound(self, pcm: bytes) -> None:
        size = int(PIECE * self._rate) * 2
        for at in range(0, len(pcm), size):
            await self._pipeline.queue(InputAudioRawFrame(pcm[at : at + size], self._rate, 1))


class WholeEars(_Ears):
    """A `SegmentedSTTService`: one utterance after the other."""

    def __init__(self, spec: ServiceSpec, kind: type[STTService], rate: int) -> None:
        super().__init__(spec, kind, rate)
        self._texts: list[str] = []
        self._done = asyncio.Event()

    def _prepare(self, service: STTService) -> None:
        """Listens to what `run_stt` yields: no frame tells that an utterance had no words in it."""
        run: Any = service.run_stt

        async def listened(audio: bytes) -> AsyncGenerator[Frame | None, None]:
            try:
                async for frame in run(audio):
                    if isinstance(frame, TranscriptionFrame):
                        self._texts.append(frame.text)
                    elif isinstance(frame, ErrorFrame):
                        self._error = frame
                    yield frame
            except Exception as error:
                self._error = ErrorFrame(f"{type(error).__name__} {error}", exception=error)
                raise
            finally:
                self._done.set()

        service.run_stt = listened  # type: ignore[method-assign]

    async def transcribe(self, pcm: bytes) -> str:
        """Text of an utterance; empty when there are no words in it.

        Raises:
            VoicebotError: ``stt.failed`` (retryable).
        """
        self._texts.clear()
        self._error = None
        self._done.clear()
        await self._pipeline.queue(VADUserStartedSpeakingFrame())
        await self._sound(pcm)
        await self._pipeline.queue(VADUserStoppedSpeakingFrame())
        await self._done.wait()
        self._raise()
        return join_hanzi(simplified(" ".join(self._texts)))


class LiveEars(_Ears):
    """A streaming service: texts as they come.

    Args:
        settle: seconds without a further text that make the last one final.
    """

    def __init__(self, spec: ServiceSpec, kind: type[STTService], rate: int, settle: float) -> None:
        super().__init__(spec, kind, rate)
        self._settle = settle
        self._final: list[str] = []
        self._interim = ""
        self._listening = False
        self._finalized = False
        self._news = 0
        self._order = asyncio.Lock()

    def _receive(self, frame: Frame) -> None:
        super()._receive(frame)
        # what comes between two turns belongs to the one that is over
        if not self._listening:
            return
        if isinstance(frame, TranscriptionFrame):
            self._final.append(frame.text)
            self._interim = ""
            self._finalized = frame.finalized
        elif isinstance(frame, InterimTranscriptionFrame):
            self._interim = frame.text
        else:
            return
        self._news += 1
        self._changed.set()

    @property
    def text(self) -> str:
        """Of the turn so far; any thread."""
        return join_hanzi(simplified(" ".join([*self._final, self._interim])))

    async def hear(self, pcm: bytes) -> None:
        """More of the turn."""
        async with self._order:
            if not self._listening:
                self._listening = True
                await self._pipeline.queue(VADUserStartedSpeakingFrame())
            await self._sound(pcm)

    async def finish(self, patience: float) -> bool:
        """The turn is over: waits for its last text; False when none came within `patience` seconds.

        Raises:
            VoicebotError: ``stt.failed`` (retryable): the service reported an error.
        """
        async with self._order:
            self._finalized = False
            before = self._news
            await self._pipeline.queue(VADUserStoppedSpeakingFrame())
            await self._sound(bytes(int(TAIL * self._rate) * 2))
        deadline = asyncio.get_running_loop().time() + patience
        try:
            self._raise()
            while not self._finalized:
                # a service that finds ends by itself may have said everything before
                new = (self._news > before or bool(self._final)) and not self._interim
                now = asyncio.get_running_loop().time()
                self._changed.clear()
                try:
                    async with asyncio.timeout_at(min(deadline, now + self._settle) if new else deadline):
                        await self._changed.wait()
                except TimeoutError:
                    return new
                self._raise()
            return True
        finally:
            self._listening = False

    async def forget(self) -> None:
        """A new turn begins."""
        async with self._order:
            self._listening = False
            self._final.clear()
            self._interim = ""
            self._error = None
