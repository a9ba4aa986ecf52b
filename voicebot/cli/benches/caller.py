"""A scripted caller: another voice than ours, line noise, telephone level, pauses at known places."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt
import soxr

from voicebot.adapters.tts.kokoro import KokoroEngine

RATE: Final = 8000
VOICE: Final = "zm_yunxi"
MODEL: Final = "kokoro"

DBM0: Final = -6.15
"""dBFS (RMS) of 0 dBm0 in G.711: a full-scale sine is +3.14 dBm0 and -3.01 dBFS."""

LEAD_IN: Final = 0.3
LEAD_OUT: Final = 1.5
"""Seconds of line noise before and after the words."""

SNR: Final = 25.0

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Line:
    """What to say. `pause` (seconds) is made where the text has a ``|``; 0 for none."""

    text: str
    pause: float = 0.0
    level: float = -20.0


@dataclass(frozen=True, slots=True)
class Utterance:
    """Sound ready for the wire.

    Args:
        pcm: s16 at `RATE`, noise around the words.
        began, ended: seconds from the start of `pcm` to the first and last speech.
        resumed: seconds to where speech goes on after the inner pause; None without one.
    """

    text: str
    pcm: bytes
    began: float
    ended: float
    resumed: float | None = None


class Caller:
    """Makes utterances; the voice's raw sound is kept on disk, since it costs 0.7 s CPU a second."""

    def __init__(self, models: Path, cache: Path, seed: int) -> None:
        self._models = models
        self._cache = cache
        self._engine: KokoroEngine | None = None
        self._random = np.random.default_rng(seed)

    def utter(self, line: Line) -> Utterance:
        """Raises VoicebotError ``model.damaged`` when the second voice is not installed."""
        parts = [self._spoken(part) for part in line.text.split("|")]
        pause = np.zeros(round(line.pause * RATE))
        words = parts[0]
        resumed = None
        for part in parts[1:]:
            resumed = (len(words) + len(pause)) / RATE
            words = np.concatenate((words, pause, part))
        words = words * 10 ** ((line.level + DBM0) / 20) / _active_rms(words)
        noise_rms = 10 ** ((line.level + DBM0 - SNR) / 20)
        before, after = round(LEAD_IN * RATE), round(LEAD_OUT * RATE)
        sound = np.concatenate((np.zeros(before), words, np.zeros(after)))
        sound = sound + self._random.standard_normal(len(sound)) * noise_rms
        pcm = (np.clip(sound, -1, 1) * 32767).astype("<i2").tobytes()
        offset = before / RATE
        return Utterance(
            line.text.replace("|", ""),
            pcm,
            offset,
            offset + len(words) / RATE,
            None if resumed is None else offset + resumed,
        )

    def _spoken(self, text: str) -> Floats:
        """Trimmed to its first and last sound, so that its ends are those of the speech."""
        name = hashlib.sha256(f"{VOICE}\0{text}".encode()).hexdigest()[:24]
        path = self._cache / f"{name}.npy"
        if not path.is_file():
            self._cache.mkdir(parents=True, exist_ok=True)
            if self._engine is None:
                self._engine = KokoroEngine(self._models / MODEL, voice=VOICE)
            sound = self._engine.speak(text, VOICE, 1.0)
            np.save(path, soxr.resample(sound.samples, sound.rate, RATE).astype(np.float32))
        return trimmed(np.load(path).astype(np.float64))


def trimmed(samples: Floats, below: float = 35.0) -> Floats:
    """Without the parts at both ends that are `below` dB under the loudest 20 ms."""
    step = RATE // 50
    frames = samples[: len(samples) // step * step].reshape(-1, step)
    levels = np.sqrt(np.mean(frames**2, axis=1))
    loud = np.flatnonzero(levels > np.max(levels) * 10 ** (-below / 20))
    return samples[loud[0] * step : (loud[-1] + 1) * step]


def _active_rms(samples: Floats) -> float:
    """RMS of the frames within 30 dB of the loudest: pauses do not count (after ITU-T P.56)."""
    step = RATE // 50
    frames = samples[: len(samples) // step * step].reshape(-1, step)
    powers = np.mean(frames**2, axis=1)
    return float(np.sqrt(np.mean(powers[powers > np.max(powers) * 1e-3])))


def script(texts: Sequence[str], seed: int, paused: float = 0.3) -> list[Line]:
    """Levels of -30…-10 dBm0 for all, an inner pause of 0.3-1.2 s for that share of the texts (those
    with a ``|`` in them), all drawn from `seed`."""
    random = np.random.default_rng(seed)
    with_mark = [i for i, text in enumerate(texts) if "|" in text]
    chosen = set(random.permutation(with_mark)[: round(paused * len(texts))].tolist())
    lines = []
    for i, text in enumerate(texts):
        level = float(random.uniform(-30, -10))
        if i in chosen:
            lines.append(Line(text, float(random.uniform(0.3, 1.2)), level))
        else:
            lines.append(Line(text.replace("|", ""), 0.0, level))
    return lines
