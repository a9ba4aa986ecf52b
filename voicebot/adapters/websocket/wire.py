"""The paced sending side that every WebSocket line has in common."""

import asyncio
import contextlib
from abc import ABC, abstractmethod
from typing import Final

from pipecat.frames.frames import Frame, InputAudioRawFrame
from pipecat.serializers.base_serializer import FrameSerializer

from voicebot.adapters.pipecat_line import AT, PipecatLine
from voicebot.adapters.websocket.pacing import Playout
from voicebot.adapters.websocket.transport import SocketTransport
from voicebot.core.audio import BYTES_PER_SAMPLE
from voicebot.core.clock import Clock

LAST_WORDS: Final = 0.3
"""Seconds that `hang_up` waits for the listener's buffer to be heard."""


class Wire(ABC):
    """A `FarEnd` whose sound is paced by real time, over a connection that may break.

    Args:
        rate: samples per second both ways.
        resume_within: seconds that a write may wait for a connection.
    """

    def __init__(
        self,
        rate: int,
        playout: Playout,
        clock: Clock,
        resume_within: float,
        serializer: FrameSerializer | None = None,
    ) -> None:
        self.rate: Final = rate
        self.clock: Final = clock
        self.playout: Final = playout
        self.transport: Final = SocketTransport(self, rate, resume_within + 5.0, serializer)
        self.over = False
        self._line: PipecatLine | None = None
        self._ended_by = ""
        self._generation = 0
        self._changed = asyncio.Event()
        self.started: Final = asyncio.Event()
        """The pipeline runs, or will never run: what the far end says can be taken from now on."""

    # ── of the concrete wire ────────────────────────────────────────────────────────────────

    @property
    @abstractmethod
    def connected(self) -> bool: ...

    @abstractmethod
    async def put_sound(self, pcm: bytes) -> None: ...

    @abstractmethod
    async def put_flush(self) -> None: ...

    @abstractmethod
    async def put_end(self) -> None:
        """Says good-bye and closes the connection."""

    @abstractmethod
    async def answer(self) -> None: ...

    # ── output, called by the transport ─────────────────────────────────────────────────────

    async def write(self, pcm: bytes) -> bool:
        """Sends one frame when its time has come; waits while the connection is broken. False when
        it was interrupted or the call ended meanwhile."""
        samples, generation = len(pcm) // BYTES_PER_SAMPLE, self._generation
        while not self.over and generation == self._generation:
            wait = self.playout.delay(samples, self.clock.monotonic()) if self.connected else None
            if wait is not None and wait <= 0:
                # Counted before it is sent: a flush during the send must include it.
                self.playout.took(samples, self.clock.monotonic())
                await self.put_sound(pcm)
                return True
            self._changed.clear()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(wait):
                    await self._changed.wait()
        return False

    async def flush(self) -> None:
        self._generation += 1
        self.playout.flushed(self.clock.monotonic())
        self.changed()
        await self.put_flush()

    def changed(self) -> None:
        """Wakes a waiting write: connected, flushed or over."""
        self._changed.set()

    # ── input ───────────────────────────────────────────────────────────────────────────────

    async def hear(self, frame: Frame) -> None:
        """Hands a frame from the far end to the pipeline; sound is stamped with its arrival."""
        if self._line is None or self.over:
            return
        if isinstance(frame, InputAudioRawFrame):
            frame.metadata[AT] = self.clock.monotonic()
            await self.transport.input().push_audio_frame(frame)
        else:
            await self.transport.input().push_frame(frame)

    def bind(self, line: PipecatLine) -> None:
        """The pipeline runs; the far end may have gone while it started."""
        self._line = line
        self.started.set()
        if self._ended_by:
            line.gone(self._ended_by)

    def gone(self, reason: str) -> None:
        """The call ends without a word to the far end, which is not there any more."""
        self.over = True
        self._ended_by = self._ended_by or reason
        self.changed()
        self.started.set()
        if self._line is not None:
            self._line.gone(reason)

    async def end(self, reason: str) -> None:
        """The far end or a rule ended the call; it is told if it can be."""
        if not self.over:
            self.gone(reason)
            await self.put_end()

    # ── port FarEnd ─────────────────────────────────────────────────────────────────────────

    def taken(self) -> int:
        return self.playout.taken()

    def ahead(self) -> int:
        return self.playout.ahead(self.clock.monotonic())

    def played(self) -> int:
        return self.playout.played(self.clock.monotonic())

    async def transfer(self, target: str, reference: str) -> bool:
        """A WebSocket cannot be sent elsewhere; the switchboard bridges instead."""
        return False

    async def send_keys(self, keys: str) -> bool:
        """Nobody at a page waits for keys."""
        return False

    async def hang_up(self) -> None:
        if self.connected and not self.over:
            await asyncio.sleep(min(LAST_WORDS, self.playout.unheard(self.clock.monotonic())))
        await self.end("us")
