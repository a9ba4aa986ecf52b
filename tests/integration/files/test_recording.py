"""Recordings: both sides on one time line."""

import wave
from pathlib import Path

import numpy as np
import pytest

from tests.fakes.clocks import HandClock
from voicebot.adapters.files.recording import WavRecording, recorder
from voicebot.calls.ports import AudioIn
from voicebot.core.audio import AudioChunk
from voicebot.core.ids import CallId

pytestmark = pytest.mark.integration

RATE = 8000


def tone(value: int, seconds: float) -> AudioChunk:
    return AudioChunk(np.full(int(RATE * seconds), value, "<i2").tobytes(), RATE)


def read(path: Path) -> np.ndarray:
    with wave.open(str(path)) as file:
        assert (file.getnchannels(), file.getsampwidth(), file.getframerate()) == (2, 2, RATE)
        return np.frombuffer(file.readframes(file.getnframes()), "<i2").reshape(-1, 2)


async def test_both_sides_at_their_times(tmp_path: Path) -> None:
    recording = WavRecording(tmp_path / "a.wav", RATE, began=100.0)
    recording.caller(AudioIn(tone(1000, 0.02), 100.52))  # ends at 0.52 s
    recording.ours(tone(-500, 0.02), 101.0)
    await recording.close()
    sound = read(tmp_path / "a.wav")
    assert set(sound[int(0.50 * RATE) : int(0.52 * RATE), 0]) == {1000}
    assert set(sound[int(1.00 * RATE) : int(1.02 * RATE), 1]) == {-500}
    assert np.count_nonzero(sound) == 2 * 0.02 * RATE
    assert len(sound) == 1.02 * RATE


async def test_pieces_that_arrive_in_a_burst_follow_each_other(tmp_path: Path) -> None:
    recording = WavRecording(tmp_path / "a.wav", RATE, began=0.0)
    for _ in range(3):
        recording.ours(tone(700, 0.02), 1.0)
    await recording.close()
    sound = read(tmp_path / "a.wav")
    assert np.count_nonzero(sound[:, 1]) == 3 * 0.02 * RATE


async def test_a_long_call_is_complete(tmp_path: Path) -> None:
    recording = WavRecording(tmp_path / "a.wav", RATE, began=0.0)
    for second in range(0, 60, 10):
        recording.caller(AudioIn(tone(second + 1, 0.02), second + 0.02))
    await recording.close()
    sound = read(tmp_path / "a.wav")
    assert [sound[second * RATE, 0] for second in range(0, 60, 10)] == [1, 11, 21, 31, 41, 51]


async def test_a_folder_that_is_gone_is_no_crash(tmp_path: Path) -> None:
    recording = WavRecording(tmp_path / "none" / "a.wav", RATE, began=0.0)
    recording.caller(AudioIn(tone(1, 0.02), 0.02))
    await recording.close()


async def test_recorder_names_the_file_after_the_call(tmp_path: Path) -> None:
    recording = recorder(tmp_path / "recordings", HandClock())(CallId("c1"), RATE)
    await recording.close()
    assert recording.name == "c1.wav"
    assert (tmp_path / "recordings/c1.wav").is_file()
