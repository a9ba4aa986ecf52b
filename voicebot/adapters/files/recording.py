"""Recordings as WAV: the caller left, we right, on one time line."""

import asyncio
import threading
import wave
from collections.abc import Callable
from pathlib import Path
from queue import Full, Queue
from typing import Final

import numpy as np
import numpy.typing as npt
import structlog

from voicebot.calls.parts import Recording
from voicebot.calls.ports import AudioIn
from voicebot.core.audio import AudioChunk
from voicebot.core.clock import Clock
from voicebot.core.ids import CallId

log = structlog.get_logger(__name__)

PIECES: Final = 3000
"""Pieces that may wait for the disk (30 s); further ones are lost, and said so in the log."""

BLOCK: Final = 1.0
"""Seconds that are mixed and written at a time; later pieces for a written block are dropped."""

Piece = tuple[int, float, AudioChunk]


class WavRecording:
    """Writes in a thread of its own, so that a slow disk is never heard.

    Args:
        began: `Clock.monotonic()` of sample 0.
    """

    def __init__(self, path: Path, rate: int, began: float) -> None:
        self._path = path
        self._rate = rate
        self._began = began
        self._pieces: Queue[Piece | None] = Queue(PIECES)
        self._lost = 0
        self._end = [0.0, 0.0]
        self._thread = threading.Thread(target=self._write, name="recording", daemon=True)
        self._thread.start()

    @property
    def name(self) -> str:
        return self._path.name

    def caller(self, sound: AudioIn) -> None:
        self._put(0, sound.at - sound.chunk.seconds, sound.chunk)

    def ours(self, chunk: AudioChunk, at: float) -> None:
        self._put(1, at, chunk)

    def _put(self, channel: int, at: float, chunk: AudioChunk) -> None:
        # pieces follow each other without a gap although they arrive in bursts
        start = max(at, self._end[channel])
        if start - at > BLOCK / 4:
            start = at
        self._end[channel] = start + chunk.seconds
        try:
            self._pieces.put_nowait((channel, start - self._began, chunk))
        except Full:
            self._lost += 1

    async def close(self) -> None:
        """Returns when the file is complete."""
        await asyncio.to_thread(self._finish)
        if self._lost:
            log.error("recording has holes: the disk was too slow", file=self.name, pieces=self._lost)

    def _finish(self) -> None:
        self._pieces.put(None)
        self._thread.join()

    def _write(self) -> None:
        try:
            with self._path.open("wb") as raw, wave.open(raw, "wb") as file:
                file.setnchannels(2)
                file.setsampwidth(2)
                file.setframerate(self._rate)
                self._mix(file)
        except OSError as error:
            log.error("recording failed", file=self.name, error=str(error))
            while self._pieces.get() is not None:
                self._lost += 1

    def _mix(self, file: wave.Wave_write) -> None:
        """Lays pieces into a window of a few blocks and writes those that are surely complete."""
        block = int(BLOCK * self._rate)
        window: npt.NDArray[np.int16] = np.zeros((4 * block, 2), np.int16)
        first = last = 0
        while (piece := self._pieces.get()) is not None:
            channel, at, chunk = piece
            samples = np.frombuffer(chunk.pcm, "<i2")
            start = int(at * self._rate) - first
            while start + len(samples) > len(window):
                file.writeframes(window[:block].tobytes())
                window = np.concatenate((window[block:], np.zeros((block, 2), np.int16)))
                first, start = first + block, start - block
            if start >= 0:
                window[start : start + len(samples), channel] = samples
                last = max(last, first + start + len(samples))
        file.writeframes(window[: max(last - first, 0)].tobytes())


def recorder(folder: Path, clock: Clock) -> Callable[[CallId, int], Recording]:
    """Opens recordings as ``<call id>.wav`` in `folder`, which is made when missing."""
    folder.mkdir(parents=True, exist_ok=True)

    def open_recording(call_id: CallId, rate: int) -> Recording:
        return WavRecording(folder / f"{call_id}.wav", rate, clock.monotonic())

    return open_recording
