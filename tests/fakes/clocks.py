"""A clock that stands still until it is told to move."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

MORNING = datetime(2026, 11, 24, 9, 30, tzinfo=ZoneInfo("Asia/Shanghai"))
"""A Tuesday, a working day."""


class HandClock:
    def __init__(self, at: datetime = MORNING) -> None:
        self.at = at
        self._seconds = 0.0

    def now(self) -> datetime:
        return self.at

    def monotonic(self) -> float:
        return self._seconds

    def pass_(self, time: timedelta) -> None:
        self.at += time
        self._seconds += time.total_seconds()
