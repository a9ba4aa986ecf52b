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
NEAR: Final = 0.4
"""Seconds from its place in which the speaker's own breath is looked for."""

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Line:
    """What to say.

    Args:
        pauses: seconds of silence at each ``|`` of the text; none: the marks are only commas.
        level: of the active speech, in dBm0.
        rate: speaking rate, 1.0 normal.
        snr: line noise, in dB below the speech; None for none.
        seed: of the noise, so that it does not depend on what was said before; None: the caller's.
    """

    text: str
    pauses: tuple[float, ...] = ()
    level: float = -20.0
    rate: float = 1.0
    voice: str = VOICE
    snr: float | None = SNR
    seed: int | None = None


@dataclass(frozen=True, slots=True)
class Utterance:
    """Sound ready for the wire.

    Args:
        pcm: s16 at `RATE`, noise around the words.
        began, ended: seconds from the start of `pcm` to the first and last speech.
        resumed: seconds to where speech goes on after the last inner pause; None without one.
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
        self._engines: dict[str, KokoroEngine] = {}
        self._random = np.random.default_rng(seed)

    def utter(self, line: Line) -> Utterance:
        """Raises VoicebotError ``model.damaged`` when the second voice is not installed."""
        words = self.spoken(line.text.replace("|", "，"), line.voice, line.rate)
        resumed = None
        if line.pauses:
            words, resumed = stretched(words, _shares(line.text), line.pauses)
        words = words * 10 ** ((line.level + DBM0) / 20) / _active_rms(words)
        before, after = round(LEAD_IN * RATE), round(LEAD_OUT * RATE)
        sound = np.concatenate((np.zeros(before), words, np.zeros(after)))
        if line.snr is not None:
            random = self._random if line.seed is None else np.random.default_rng(line.seed)
            noise_rms = 10 ** ((line.level + DBM0 - line.snr) / 20)
            sound = sound + random.standard_normal(len(sound)) * noise_rms
        return Utterance(
            line.text.replace("|", ""),
            (np.clip(sound, -1, 1) * 32767).astype("<i2").tobytes(),
            LEAD_IN,
            LEAD_IN + len(words) / RATE,
            None if resumed is None else LEAD_IN + resumed,
        )

    def spoken(self, text: str, voice: str = VOICE, rate: float = 1.0) -> Floats:
        """Trimmed to its first and last sound, so that its ends are those of the speech."""
        name = hashlib.sha256(f"{voice}\0{rate}\0{text}".encode()).hexdigest()[:24]
        path = self._cache / f"{name}.npy"
        if not path.is_file():
            self._cache.mkdir(parents=True, exist_ok=True)
            if voice not in self._engines:
                self._engines[voice] = KokoroEngine(self._models / MODEL, voice=voice)
            sound = self._engines[voice].speak(text, voice, rate)
            np.save(path, soxr.resample(sound.samples, sound.rate, RATE).astype(np.float32))
        return trimmed(np.load(path).astype(np.float64))


def _shares(text: str) -> list[float]:
    """How far into the words each mark stands, 0-1."""
    whole = len(text.replace("|", ""))
    return [len(text[:i].replace("|", "")) / whole for i, c in enumerate(text) if c == "|"]


def stretched(words: Floats, shares: Sequence[float], pauses: Sequence[float]) -> tuple[Floats, float]:
    """`words` with a silence of that many seconds at each of `shares`, and where the last one ends.

    The speaker's own breath nearest to the place is made longer, so that the melody before it is
    that of a sentence that goes on: a sentence spoken in two parts would end twice.
    """
    quiet = _breaths(words)
    for share, pause in sorted(zip(shares, pauses, strict=True), reverse=True):
        place = share * len(words) / RATE
        begins, ends = min(quiet, key=lambda gap: abs((gap[0] + gap[1]) / 2 - place), default=(place, place))
        if abs((begins + ends) / 2 - place) > NEAR:
            begins = ends = place
        cut, go_on = round(begins * RATE), round(ends * RATE)
        words = np.concatenate((words[:cut], np.zeros(round(pause * RATE)), words[go_on:]))
        if share == max(shares):
            behind_last = len(words) - cut - round(pause * RATE)
    return words, (len(words) - behind_last) / RATE


def _breaths(words: Floats) -> list[tuple[float, float]]:
    """(from, to) in seconds of the stretches of at least 30 ms that are 30 dB under the loudest 10 ms."""
    step = RATE // 100
    frames = words[: len(words) // step * step].reshape(-1, step)
    levels = np.sqrt(np.mean(frames**2, axis=1))
    still = np.concatenate(([False], levels < np.max(levels) * 10 ** (-30 / 20), [False]))
    edges = np.flatnonzero(still[1:] != still[:-1])
    return [(a / 100, b / 100) for a, b in edges.reshape(-1, 2) if b - a >= 3]


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
            lines.append(Line(text, (float(random.uniform(0.3, 1.2)),), level))
        else:
            lines.append(Line(text.replace("|", ""), (), level))
    return lines
