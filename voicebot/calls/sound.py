"""Small sums over samples that a call needs: level, gain, tones, change of rate."""

import math
from typing import Final

import numpy as np
import soxr

from voicebot.core.audio import AudioChunk

FLOOR: Final = -96.0
"""dBFS of digital silence."""

FULL_SCALE: Final = 32768.0
ATTENTION_HZ: Final = 660.0
RINGBACK_HZ: Final = 450.0
"""Chinese ring-back tone, 1 s on and 4 s off (GB 3380)."""


def level(chunk: AudioChunk) -> float:
    """RMS in dBFS, `FLOOR` for silence."""
    if not chunk.pcm:
        return FLOOR
    samples = np.frombuffer(chunk.pcm, "<i2").astype(np.float32)
    power = float(np.dot(samples, samples)) / (len(samples) * FULL_SCALE**2)
    return max(FLOOR, 10.0 * math.log10(power)) if power > 0 else FLOOR


def faded(chunk: AudioChunk, before: float, after: float) -> AudioChunk:
    """The chunk with its gain (linear, 0-1) moving from `before` to `after` without a click."""
    if before == after == 1.0:
        return chunk
    samples = np.frombuffer(chunk.pcm, "<i2").astype(np.float32)
    gain = np.linspace(before, after, len(samples), dtype=np.float32)
    return AudioChunk((samples * gain).astype("<i2").tobytes(), chunk.rate)


def ringback(rate: int) -> tuple[AudioChunk, ...]:
    """One period (5 s) of the tone a caller hears while a person is rung, in 20 ms chunks."""
    step = rate // 50
    at = np.arange(rate) / rate
    tone = (0.08 * FULL_SCALE * np.sin(2 * np.pi * RINGBACK_HZ * at)).astype("<i2")
    period = np.concatenate((tone, np.zeros(4 * rate, "<i2"))).tobytes()
    return tuple(AudioChunk(period[i : i + 2 * step], rate) for i in range(0, len(period), 2 * step))


def attention(rate: int) -> AudioChunk:
    """Two soft beeps: somebody is there who cannot speak just now."""
    at = np.arange(round(0.15 * rate)) / rate
    beep = 0.1 * FULL_SCALE * np.sin(2 * np.pi * ATTENTION_HZ * at) * np.hanning(at.size)
    pause = np.zeros(round(0.1 * rate))
    return AudioChunk(np.concatenate((beep, pause, beep, pause)).astype("<i2").tobytes(), rate)


class Resampler:
    """Changes the rate of a stream, chunk by chunk, with no delay worth hearing (soxr "QQ")."""

    def __init__(self, rate: int) -> None:
        self._rate = rate
        self._stream: soxr.ResampleStream | None = None
        self._from = rate

    def __call__(self, chunk: AudioChunk) -> AudioChunk:
        if chunk.rate == self._rate:
            return chunk
        if self._stream is None or self._from != chunk.rate:
            self._from = chunk.rate
            self._stream = soxr.ResampleStream(chunk.rate, self._rate, 1, dtype="int16", quality="QQ")
        out = self._stream.resample_chunk(np.frombuffer(chunk.pcm, "<i2"))
        return AudioChunk(out.astype("<i2").tobytes(), self._rate)
