"""One key press is one digit, whichever ways it came in. Pure."""

from typing import Final

KEYS: Final = frozenset("0123456789*#")

SAME_PRESS: Final = 0.1
"""Seconds in which the same key again is the same press: a gateway that sends RFC 4733 and INFO
both, or leaves the tone in the sound besides. Two real presses of a key are further apart."""


class DigitGate:
    """Passes each press once. Tones in the sound count until the first telephone-event: from then
    on they can only be its leakage."""

    def __init__(self) -> None:
        self._last = ("", float("-inf"))
        self._native = False

    def native(self, key: str, at: float) -> str | None:
        """A telephone-event or INFO digit at `at` (s); the key when it is a new press of ours."""
        self._native = True
        return self._press(key, at)

    def inband(self, key: str, at: float) -> str | None:
        """A tone found in the sound."""
        return None if self._native else self._press(key, at)

    def _press(self, key: str, at: float) -> str | None:
        last, when = self._last
        if key not in KEYS:
            return None
        self._last = (key, at)
        if key == last and at - when < SAME_PRESS:
            return None
        return key
