"""A made language for ears and voices under test: each character is a tone."""

from collections.abc import Mapping
from typing import Final

import numpy as np

from voicebot.core.audio import AudioChunk, silence

HERTZ: Final[Mapping[str, float]] = {"路": 500.0, "灯": 900.0, "坏": 1500.0, "了": 2500.0, "登": 900.0}
"""登 sounds like 灯 and is a little likelier, as homophones are."""


def tones(text: str, rate: int = 8_000) -> AudioChunk:
    """`text` as it sounds: 0.3 s a character, with pauses."""
    pcm = silence(0.2, rate).pcm
    for character in text:
        at = np.arange(int(0.3 * rate)) / rate
        wave = 0.3 * np.sin(2 * np.pi * HERTZ[character] * at)
        pcm += (wave * 32767).astype("<i2").tobytes() + silence(0.1, rate).pcm
    return AudioChunk(pcm + silence(0.2, rate).pcm, rate)


def written(chunk: AudioChunk) -> str:
    """What the tones of `chunk` say, without any model: the strongest frequency of each 60 ms."""
    size = int(0.06 * chunk.rate)
    samples = np.frombuffer(chunk.pcm, "<i2").astype(np.float64)
    names = {HERTZ[name]: name for name in reversed(list(HERTZ))}
    text, before = "", ""
    for at in range(0, samples.size - size + 1, size):
        window = samples[at : at + size]
        power = np.abs(np.fft.rfft(window * np.hanning(size)))
        loudest = float(np.fft.rfftfreq(size, 1 / chunk.rate)[power.argmax()])
        near = min(names, key=lambda hertz: abs(hertz - loudest))
        here = names[near] if np.abs(window).max() > 3_000 and abs(near - loudest) < 60 else ""
        text += here if here != before else ""
        before = here
    return text
