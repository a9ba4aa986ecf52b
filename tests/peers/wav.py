"""WAV files for softphones."""

import wave
from pathlib import Path

import numpy as np


def write_wav(path: Path, pcm: bytes, rate: int = 8000) -> Path:
    """s16 mono."""
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(pcm)
    return path


def read_wav(path: Path) -> tuple[bytes, int]:
    """s16 mono and its rate."""
    with wave.open(str(path), "rb") as file:
        return file.readframes(file.getnframes()), file.getframerate()


def frequency(pcm: bytes, rate: int) -> float:
    """The strongest frequency."""
    samples = np.frombuffer(pcm, "<i2").astype(float)
    spectrum = np.abs(np.fft.rfft(samples * np.hanning(len(samples))))
    return float(spectrum.argmax() * rate / len(samples))
