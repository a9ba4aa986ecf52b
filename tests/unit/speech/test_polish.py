"""Sound of engines made fit for the line; features made fit for Whisper."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from voicebot.adapters.stt.features import log_mel
from voicebot.adapters.tts.engine import Sound
from voicebot.adapters.tts.polish import LEVEL, PEAK, polish


def tone(seconds: float, rate: int, loud: float, before: float = 0.4, after: float = 1.0) -> Sound:
    wave = loud * np.sin(2 * np.pi * 300 * np.arange(int(seconds * rate)) / rate)
    parts = [np.zeros(int(before * rate)), wave, np.zeros(int(after * rate))]
    return Sound(np.concatenate(parts).astype(np.float32), rate)


@pytest.mark.parametrize("loud", [0.02, 0.2, 0.9])
@pytest.mark.parametrize("rate", [8_000, 16_000, 24_000])
def test_trimmed_level_and_faded(loud: float, rate: int) -> None:
    chunk = polish(tone(1.0, 24_000, loud), rate)
    samples = np.frombuffer(chunk.pcm, "<i2") / 32768
    assert chunk.rate == rate
    assert 1.0 <= chunk.seconds <= 1.1
    middle = samples[rate // 4 : rate * 3 // 4]
    assert abs(20 * np.log10(np.sqrt(np.mean(middle**2)) / LEVEL)) < 0.5
    assert abs(samples[0]) < 0.005
    assert abs(samples[-1]) < 0.005


def test_silence_becomes_nothing() -> None:
    assert polish(Sound(np.zeros(24_000, np.float32), 24_000), 8_000).pcm == b""
    assert polish(Sound(np.zeros(0, np.float32), 24_000), 8_000).pcm == b""


def test_peaks_stay_below_full_scale() -> None:
    spiky = np.random.default_rng(1).normal(0, 0.01, 24_000).astype(np.float32)
    spiky[12_000] = 1.0
    samples = np.frombuffer(polish(Sound(spiky, 24_000), 24_000).pcm, "<i2") / 32768
    assert np.abs(samples).max() <= PEAK + 0.01


@given(st.lists(st.floats(-1, 1, width=32), max_size=2_000))
def test_any_sound_gives_a_chunk_no_longer_than_it(samples: list[float]) -> None:
    chunk = polish(Sound(np.array(samples, np.float32), 8_000), 8_000)
    assert chunk.samples <= len(samples)


def test_features_show_a_tone_in_its_band_and_the_margin_as_silence() -> None:
    samples = (0.5 * np.sin(2 * np.pi * 1_000 * np.arange(16_000) / 16_000)).astype(np.float32)
    mel = log_mel(samples, 600)
    assert mel.shape == (80, 700)
    assert mel.dtype == np.float32
    assert abs(int(mel[:, 50].argmax()) - 26) <= 1, "1 kHz is 15 of 45.2 mel, a third of 80 bands"
    assert np.ptp(mel[:, 300:]) == 0
    assert mel.max() - mel.min() <= 2.0 + 1e-5


def test_features_never_pass_the_models_window() -> None:
    assert log_mel(np.zeros(16_000 * 40, np.float32), 600).shape == (80, 3000)
