"""Touch tones in the sound (ITU-T Q.23, Q.24), for calls that agreed on no telephone-event. Pure.

A window counts for a key when nearly all of its energy lies in one row and one column tone. That
is what keeps speech out ("talk-off"): a voice may hit two of the eight tones, but it always has
harmonics and formants beside them.
"""

from typing import Final

import numpy as np
import numpy.typing as npt

RATE: Final = 8000
WINDOW: Final = 205
"""25.6 ms: rows are 73 Hz apart at least, a bin is 39 Hz wide."""
HOP: Final = 64
"""8 ms."""
HITS: Final = 3
"""Windows in a row: about 31 ms of tone, where Q.24 wants 40 ms accepted and 20 ms refused."""
PAUSE: Final = 3
"""Windows without the tone until the next key, the same one too (Q.24: a pause is at least 40 ms)."""

PURITY: Final = 0.75
"""Least share of the energy in the two tones."""
LEVEL: Final = 10 ** (-40 / 20)
"""Least RMS of a window, of full scale (Q.24: tones down to about -29 dBm0)."""
TWIST: Final = 10 ** (8 / 10)
"""Most difference in power between the two tones, 8 dB."""

_ROWS: Final = (697.0, 770.0, 852.0, 941.0)
_COLUMNS: Final = (1209.0, 1336.0, 1477.0)
_KEYS: Final = ("123", "456", "789", "*0#")
_DRIFT: Final = (0.988, 1.0, 1.012)
"""Senders may be 1.5 % off (Q.24); at 1477 Hz that is more than half a bin, so look beside as well."""

_FREQUENCIES: Final = np.array([tone * drift for tone in _ROWS + _COLUMNS for drift in _DRIFT])
_BASIS: Final = np.exp(-2j * np.pi * np.outer(_FREQUENCIES, np.arange(WINDOW)) / RATE)


class InbandDigits:
    """Finds keys in a stream of s16 mono at 8 kHz; one instance per call."""

    def __init__(self) -> None:
        self._rest: npt.NDArray[np.float64] = np.zeros(0)
        self._key = ""
        self._hits = 0
        self._misses = 0
        self._reported = False

    def feed(self, pcm: bytes) -> list[str]:
        """Keys that were recognised in this piece, each once however long it is pressed."""
        self._rest = np.concatenate([self._rest, np.frombuffer(pcm, "<i2") / 32768.0])
        count = (len(self._rest) - WINDOW) // HOP + 1
        if count < 1:
            return []
        windows = np.lib.stride_tricks.sliding_window_view(self._rest, WINDOW)[::HOP][:count]
        found = [key for window in windows if (key := self._step(_key_of(window)))]
        self._rest = self._rest[count * HOP :].copy()
        return found

    def _step(self, key: str) -> str:
        """Takes what one window holds ("" for nothing); returns a key that has now lasted."""
        if key and key == self._key:
            self._hits += 1
            self._misses = 0
            if self._hits >= HITS and not self._reported:
                self._reported = True
                return key
        elif key and not self._reported:
            self._key, self._hits, self._misses = key, 1, 0
        else:
            self._misses += 1
            if self._misses >= PAUSE:
                self._key, self._hits, self._misses, self._reported = "", 0, 0, False
        return ""


def _key_of(window: npt.NDArray[np.float64]) -> str:
    """Key in one window, "" for none."""
    energy = float(window @ window)
    if energy < LEVEL * LEVEL * WINDOW:
        return ""
    # Power of a tone of amplitude a is a²/2: |X|² = (a·N/2)², so its energy is 2·|X|²/N.
    tones = 2 * np.abs(_BASIS @ window) ** 2 / WINDOW
    strongest = tones.reshape(len(_ROWS) + len(_COLUMNS), len(_DRIFT)).max(axis=1)
    rows, columns = strongest[: len(_ROWS)], strongest[len(_ROWS) :]
    row, column = int(rows.argmax()), int(columns.argmax())
    low, high = float(rows[row]), float(columns[column])
    if low + high < PURITY * energy or max(low, high) > TWIST * min(low, high):
        return ""
    return _KEYS[row][column]
