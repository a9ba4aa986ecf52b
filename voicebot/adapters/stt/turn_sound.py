"""The sound of one turn, kept for engines that decode it whole."""

from typing import Any

import numpy as np
import numpy.typing as npt
import soxr


class TurnSound:
    """Grows by `feed`; of a very long turn the beginning is left out.

    Args:
        rate: of what is fed, in Hz.
        longest: seconds that are kept.
    """

    def __init__(self, rate: int, longest: float) -> None:
        self._rate = rate
        self._most = int(longest * rate) * 2
        self._pcm = bytearray()

    def feed(self, pcm: bytes) -> None:
        """More of it, s16 mono."""
        self._pcm += pcm
        if len(self._pcm) > self._most:
            del self._pcm[: -self._most]

    def clear(self) -> None:
        self._pcm.clear()

    @property
    def samples(self) -> npt.NDArray[np.int16]:
        """All of it, as fed."""
        return np.frombuffer(bytes(self._pcm), "<i2")

    def floats(self, rate: int) -> npt.NDArray[np.float32]:
        """All of it at `rate`, ±1."""
        samples: Any = self.samples.astype(np.float32) / np.float32(32768)
        if self._rate != rate:
            samples = soxr.resample(samples, self._rate, rate, quality="HQ")
        return np.asarray(samples, np.float32)
