"""热点预警: once a minute one node looks whether many people report one thing in one place.

An alarm is stored and told once, and lasts until hardly anybody reports it any more. Nothing is kept in the
process: what is looked at are the places that tickets were filed under when they were compared.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Protocol

import structlog

from voicebot.core.clock import Clock
from voicebot.operations.periodic import Task
from voicebot.operations.ports import Account
from voicebot.tickets.hotspots import WINDOW, Heat, HotSpotOptions, Level, Reported, heat, lasts
from voicebot.tickets.spots import SpotKey
from voicebot.tickets.visibility import ALL

log = structlog.get_logger(__name__)

EVERY: Final = timedelta(minutes=1)
MOST: Final = 200
"""Spots that are looked at in one run, those with most callers first."""


@dataclass(frozen=True, slots=True)
class HotSpot:
    """An alarm.

    Args:
        since: when it was raised. seen_at: when callers, mean and reason were looked at last.
        over_at: None while it lasts.
    """

    key: SpotKey
    level: Level
    since: datetime
    seen_at: datetime
    callers: int
    mean: float
    reason: str
    over_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Judged:
    """A spot and how hot it is; `lasts`: alarms about it go on."""

    key: SpotKey
    heat: Heat
    lasts: bool


class HotSpotBook(Protocol):
    """Contract (tests/contract/test_hot_spots.py). May raise VoicebotError ``db.…``."""

    async def warm(
        self, now: datetime, options: HotSpotOptions, limit: int
    ) -> Sequence[tuple[SpotKey, Sequence[Reported]]]:
        """Spots with at least `options.least` callers in the window that ends now, or with an alarm, and all
        their reports since the days before it."""
        ...

    async def keep(self, judged: Sequence[Judged], now: datetime) -> Sequence[HotSpot]:
        """Raises alarms, brings lasting ones up to date, ends those that are over, in one transaction; the
        new ones, each of which is told as ``ticket.hot_spot``."""
        ...

    async def lasting(self) -> Sequence[HotSpot]:
        """Alarms that last, the most serious and the newest first."""
        ...

    async def forget(self, before: datetime) -> None:
        """Drops reports that no longer count."""
        ...


class HotSpotWatch:
    """The timed work, and the list of alarms."""

    def __init__(self, book: HotSpotBook, clock: Clock, options: HotSpotOptions | None = None) -> None:
        self._book = book
        self._clock = clock
        self._options = options or HotSpotOptions()
        self._raised = 0

    def task(self) -> Task:
        return Task("tickets.hot_spots", EVERY, self.look)

    async def look(self) -> bool:
        """Looks once; False: the next time is soon enough."""
        now, options = self._clock.now(), self._options
        judged = []
        for key, reports in await self._book.warm(now, options, MOST):
            found = heat(reports, now, options)
            judged.append(Judged(key, found, lasts(found, options)))
        for alarm in await self._book.keep(judged, now):
            self._raised += 1
            log.warning("hot_spot", place=alarm.key.name, kind=alarm.key.kind, level=alarm.level)
        await self._book.forget(now - WINDOW - timedelta(days=options.days))
        return False

    async def lasting(self, who: Account) -> Sequence[HotSpot]:
        """Alarms that last, for those who see every ticket; to others there are none."""
        return await self._book.lasting() if who.role in ALL else ()

    def metrics(self) -> str:
        """Prometheus text."""
        name = "voicebot_hot_spot_alarms_total"
        return f"# TYPE {name} counter\n{name} {self._raised}\n"
