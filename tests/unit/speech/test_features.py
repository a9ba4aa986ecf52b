"""Speech is brought to one level, whatever the telephone did to it."""

import numpy as np
import pytest

from voicebot.adapters.stt.features import BANDS, LEVEL, levelled, log_mel


def tone(level: float) -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
    """Half a second of it in a second of near silence; `level` in dBFS (RMS)."""
    at = np.arange(16_000) / 16_000
    wave = np.sin(2 * np.pi * 440 * at) * np.sqrt(2) * 10 ** (level / 20)
    wave[8_000:] = 0.0
    return np.asarray(wave, np.float32)


@pytest.mark.parametrize("level", [-36.0, -26.0, -16.0, -9.0])
def test_speech_comes_to_one_level(level: float) -> None:
    loud = levelled(tone(level))[:8_000]
    assert 10 * np.log10(np.mean(loud**2)) == pytest.approx(LEVEL, abs=0.1)


def test_near_silence_is_not_made_speech_of() -> None:
    assert float(np.abs(levelled(tone(-60.0))).max()) < 0.02


@pytest.mark.parametrize("size", [0, 100, 319])
def test_too_little_stays_as_it_is(size: int) -> None:
    assert levelled(np.zeros(size, np.float32)).size == size


def test_features_have_bands_and_a_margin() -> None:
    assert log_mel(tone(-20.0), 600).shape == (BANDS, 700)
