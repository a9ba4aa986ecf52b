"""Latencies are read off tapes whose truth is known."""

import numpy as np
import pytest

from voicebot.cli.benches.caller import RATE, script, trimmed
from voicebot.cli.benches.latency import TURNS_A_CALL, evened
from voicebot.cli.benches.tape import dbfs, first_voice, last_voice, quantile, yielding

STEP = 0.02


def packet(level: float) -> bytes:
    """20 ms of a tone at `level` dBFS; silence below -90."""
    if level < -90:
        return bytes(320)
    at = np.arange(160)
    wave = 32767 * np.sqrt(2) * 10 ** (level / 20) * np.sin(2 * np.pi * at / 16)
    sound: bytes = wave.astype("<i2").tobytes()
    return sound


def tape(*stretches: tuple[float, float], start: float = 10.0) -> list[tuple[float, bytes]]:
    """Packets of (seconds, level) one after the other."""
    levels = [level for seconds, level in stretches for _ in range(round(seconds / STEP))]
    return [(start + (i + 1) * STEP, packet(level)) for i, level in enumerate(levels)]


def test_level_of_a_packet() -> None:
    assert dbfs(packet(-20)) == pytest.approx(-20, abs=0.2)
    assert dbfs(packet(-96)) == -96.0


def test_first_and_last_voice() -> None:
    heard = tape((1.0, -96), (0.5, -20), (1.0, -96))
    assert first_voice(heard, 10.0) == pytest.approx(11.02)
    assert last_voice(heard) == pytest.approx(11.50)
    assert first_voice(heard, 12.0) is None


def test_a_duck_then_a_stop() -> None:
    heard = tape((2.0, -20), (0.16, -20), (0.2, -34), (1.0, -96))
    found = yielding(heard, onset=12.0)
    assert found.duck == pytest.approx(0.16)
    assert found.stop == pytest.approx(0.36)


def test_soft_speech_is_no_duck_when_loud_speech_follows() -> None:
    heard = tape((2.0, -20), (0.1, -36), (0.3, -20), (1.0, -96))
    found = yielding(heard, onset=12.0)
    assert found.duck == pytest.approx(0.40)


def test_a_pause_of_ours_is_no_stop() -> None:
    heard = tape((2.0, -20), (0.1, -20), (0.3, -96), (0.3, -20), (1.0, -96))
    assert yielding(heard, onset=12.0).stop == pytest.approx(0.70)


def test_a_voice_that_goes_on_never_stopped() -> None:
    heard = tape((2.0, -20), (3.0, -20))
    assert yielding(heard, onset=12.0).stop is None


def test_silence_before_the_onset_says_nothing() -> None:
    assert yielding(tape((3.0, -96)), onset=12.0).duck is None


def test_quantiles_are_in_ms() -> None:
    assert quantile([0.1, 0.2, 0.3], 0.5) == 200
    assert quantile([], 0.5) is None


def test_words_are_trimmed_to_their_sound() -> None:
    sound = np.concatenate((np.zeros(RATE), np.ones(RATE), np.zeros(RATE // 2)))
    assert len(trimmed(sound)) == RATE


def test_the_script_follows_its_seed() -> None:
    texts = ["这是|一句", "没有停顿"] * 10
    lines = script(texts, seed=3)
    assert lines == script(texts, seed=3)
    assert sum(bool(line.pauses) for line in lines) == 6
    assert all(0.3 <= pause <= 1.2 for line in lines for pause in line.pauses)
    assert all(-30 <= line.level <= -10 for line in lines)
    assert all("|" not in line.text for line in lines if not line.pauses)


def test_a_caller_is_as_loud_from_one_turn_to_the_next() -> None:
    lines = script(["这是|一句"] * 2 * TURNS_A_CALL, seed=3)
    levels = [line.level for line in evened(lines)]
    assert levels == [lines[0].level] * TURNS_A_CALL + [lines[TURNS_A_CALL].level] * TURNS_A_CALL
    assert [line.pauses for line in evened(lines)] == [line.pauses for line in lines]
