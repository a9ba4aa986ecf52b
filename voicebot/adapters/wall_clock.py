"""The port `Clock` on the machine's own clocks."""

import time
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

DEFAULT_ZONE: Final = "Asia/Shanghai"


class WallClock:
    """Wall time in the city's zone; `monotonic` is the machine's."""

    def __init__(self, zone: str = DEFAULT_ZONE) -> None:
        self._zone = ZoneInfo(zone)

    def now(self) -> datetime:
        return datetime.now(self._zone)

    def monotonic(self) -> float:
        return time.monotonic()
