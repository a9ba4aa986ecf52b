"""One press is one digit; touch tones are found, and speech and noise are not taken for them."""

import itertools

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from voicebot.adapters.sip.digits import SAME_PRESS, DigitGate
from voicebot.adapters.sip.g711 import decode, encode
from voicebot.adapters.sip.inband import RATE, InbandDigits

Sound = npt.NDArray[np.float64]

ROWS, COLUMNS = (697, 770, 852, 941), (1209, 1336, 1477)
TONES = {
    key: (row, column)
    for row, keys in zip(ROWS, ("123", "456", "789", "*0#"), strict=True)
    for key, column in zip(keys, COLUMNS, strict=True)
}


def press(
    key: str,
    seconds: float = 0.08,
    level: float = -15,
    twist: float = 0,
    drift: float = 0,
    pause: float = 0.08,
) -> Sound:
    """A key with silence after it. `level` in dBFS (RMS of each tone), `twist` in dB, `drift` in %."""
    at = np.arange(round(seconds * RATE)) / RATE
    low, high = (frequency * (1 + drift / 100) for frequency in TONES[key])
    amplitude = 2**0.5 * 10 ** (level / 20)
    wave = amplitude * (np.sin(2 * np.pi * low * at) + 10 ** (twist / 20) * np.sin(2 * np.pi * high * at))
    return np.concatenate([wave, np.zeros(round(pause * RATE))])


def found(sound: Sound, step: int = 160) -> str:
    pcm = (np.clip(sound, -1, 1) * 32767).astype("<i2").tobytes()
    pcm = decode(encode(pcm, "pcma"), "pcma")
    detector = InbandDigits()
    pieces = (pcm[start : start + 2 * step] for start in range(0, len(pcm), 2 * step))
    return "".join(key for piece in pieces for key in detector.feed(piece))


def noise(seconds: float, level: float, seed: int = 1) -> Sound:
    return np.random.default_rng(seed).normal(0, 10 ** (level / 20), round(seconds * RATE))


@pytest.mark.parametrize("key", TONES)
@pytest.mark.parametrize(("twist", "drift"), list(itertools.product((-6, 0, 4), (-1.5, 0, 1.5))))
def test_tolerances(key: str, twist: float, drift: float) -> None:
    assert found(np.concatenate([press(key, twist=twist, drift=drift), press(key)])) == key * 2


@pytest.mark.parametrize("level", [-30, -20, -9])
def test_levels(level: float) -> None:
    assert found(np.concatenate([press(key, level=level) for key in TONES])) == "".join(TONES)


def test_short_and_shortest() -> None:
    assert found(np.concatenate([press(key, seconds=0.045, pause=0.05) for key in TONES])) == "".join(TONES)
    assert found(np.concatenate([press(key, seconds=0.018) for key in TONES])) == ""


def test_a_long_press_is_one_digit() -> None:
    assert found(press("5", seconds=2.0)) == "5"


def test_a_gap_in_a_press_is_no_second_press() -> None:
    whole = press("5", seconds=0.3)
    whole[800:880] = 0  # one lost packet of 10 ms
    assert found(whole) == "5"


def test_over_line_noise() -> None:
    sound = np.concatenate([press(key) for key in TONES])
    assert found(sound + noise(len(sound) / RATE, -33)) == "".join(TONES)


@settings(max_examples=25, deadline=None)
@given(st.lists(st.sampled_from("0123456789*#"), max_size=6), st.integers(1, 700))
def test_pieces_of_any_size(keys: list[str], step: int) -> None:
    sound = np.concatenate([np.zeros(100), *(press(key) for key in keys)])
    assert found(sound, step) == "".join(keys)


@pytest.mark.parametrize("level", [-40, -20, -6])
def test_noise_is_no_key(level: float) -> None:
    assert found(noise(60, level, seed=7)) == ""


@pytest.mark.parametrize("pair", [(350, 440), (440, 480), (480, 620), (450, 450), (1000, 1000), (2100, 2100)])
def test_tones_of_the_network_are_no_keys(pair: tuple[int, int]) -> None:
    at = np.arange(3 * RATE) / RATE
    assert found(0.2 * np.sin(2 * np.pi * pair[0] * at) + 0.2 * np.sin(2 * np.pi * pair[1] * at)) == ""


def voice(seconds: float, seed: int) -> Sound:
    """Speech-like: a glottal pulse train of wandering pitch through wandering formants, with pauses."""
    chance = np.random.default_rng(seed)
    count = round(seconds * RATE)
    pitch = np.interp(
        np.arange(count), np.arange(0, count, 1600), chance.uniform(80, 320, len(range(0, count, 1600)))
    )
    phase = np.cumsum(pitch / RATE)
    pulses = np.where(np.diff(np.floor(phase), prepend=0.0) > 0, 1.0, 0.0)
    pulses += chance.normal(0, 0.01, count)
    out = np.zeros(count)
    block = 400
    for low, high, width in ((300, 900, 80), (900, 2200, 110), (2200, 3300, 160)):
        wanted = np.interp(
            np.arange(0, count, block),
            np.arange(0, count, 1600),
            chance.uniform(low, high, len(range(0, count, 1600))),
        )
        first = second = 0.0
        radius = np.exp(-np.pi * width / RATE)
        for index, formant in enumerate(wanted):
            turn = 2 * radius * np.cos(2 * np.pi * formant / RATE)
            for sample in range(index * block, min(count, (index + 1) * block)):
                first, second = pulses[sample] + turn * first - radius * radius * second, first
                out[sample] += first
    return np.asarray(0.3 * out / np.abs(out).max())


@pytest.mark.parametrize("seed", range(4))
def test_voices_are_no_keys(seed: int) -> None:
    assert found(voice(20, seed)) == ""


def test_a_press_counts_once_whichever_way_it_comes() -> None:
    gate = DigitGate()
    assert gate.inband("1", 0.0) == "1"
    assert gate.native("1", 0.05) is None
    assert gate.inband("1", 0.07) is None
    assert gate.native("1", 0.3) == "1"
    assert gate.native("2", 0.31) == "2"
    assert gate.inband("3", 5.0) is None  # events are known to work: tones are their leakage
    assert gate.native("A", 6.0) is None


@given(st.lists(st.tuples(st.sampled_from("12A"), st.floats(0.001, 1.0)), max_size=30))
def test_the_same_key_never_comes_twice_within_one_press(presses: list[tuple[str, float]]) -> None:
    gate, now, last = DigitGate(), 0.0, ("", -9.0)
    for key, wait in presses:
        now += wait
        if gate.native(key, now) is not None:
            assert key != "A"
            assert last[0] != key or now - last[1] >= SAME_PRESS
            last = (key, now)
