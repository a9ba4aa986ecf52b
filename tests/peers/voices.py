"""A caller's voice for tests: Kokoro `zm_yunxi`, not the voice of the hotline, over a noisy line.

    question = caller_voice("社保卡丢了怎么补办")         # WAV file, 8 kHz
    needs_caller_voice                                   # mark: skips where the voice is missing

Files are kept under ``data/cache/test-voice``, so that a second run synthesises nothing.
"""

import hashlib
import importlib.util
import os
from functools import cache
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt
import pytest

from tests.peers.wav import write_wav

ROOT: Final = Path(__file__).parents[2]
MODEL: Final = ROOT / "data" / "models" / "kokoro"
CACHE: Final = ROOT / "data" / "cache" / "test-voice"
VOICE: Final = "zm_yunxi"
PACE: Final = 0.85
"""Of the voice's own 6 syllables a second: as people speak on the telephone."""
VERSION: Final = "3"
"""Part of the file names; change it when the sound of a voice changes."""

SPEECH_LEVEL: Final = -26.15
"""RMS in dBFS of -20 dBm0: a full-scale sine is -3.01 dBFS and, in A-law, +3.14 dBm0 (G.711)."""
SNR: Final = 20.0
"""dB between speech and line noise."""
BAND: Final = (300.0, 3400.0)
"""What a telephone carries, in Hz."""
MARGIN: Final = 0.3
"""Seconds of bare line noise before and after the words."""

Samples = npt.NDArray[np.float64]


def missing() -> str:
    """Why there is no caller's voice on this machine; empty when there is one."""
    if not (MODEL / f"{VOICE}.bin").is_file():
        return "no model kokoro (voicebot models pull --for test): no second voice"
    if importlib.util.find_spec("misaki") is None:
        return "no package misaki: no second voice"
    return ""


needs_caller_voice: Final = pytest.mark.skipif(bool(missing()), reason=missing())


def caller_voice(text: str, rate: int = 8000) -> Path:
    """WAV (s16 mono) of `text` as a caller says it: speech at -20 dBm0, telephone band, line noise."""
    key = hashlib.sha256(f"{VERSION}|{VOICE}|{rate}|{text}".encode()).hexdigest()[:20]
    path = CACHE / f"{key}.wav"
    if not path.is_file():
        CACHE.mkdir(parents=True, exist_ok=True)
        fresh = path.with_suffix(f".{os.getpid()}")
        write_wav(fresh, over_the_line(_speak(text, rate), rate, seed=int(key[:8], 16)), rate)
        fresh.replace(path)
    return path


def over_the_line(speech: Samples, rate: int, seed: int) -> bytes:
    """s16 of what the far end of a telephone line gets."""
    margin = np.zeros(round(MARGIN * rate))
    sound = _band_passed(np.concatenate([margin, speech, margin]), rate)
    loud = np.abs(sound) > 0.05 * np.abs(sound).max()
    sound *= 10 ** (SPEECH_LEVEL / 20) / _rms(sound[loud])
    noise = _pink(sound.size, rate, np.random.default_rng(seed))
    noise *= 10 ** ((SPEECH_LEVEL - SNR) / 20) / _rms(noise)
    return (np.clip(sound + noise, -1, 1) * 32767).astype("<i2").tobytes()


def _rms(sound: Samples) -> float:
    return float(np.sqrt(np.mean(sound**2)))


def _band_passed(sound: Samples, rate: int) -> Samples:
    spectrum = np.fft.rfft(sound)
    at = np.fft.rfftfreq(sound.size, 1 / rate)
    spectrum[(at < BAND[0]) | (at > BAND[1])] = 0
    return np.asarray(np.fft.irfft(spectrum, sound.size), np.float64)


def _pink(size: int, rate: int, chance: np.random.Generator) -> Samples:
    """Noise that falls by 3 dB an octave, within the band."""
    spectrum = np.fft.rfft(chance.standard_normal(size))
    at = np.fft.rfftfreq(size, 1 / rate)
    spectrum /= np.sqrt(np.maximum(at, 50.0))
    return _band_passed(np.asarray(np.fft.irfft(spectrum, size), np.float64), rate)


@cache
def _engine():  # type: ignore[no-untyped-def]  # the engine's module is imported only when it is used
    from voicebot.adapters.tts.kokoro import KokoroEngine

    return KokoroEngine(MODEL, threads=2, voice=VOICE)


def _speak(text: str, rate: int) -> Samples:
    import soxr

    from voicebot.adapters.tts.polish import trim

    sound = _engine().speak(text, VOICE, PACE)
    trimmed = trim(sound.samples, sound.rate)
    return np.asarray(soxr.resample(trimmed, sound.rate, rate, quality="HQ"), np.float64)
