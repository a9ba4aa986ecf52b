"""How long something has been seen to stand still, whatever wall clocks say."""

from collections.abc import Container, Hashable

from voicebot.core.clock import Clock

Key = tuple[str, str]
"""What is looked at, and of whom."""


class Standing:
    """Remembers since when each key has had its value."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._since: dict[Key, tuple[Hashable, float]] = {}
        self._moved: set[Key] = set()

    def seconds(self, key: Key, value: Hashable) -> float:
        """Since this value was first seen; 0 when it is new."""
        now = self._clock.monotonic()
        known = self._since.get(key)
        if known is None or known[0] != value:
            self._since[key] = (value, now)
            if known is not None:
                self._moved.add(key)
            return 0.0
        return now - known[1]

    def moved(self, key: Key) -> bool:
        """It has changed while it was looked at."""
        return key in self._moved

    def keep(self, what: str, whose: Container[str]) -> None:
        """Forgets those that are not there any more."""
        for key in [key for key in self._since if key[0] == what and key[1] not in whose]:
            self.forget(key)

    def forget(self, key: Key) -> None:
        self._since.pop(key, None)
        self._moved.discard(key)
