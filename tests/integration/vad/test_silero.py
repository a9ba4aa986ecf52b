"""The shared detector on real sound."""

import asyncio
from collections.abc import Callable

import numpy as np
import numpy.typing as npt
import pytest

from voicebot.adapters.vad import SileroDetector
from voicebot.adapters.vad.silero import FLOOR, level
from voicebot.core.audio import AudioChunk
from voicebot.turns.events import Vad

pytestmark = pytest.mark.integration


def voiced(seconds: float, rate: int) -> npt.NDArray[np.int16]:
    """A buzz with vowel-like formants that glide: speech to a detector."""
    at = np.arange(int(seconds * rate)) / rate
    pitch = 120 + 25 * np.sin(2 * np.pi * 2.5 * at)
    phase = 2 * np.pi * np.cumsum(pitch) / rate
    sound = np.zeros_like(at)
    for harmonic in range(1, 28):
        f = harmonic * pitch
        centres = (500 + 250 * np.sin(2 * np.pi * 3 * at), 1400 + 500 * np.sin(2 * np.pi * 2 * at), 2500)
        gain = sum(np.exp(-(((f - centre) / 160) ** 2)) for centre in centres) + 0.02
        sound += gain * np.sin(harmonic * phase)
    envelope = 0.55 + 0.45 * np.sin(2 * np.pi * 4 * at)
    voice: npt.NDArray[np.int16] = (4000 * sound * envelope / np.max(np.abs(sound))).astype("<i2")
    return voice


async def run(sounds: list[tuple[npt.NDArray[np.int16], int]]) -> list[list[Vad]]:
    """Feeds several calls at once, 20 ms each in turn, and waits for every window."""
    detector = SileroDetector()
    seen: list[list[Vad]] = [[] for _ in sounds]
    task = asyncio.create_task(detector.run())
    arrived = asyncio.Event()

    def keep(windows: list[Vad]) -> Callable[[Vad], None]:
        def on_window(window: Vad) -> None:
            windows.append(window)
            arrived.set()

        return on_window

    streams = [detector.open(keep(windows)) for windows in seen]
    longest = max(len(sound) / rate for sound, rate in sounds)
    for step in range(int(longest * 50)):
        for stream, (sound, rate) in zip(streams, sounds, strict=True):
            size = rate // 50
            piece = sound[step * size : (step + 1) * size]
            if len(piece):
                stream.feed(AudioChunk(piece.tobytes(), rate), (step + 1) * 0.02)
        while any(stream.ready for stream in streams):
            arrived.clear()
            await arrived.wait()
    task.cancel()
    await asyncio.wait([task])
    return seen


async def test_speech_is_told_from_silence_and_noise_in_one_batch() -> None:
    rng = np.random.default_rng(1)
    noise = (rng.standard_normal(16000) * 60).astype("<i2")
    speech, silence, hiss = await run(
        [(voiced(2, 8000), 8000), (np.zeros(16000, "<i2"), 8000), (noise, 8000)]
    )
    assert np.mean([w.probability > 0.5 for w in speech[5:]]) > 0.5
    assert max(w.probability for w in silence) < 0.3
    assert np.mean([w.probability > 0.5 for w in hiss]) < 0.1
    assert {w.level for w in silence} == {FLOOR}


async def test_a_browser_at_16_khz_is_decimated() -> None:
    (speech,) = await run([(voiced(2, 16000), 16000)])
    assert np.mean([w.probability > 0.5 for w in speech[5:]]) > 0.5
    assert len(speech) == pytest.approx(2 / 0.032, abs=2)


async def test_times_are_those_of_the_last_sample() -> None:
    (windows,) = await run([(np.zeros(8000, "<i2"), 8000)])
    assert [round(w.at, 3) for w in windows[:3]] == [0.032, 0.064, 0.096]


async def test_a_closed_stream_hears_nothing_more() -> None:
    detector = SileroDetector()
    seen: list[Vad] = []
    stream = detector.open(seen.append)
    task = asyncio.create_task(detector.run())
    stream.feed(AudioChunk(bytes(4000), 8000), 0.25)
    stream.close()
    await asyncio.sleep(0)
    task.cancel()
    await asyncio.wait([task])
    assert seen == []


def test_level_of_full_scale_and_of_silence() -> None:
    assert level(np.ones(100, np.float32)) == pytest.approx(0.0)
    assert level(np.zeros(100, np.float32)) == FLOOR
