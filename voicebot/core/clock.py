"""Time as an argument: rooms are handed a `Clock`, they never ask the machine."""

from datetime import datetime
from typing import Protocol


class Clock(Protocol):
    """Two readings: wall time for people, a monotonic one for durations."""

    def now(self) -> datetime:
        """Aware wall time in the city's time zone."""
        ...

    def monotonic(self) -> float:
        """Seconds that never run backwards; only differences mean something."""
        ...
