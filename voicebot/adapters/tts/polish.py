"""Raw engine sound → a clause fit for the line: trimmed, level, faded, at the wanted rate."""

from typing import Final

import numpy as np
import soxr

from voicebot.adapters.tts.engine import Samples, Sound
from voicebot.core.audio import AudioChunk

LEVEL: Final = 10 ** (-20 / 20)
"""RMS of the speech itself, -20 dBFS: loud on a handset, 17 dB over it are left for peaks."""
PEAK: Final = 0.95
FADE: Final = 0.010
_KEEP: Final = 0.03
"""Seconds left before and after the speech, so that soft onsets stay."""
_WINDOW: Final = 0.01
_FLOOR: Final = 10 ** (-38 / 20)
"""A window this far below the loudest one is silence."""


def polish(sound: Sound, rate: int) -> AudioChunk:
    """Trims, levels, resamples to `rate` Hz and fades both ends; empty sound stays empty."""
    speech = trim(sound.samples, sound.rate)
    if not speech.size:
        return AudioChunk(b"", rate)
    speech = level(speech, sound.rate)
    if sound.rate != rate:
        speech = np.asarray(soxr.resample(speech, sound.rate, rate, quality="HQ"), np.float32)
    fade = min(int(FADE * rate), speech.size // 2)
    if fade:
        ramp = np.linspace(0, 1, fade, dtype=np.float32)
        speech = speech.copy()
        speech[:fade] *= ramp
        speech[-fade:] *= ramp[::-1]
    return AudioChunk((np.clip(speech, -1, 1) * 32767).astype("<i2").tobytes(), rate)


def _rms(samples: Samples, rate: int) -> tuple[Samples, int]:
    """RMS of each whole window of `_WINDOW` seconds, and the window's length."""
    size = max(1, int(_WINDOW * rate))
    windows = samples[: samples.size // size * size].reshape(-1, size)
    return np.sqrt(np.mean(windows**2, axis=1, dtype=np.float32)), size


def trim(samples: Samples, rate: int) -> Samples:
    """Without the silence before and after (voices begin with 0.3 s of it)."""
    rms, size = _rms(samples, rate)
    if not rms.size or (loudest := float(rms.max())) < 1e-4:
        return np.zeros(0, np.float32)
    loud = np.flatnonzero(rms > loudest * _FLOOR)
    keep = int(_KEEP * rate)
    return samples[max(0, int(loud[0]) * size - keep) : (int(loud[-1]) + 1) * size + keep]


def level(samples: Samples, rate: int) -> Samples:
    """Brings the RMS of the speaking windows to `LEVEL`, peaks at most `PEAK`."""
    rms, _ = _rms(samples, rate)
    if not rms.size:
        return samples
    speaking = rms[rms > float(rms.max()) * 0.1]
    gain = LEVEL / max(1e-6, float(np.sqrt(np.mean(speaking**2))))
    return samples * np.float32(min(gain, PEAK / max(1e-6, float(np.abs(samples).max()))))
