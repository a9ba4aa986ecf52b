"""The two thin processors between a pipecat transport and a `Line`."""

import asyncio
from collections.abc import Callable
from typing import Final

import structlog
from pipecat.frames.frames import (
    Frame,
    InputAudioRawFrame,
    InputDTMFFrame,
    InputTextRawFrame,
    InterruptionFrame,
    OutputAudioRawFrame,
    OutputTransportMessageUrgentFrame,
)
from pipecat.processors.frame_processor import FrameDirection, FrameProcessor

from voicebot.calls.ports import AudioIn, DigitIn, LineEvent, TextIn
from voicebot.core.audio import AudioChunk
from voicebot.core.clock import Clock

log = structlog.get_logger()

AT: Final = "at"
"""Key in `Frame.metadata`: monotonic time of the last sample, when the transport knows better than
"now"."""

ACCEPT: Final = 1.0
"""Seconds the output may take to accept one frame (it takes under a millisecond; more is a fault
that must not hold the call)."""


class Inbound(FrameProcessor):
    """frame → `LineEvent`. Frames that are no event of a line pass on."""

    def __init__(self, post: Callable[[LineEvent], None], clock: Clock) -> None:
        # What it does takes no time: without a queue and a task of its own a piece of sound costs half.
        super().__init__(enable_direct_mode=True)
        self._post = post
        self._line_clock = clock

    async def process_frame(self, frame: Frame, direction: FrameDirection) -> None:
        await super().process_frame(frame, direction)
        match frame:
            case InputAudioRawFrame():
                at = frame.metadata.get(AT)
                chunk = AudioChunk(frame.audio, frame.sample_rate)
                self._post(AudioIn(chunk, self._line_clock.monotonic() if at is None else at))
            case InputDTMFFrame():
                self._post(DigitIn(frame.button.value))
            case InputTextRawFrame():
                self._post(TextIn(frame.text))
            case _:
                await self.push_frame(frame, direction)


class Outbound(FrameProcessor):
    """Line command → frame, and the only place that makes an `InterruptionFrame`.

    One frame at a time goes through the last step: pipecat lets system frames overtake others in
    a processor's input queue, so an interruption that is pushed right behind a piece of sound
    would be handled before it, and the sound would be heard after the flush.
    """

    def __init__(self, output: FrameProcessor, gone: asyncio.Event) -> None:
        super().__init__()
        self._gone = gone
        self._door = asyncio.Lock()
        self._accepted: dict[int, asyncio.Event] = {}
        output.add_event_handler("on_after_process_frame", self._on_accepted)

    async def process_frame(self, frame: Frame, direction: FrameDirection) -> None:
        await super().process_frame(frame, direction)
        await self.push_frame(frame, direction)

    async def say(self, chunk: AudioChunk) -> None:
        """Hands sound to the output."""
        await self._through(OutputAudioRawFrame(chunk.pcm, chunk.rate, num_channels=1))

    async def interrupt(self) -> None:
        """Returns when the output has forgotten all it had."""
        await self._through(InterruptionFrame())

    async def message(self, message: dict[str, object]) -> None:
        """Sends a client message, for transports that carry JSON beside the sound."""
        await self._through(OutputTransportMessageUrgentFrame(message))

    async def _through(self, frame: Frame) -> None:
        async with self._door:
            if self._gone.is_set():
                return
            accepted = self._accepted[frame.id] = asyncio.Event()
            try:
                await self.push_frame(frame)
                async with asyncio.timeout(ACCEPT):
                    await accepted.wait()
            except TimeoutError:
                if not self._gone.is_set():
                    log.warning("line.output_stuck", frame=type(frame).__name__)
            finally:
                del self._accepted[frame.id]

    def _on_accepted(self, _output: FrameProcessor, frame: Frame) -> None:
        if (accepted := self._accepted.get(frame.id)) is not None:
            accepted.set()
