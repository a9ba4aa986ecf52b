"""热点预警: many people report one kind of thing in one place (domain.md §10).

Pure: a spot is the recent past of one place and one category; each report makes a new one and at most one
alarm of each level. The same alarm comes once in a window, however many more people call.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

WINDOW: Final = timedelta(hours=24)


class Level(StrEnum):
    """How serious it is; the value is how people call it."""

    WARNING = "预警"
    GROUP = "群诉"


@dataclass(frozen=True, slots=True)
class Reported:
    """One report.

    Args:
        place: key of the place, such as a name by sound. `category`: of the ticket.
        caller: keyed hash of the number; "" when withheld: all such callers count as one.
    """

    place: str
    category: str
    caller: str
    at: datetime


@dataclass(frozen=True, slots=True)
class HotSpotOptions:
    """When there is an alarm.

    Args:
        callers: so many distinct callers in a window are a warning, `group` a 群诉 report.
        times: so many times the daily mean of the `days` before the window are a warning too, from `least`
            callers on: three times of nearly nothing is nothing.
    """

    callers: int = 5
    group: int = 20
    times: float = 3.0
    days: int = 28
    least: int = 3


@dataclass(frozen=True, slots=True)
class Alarm:
    """Args:
    callers: distinct ones in the window. `mean`: distinct callers a day before it.
    """

    place: str
    category: str
    level: Level
    at: datetime
    callers: int
    mean: float
    reason: str


@dataclass(frozen=True, slots=True)
class Spot:
    """The reports of one place and category that still count, in order of time, and when it last alarmed."""

    recent: tuple[tuple[datetime, str], ...] = ()
    alarmed: tuple[tuple[Level, datetime], ...] = ()


_DEFAULT: Final = HotSpotOptions()


def step(spot: Spot, report: Reported, options: HotSpotOptions = _DEFAULT) -> tuple[Spot, tuple[Alarm, ...]]:
    """What a report of this spot changes. One that comes late is counted where it belongs in time."""
    recent = tuple(sorted((*spot.recent, (report.at, report.caller))))
    now = recent[-1][0]
    oldest = now - WINDOW - timedelta(days=options.days)
    recent = tuple(each for each in recent if each[0] > oldest)
    callers, mean = _figures(recent, now, options.days)
    alarmed = dict(spot.alarmed)
    alarms = []
    for level, reason in _levels(callers, mean, options):
        if level not in alarmed or now - alarmed[level] >= WINDOW:
            alarmed[level] = now
            alarms.append(Alarm(report.place, report.category, level, now, callers, mean, reason))
    return replace(spot, recent=recent, alarmed=tuple(alarmed.items())), tuple(alarms)


@dataclass(frozen=True, slots=True)
class Heat:
    """How hot a spot is at a moment.

    Args:
        callers: distinct ones in the window that ends then. mean: distinct callers a day before it.
        levels: what that is a reason for, and why.
    """

    callers: int
    mean: float
    levels: tuple[tuple[Level, str], ...]


def heat(reports: Iterable[Reported], now: datetime, options: HotSpotOptions = _DEFAULT) -> Heat:
    """How hot the spot of these reports is; later ones do not count yet, nor those that are too old."""
    oldest = now - WINDOW - timedelta(days=options.days)
    recent = tuple(sorted((r.at, r.caller) for r in reports if oldest < r.at <= now))
    callers, mean = _figures(recent, now, options.days)
    return Heat(callers, mean, tuple(_levels(callers, mean, options)))


def lasts(found: Heat, options: HotSpotOptions = _DEFAULT) -> bool:
    """Whether an alarm goes on: it ends later than it began, so that one caller more or less does not end it
    and raise it again."""
    return found.callers >= options.least


def alarms(reports: Iterable[Reported], options: HotSpotOptions = _DEFAULT) -> tuple[Alarm, ...]:
    """All alarms of a stretch of time, in order; the order of `reports` does not matter."""
    spots: dict[tuple[str, str], Spot] = {}
    found: list[Alarm] = []
    for report in sorted(reports, key=lambda r: (r.at, r.place, r.category, r.caller)):
        key = (report.place, report.category)
        spots[key], new = step(spots.get(key, Spot()), report, options)
        found.extend(new)
    return tuple(found)


def _figures(recent: tuple[tuple[datetime, str], ...], now: datetime, days: int) -> tuple[int, float]:
    """Distinct callers of the window that ends now, and of a mean day before it."""
    opens = now - WINDOW
    inside = {caller for at, caller in recent if at > opens}
    before = {((opens - at) // timedelta(days=1), caller) for at, caller in recent if at <= opens}
    return len(inside), len(before) / days


def _levels(callers: int, mean: float, options: HotSpotOptions) -> Iterable[tuple[Level, str]]:
    if callers >= options.group:
        yield Level.GROUP, f"24小时内{callers}人反映"
    if callers >= options.callers:
        yield Level.WARNING, f"24小时内{callers}人反映"
    elif mean > 0 and callers >= max(options.least, options.times * mean):
        yield Level.WARNING, f"24小时内{callers}人反映，是前{options.days}天日均的{callers / mean:.1f}倍"
