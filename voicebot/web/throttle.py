"""Slows down the guessing of passwords."""

from collections import OrderedDict
from dataclasses import dataclass
from typing import Final

FREE_PER_NAME: Final = 3
FREE_PER_SOURCE: Final = 20
LONGEST: Final = 300.0
FORGET: Final = 900.0
MOST: Final = 10_000


@dataclass(frozen=True, slots=True)
class _Tries:
    count: int
    last: float

    def wait(self, free: int, now: float) -> float:
        """Seconds until the next try: 0 for the first `free`, then 1, 2, 4 … after the last one."""
        over = self.count - free
        if over < 0:
            return 0.0
        return max(0.0, self.last + min(LONGEST, 2.0 ** min(over, 20)) - now)


class Throttle:
    """Counts failed tries per source and name, and per source.

    A try counts when it begins, so that many at once do not slip through; success takes it back.
    Nobody can lock out an account from elsewhere: a name alone is never slowed down.
    """

    def __init__(self) -> None:
        self._tries: OrderedDict[tuple[str, str | None], _Tries] = OrderedDict()

    def admit(self, source: str, name: str, now: float) -> float:
        """Seconds to wait before this try; 0 when it may go on (and is counted)."""
        pair, lone = (source, name), (source, None)
        wait = max(
            self._get(pair, now).wait(FREE_PER_NAME, now), self._get(lone, now).wait(FREE_PER_SOURCE, now)
        )
        if wait == 0.0:
            for key in (pair, lone):
                self._tries[key] = _Tries(self._get(key, now).count + 1, now)
                self._tries.move_to_end(key)
            while len(self._tries) > MOST:
                self._tries.popitem(last=False)
        return wait

    def succeeded(self, source: str, name: str) -> None:
        """The password was right: its own count is forgotten, the source gets its one try back."""
        self._tries.pop((source, name), None)
        lone = self._tries.get((source, None))
        if lone is not None:
            self._tries[source, None] = _Tries(max(0, lone.count - 1), lone.last)

    def _get(self, key: tuple[str, str | None], now: float) -> _Tries:
        tries = self._tries.get(key)
        return tries if tries is not None and now - tries.last < FORGET else _Tries(0, now)
