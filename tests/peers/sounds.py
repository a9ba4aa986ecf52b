"""What a telephone carries besides speech: s16 mono at 8 kHz, made by sums, the same each time."""

from itertools import pairwise
from typing import Final

import numpy as np
import numpy.typing as npt

RATE: Final = 8000
CHORDS: Final = ((261.6, 329.6, 392.0), (220.0, 261.6, 329.6), (174.6, 220.0, 261.6), (196.0, 246.9, 293.7))
OVERTONES: Final = ((1, 1.0), (2, 0.5), (3, 0.3), (4, 0.15), (5, 0.1))
ROWS: Final = (697.0, 770.0, 852.0, 941.0)
COLUMNS: Final = (1209.0, 1336.0, 1477.0)
PAD: Final = ("123", "456", "789", "*0#")

Samples = npt.NDArray[np.float64]


def music(seconds: float) -> bytes:
    """Four chords with vibrato, one a second, and a drum four times a second; -12 dBFS."""
    at = _times(1.0)
    chance = np.random.default_rng(1)
    drum = np.zeros_like(at)
    for beat in range(4):
        hit = slice(beat * RATE // 4, beat * RATE // 4 + RATE // 12)
        drum[hit] = 2 * chance.standard_normal(drum[hit].size) * np.exp(-50 * _times(1.0)[: drum[hit].size])
    bars = []
    for chord in CHORDS:
        bar = drum.copy()
        for tone in chord:
            wobble = np.sin(2 * np.pi * 5.5 * at) * tone / 261
            for factor, share in OVERTONES:
                bar += share * np.sin(2 * np.pi * tone * factor * at + wobble) * np.exp(-1.2 * at)
        bars.append(bar)
    period = np.concatenate(bars)
    return _pcm(np.resize(period / np.abs(period).max(), round(seconds * RATE)), 0.6)


def ring_tone(seconds: float) -> bytes:
    """450 Hz, 1 s on and 4 s off (GB 3380)."""
    at = _times(seconds)
    return _pcm(np.sin(2 * np.pi * 450 * at) * (at % 5 < 1), 0.3)


def fax(seconds: float) -> bytes:
    """A calling tone (ITU-T T.30: 1100 Hz, 0.5 s in 3.5 s), then a modem at 300 bit/s (V.21)."""
    at = _times(seconds)
    bits = (
        np.random.default_rng(2).integers(0, 2, at.size * 300 // RATE + 1).repeat(RATE // 300 + 1)[: at.size]
    )
    modem = np.sin(2 * np.pi * np.cumsum(np.where(bits, 1650.0, 1850.0)) / RATE)
    calling = np.sin(2 * np.pi * 1100 * at) * (at % 3.5 < 0.5)
    return _pcm(np.where(at < seconds / 2, calling, modem), 0.3)


def white_noise(seconds: float) -> bytes:
    """As loud as the line can carry."""
    return _pcm(np.clip(np.random.default_rng(3).standard_normal(round(seconds * RATE)), -1, 1), 1.0)


def touch_tones(keys: str, press: float = 0.1, pause: float = 0.1) -> bytes:
    """Keys as sound (ITU-T Q.23)."""
    at, sound = _times(press), b""
    for key in keys:
        row = next(index for index, line in enumerate(PAD) if key in line)
        column = PAD[row].index(key)
        tones = np.sin(2 * np.pi * ROWS[row] * at) + np.sin(2 * np.pi * COLUMNS[column] * at)
        sound += _pcm(tones / 2, 0.3) + bytes(2 * round(pause * RATE))
    return sound


def clipped(pcm: bytes, gain: float = 20.0) -> bytes:
    """Far too loud."""
    return _pcm(np.clip(gain * np.frombuffer(pcm, "<i2") / 32768.0, -1, 1), 1.0)


def longest_silence(heard: list[tuple[float, bytes]], start: float, end: float, loud: float = 300.0) -> float:
    """The longest time between `start` and `end` in which nothing was to be heard.

    Args:
        heard: (time, s16 sound) of pieces of some 20 ms.
        loud: mean absolute sample from which a piece counts as sound.
    """
    times = [at for at, pcm in heard if start <= at <= end and _loudness(pcm) > loud]
    return max(late - early for early, late in pairwise((start, *times, end)))


def moved(first: npt.NDArray[np.int16], later: npt.NDArray[np.int16], most: float = 0.2) -> float:
    """Seconds by which the end of the same sentence comes later in `later` than in `first`: what was
    inserted on the way, or (below 0) lost. Both begin with the same sample and are as long."""
    span = round(most * RATE)
    words = first[-2 * span : -span].astype(np.float64)
    found = later[-3 * span :].astype(np.float64)
    power = np.convolve(found**2, np.ones(span), "valid")
    fit = np.correlate(found, words, "valid") / np.sqrt(np.maximum(power, 1.0))
    return float((np.argmax(fit) - span) / RATE)


def _loudness(pcm: bytes) -> float:
    return float(np.mean(np.abs(np.frombuffer(pcm, "<i2").astype(np.float64)))) if pcm else 0.0


def _times(seconds: float) -> Samples:
    return np.asarray(np.arange(round(seconds * RATE)) / RATE, np.float64)


def _pcm(wave: Samples, peak: float) -> bytes:
    return (wave * peak * 32767).astype("<i2").tobytes()
