"""The bounded buffer between one leg's clock and ours."""

from typing import Final

import numpy as np
import numpy.typing as npt

Samples = npt.NDArray[np.int16]

LEAST: Final = 0.025
"""Seconds of sound that are left when the next piece comes, on a line that keeps time: a frame of ours, since
a piece may come just after the frame was taken that it was meant for, and a little."""
LARGEST: Final = 0.1
"""The same on a line that does not keep time: each gap asks for more."""
MORE: Final = 0.01
MOST: Final = 0.200
"""Seconds kept at all; what is more is dropped, the oldest first."""
LATE: Final = 0.5
"""Sound older than this is not worth hearing any more."""
WINDOW: Final = 100
"""Takes (2 s) of which the lowest level counts."""
PATIENCE: Final = 5
"""Windows without a gap until less has to be spare."""
HURRY: Final = 0.04
"""Seconds too much from which time is made up three times as fast."""


class JitterBuffer:
    """Sound goes in as it comes and out in equal frames, however the two clocks differ.

    What is left when the next piece comes is the delay that the buffer adds. It is held near a target by
    playing 0.6 % faster or slower (1.9 % when far off), which nobody hears: so a far end whose clock is
    wrong (sound cards: up to 100 ppm, 0.36 s an hour) never makes a gap, and a burst is forgotten in
    seconds. A gap raises the target, seconds without one lower it.

    Args:
        rate: samples per second, in and out.
    """

    def __init__(self, rate: int) -> None:
        self._rate = rate
        self._sound = bytearray()
        self._step = max(1, rate // 8000)
        self._filling = True
        self._target = LEAST
        self._lowest = MOST
        """Least that was left in this window."""
        self._taken_until = 0.0
        self._takes = 0
        self._quiet = 0
        self._owed = 0
        """Samples to be gained (played faster) or, below zero, to be stretched."""
        self.late = 0
        """Pieces dropped since they came too late."""
        self.excess = 0
        """Samples dropped since there were too many."""
        self.gaps = 0
        """Times that there was nothing to give in the middle of sound."""

    @property
    def seconds(self) -> float:
        """Sound waiting now."""
        return len(self._sound) / 2 / self._rate

    def put(self, pcm: bytes, now: float, age: float = 0.0) -> None:
        """Adds sound whose last sample is `age` seconds old."""
        if age > LATE:
            self.late += 1
            return
        if not self._filling:
            self._lowest = min(self._lowest, self.seconds + max(0.0, self._taken_until - now))
        self._sound += pcm
        if (over := len(self._sound) - 2 * round(MOST * self._rate)) > 0:
            del self._sound[:over]
            self.excess += over // 2

    def take(self, samples: int, now: float) -> Samples | None:
        """The next frame, which plays from now on; None while there is none."""
        there = len(self._sound) // 2
        if self._filling and there < max(samples, round(self._target * self._rate)):
            return None
        wanted = samples + self._shift()
        if there < wanted:
            wanted = samples  # nothing can be made up just now
        if there < wanted:
            return self._run_dry(samples)
        self._filling = False
        found = np.frombuffer(bytes(self._sound[: 2 * wanted]), "<i2")
        del self._sound[: 2 * wanted]
        self._taken_until = now + samples / self._rate
        self._watch()
        return found if wanted == samples else _stretched(found, samples)

    def _shift(self) -> int:
        """Samples more or fewer that this frame is made of."""
        if not self._owed:
            return 0
        step = self._step * (3 if abs(self._owed) > HURRY * self._rate else 1)
        shift = max(-step, min(step, self._owed))
        self._owed -= shift
        return shift

    def _run_dry(self, samples: int) -> Samples:
        """The rest, and silence behind it; then it fills up again, to more."""
        rest = np.frombuffer(bytes(self._sound), "<i2")
        self._sound.clear()
        self.gaps += 1
        self._filling, self._owed = True, 0
        self._target = min(LARGEST, self._target + MORE)
        self._lowest, self._takes, self._quiet = MOST, 0, 0
        frame = np.zeros(samples, np.int16)
        kept = min(len(rest), samples)
        frame[:kept] = rest[:kept] * np.linspace(1.0, 0.0, kept, dtype=np.float32)
        return frame

    def _watch(self) -> None:
        self._takes += 1
        if self._takes < WINDOW:
            return
        self._quiet += 1
        if self._quiet >= PATIENCE:
            self._target, self._quiet = max(LEAST, self._target - MORE / 4), 0
        off = self._lowest - self._target
        if abs(off) > MORE / 4 and self._lowest < MOST:
            self._owed = round(off * self._rate)
        self._lowest, self._takes = MOST, 0


def _stretched(found: Samples, samples: int) -> Samples:
    at = np.linspace(0.0, len(found) - 1.0, samples, dtype=np.float32)
    return np.interp(at, np.arange(len(found)), found).astype(np.int16)
