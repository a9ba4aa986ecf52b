"""What a caller on hold hears: a quiet tune, made here, so that no file and no licence is needed."""

from functools import cache
from typing import Final

import numpy as np
import numpy.typing as npt

BEAT: Final = 0.48
TUNE: Final = (5, 6, 8, 6, 5, 3, 2, 3, 5, 3, 2, 1, 2, 3, 1, 0, 3, 5, 6, 8, 9, 8, 6, 5, 3, 5, 2, 3, 1, 2, 1, 0)
"""Steps of a pentatonic scale (宫商角徵羽), one a beat; 0 rests."""
STEPS: Final = (0, 2, 4, 7, 9, 12, 14, 16, 19, 21)
"""Their semitones above the lowest."""
LOWEST_HZ: Final = 261.63
LEVEL: Final = 0.07
"""Of full scale: about -26 dBFS, quieter than speech, so that nobody shouts into the next sentence."""


@cache
def tune(rate: int) -> npt.NDArray[np.int16]:
    """One round of it (15 s), which may follow itself without a break."""
    beat = round(BEAT * rate)
    whole = np.zeros(beat * len(TUNE) + 2 * beat, np.float32)
    at = np.arange(3 * beat) / rate
    fade = np.exp(-2.2 * at) * np.minimum(1.0, at / 0.02)
    fade *= np.minimum(1.0, (at[-1] - at) / 0.1)  # the last of it is gone before the note is cut
    for index, step in enumerate(TUNE):
        if step:
            hertz = LOWEST_HZ * 2 ** (STEPS[step - 1] / 12)
            note = np.sin(2 * np.pi * hertz * at) + 0.25 * np.sin(4 * np.pi * hertz * at)
            whole[index * beat : index * beat + 3 * beat] += (note * fade).astype(np.float32)
    size = beat * len(TUNE)
    whole[: len(whole) - size] += whole[size:]  # what rings beyond the end is heard at the beginning
    return np.asarray(whole[:size] * (LEVEL * 32768.0), np.int16)


class Music:
    """The tune in frames, for one listener."""

    def __init__(self, rate: int) -> None:
        self._tune = tune(rate)
        self._at = 0

    def take(self, samples: int) -> npt.NDArray[np.int16]:
        frame = np.take(self._tune, range(self._at, self._at + samples), mode="wrap")
        self._at = (self._at + samples) % len(self._tune)
        return frame
