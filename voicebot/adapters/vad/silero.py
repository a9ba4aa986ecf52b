"""One Silero VAD session for all calls: windows that are ready together run as one batch.

A session per call costs 0.6-0.85 % of a core and 11 MB a stream, batched it is 0.17 % (findings.md).
Silero has different window sizes at 8 and 16 kHz, so everything is decimated to 8 kHz first.
"""

import asyncio
import importlib.util
import math
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt
import onnxruntime
import soxr

from voicebot.core.audio import AudioChunk
from voicebot.core.errors import VoicebotError
from voicebot.turns.events import Vad

RATE: Final = 8000
WINDOW: Final = 256
"""Samples of a window (32 ms)."""
CONTEXT: Final = 32
"""Samples of the window before that the model wants in front."""
BACKLOG: Final = 8
"""Windows that may wait per stream; older ones are dropped (0.25 s: a verdict that old is useless)."""
FLOOR: Final = -96.0

Floats = npt.NDArray[np.float32]


def model_path() -> Path:
    """The model file inside the pipecat-ai package (MIT), found without importing pipecat.

    Raises:
        VoicebotError: ``vad.model``: the package or its file is missing.
    """
    spec = importlib.util.find_spec("pipecat")
    if spec is not None and spec.submodule_search_locations:
        path = Path(spec.submodule_search_locations[0], "audio", "vad", "data", "silero_vad.onnx")
        if path.is_file():
            return path
    raise VoicebotError("vad.model", "silero_vad.onnx not found; reinstall the package pipecat-ai")


class Silero:
    """The model itself, for a batch of streams. Not thread-safe."""

    def __init__(self, path: Path) -> None:
        options = onnxruntime.SessionOptions()
        options.inter_op_num_threads = options.intra_op_num_threads = 1
        self._session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
        self._rate = np.array(RATE, dtype=np.int64)

    def run(self, windows: Floats, states: Floats) -> tuple[Floats, Floats]:
        """Probabilities [n] and new states [2, n, 128] of `windows` [n, CONTEXT + WINDOW]."""
        out, after = self._session.run(None, {"input": windows, "state": states, "sr": self._rate})
        return out[:, 0], after


class _Stream:
    """One call's samples on their way to the model."""

    def __init__(self, detector: "SileroDetector", on_window: Callable[[Vad], None]) -> None:
        self._detector = detector
        self.on_window = on_window
        self.state: Floats = np.zeros((2, 1, 128), np.float32)
        self.context: Floats = np.zeros(CONTEXT, np.float32)
        self.ready: list[tuple[Floats, float]] = []
        self._rest: Floats = np.zeros(0, np.float32)
        self._decimate: soxr.ResampleStream | None = None
        self.closed = False

    def feed(self, chunk: AudioChunk, at: float) -> None:
        samples = np.frombuffer(chunk.pcm, "<i2").astype(np.float32) / 32768.0
        if chunk.rate != RATE:
            if self._decimate is None:
                self._decimate = soxr.ResampleStream(chunk.rate, RATE, 1, dtype="float32", quality="QQ")
            samples = self._decimate.resample_chunk(samples)
        pending = np.concatenate((self._rest, samples))
        whole = len(pending) // WINDOW * WINDOW
        for start in range(0, whole, WINDOW):
            ends = at - (len(pending) - start - WINDOW) / RATE
            self.ready.append((pending[start : start + WINDOW], ends))
        self._rest = pending[whole:]
        del self.ready[:-BACKLOG]
        if self.ready:
            self._detector.wake()

    def close(self) -> None:
        self.closed = True
        self._detector.forget(self)


class SileroDetector:
    """The port `SpeechDetector`. Run `run()` as a task for as long as calls are taken.

    The model runs in one thread of its own: a batch of 20 takes about 1 ms.
    """

    def __init__(self, path: Path | None = None) -> None:
        self._model = Silero(path or model_path())
        self._streams: set[_Stream] = set()
        self._work = asyncio.Event()

    def open(self, on_window: Callable[[Vad], None]) -> _Stream:
        stream = _Stream(self, on_window)
        self._streams.add(stream)
        return stream

    def wake(self) -> None:
        self._work.set()

    def forget(self, stream: _Stream) -> None:
        self._streams.discard(stream)

    async def run(self) -> None:
        """Serves all streams until cancelled."""
        loop = asyncio.get_running_loop()
        with ThreadPoolExecutor(1, thread_name_prefix="vad") as thread:
            while True:
                await self._work.wait()
                self._work.clear()
                while batch := [(s, *s.ready.pop(0)) for s in self._streams if s.ready]:
                    streams = [stream for stream, _, _ in batch]
                    windows = np.stack([np.concatenate((s.context, w)) for s, w, _ in batch])
                    states = np.concatenate([s.state for s in streams], axis=1)
                    scores, after = await loop.run_in_executor(thread, self._model.run, windows, states)
                    for i, (stream, window, at) in enumerate(batch):
                        stream.state = after[:, i : i + 1]
                        stream.context = window[-CONTEXT:]
                        if not stream.closed:
                            stream.on_window(Vad(float(scores[i]), level(window), at))


def level(samples: Floats) -> float:
    """RMS in dBFS; `FLOOR` for silence."""
    power = float(np.dot(samples, samples)) / len(samples) if len(samples) else 0.0
    return max(FLOOR, 10.0 * math.log10(power)) if power > 0 else FLOOR
