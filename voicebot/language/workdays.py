"""The working calendar: deadlines skip weekends and 法定节假日 and honour 调休.

The calendar of a year is known only once the State Council has published it (chinesecalendar 1.11:
2004-2026). For other years weekdays stand in, and every result says so in `certain`: the caller of
this room reports it loudly.
"""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from typing import Final

import chinese_calendar

from voicebot.core.hours import DayType

OPENS: Final = time(9, 0)
CLOSES: Final = time(17, 30)


@dataclass(frozen=True, slots=True)
class DayKind:
    """Whether people work that day; `certain` False when only weekdays could be counted."""

    workday: bool
    certain: bool


@dataclass(frozen=True, slots=True)
class Due:
    """A moment counted over working time; `certain` False when a year on the way is not published."""

    at: datetime
    certain: bool


@lru_cache(maxsize=4096)
def day_kind(day: date) -> DayKind:
    """Is `day` a working day in mainland China?"""
    day = day.date() if isinstance(day, datetime) else day
    try:
        return DayKind(bool(chinese_calendar.is_workday(day)), certain=True)
    except NotImplementedError:
        return DayKind(day.weekday() < 5, certain=False)


def day_type(day: date) -> DayType:
    """Workday, weekend or legal holiday (with the days off that go with it); in years that are not published
    yet weekdays stand in, see `day_kind`."""
    day = day.date() if isinstance(day, datetime) else day
    if day_kind(day).workday:
        return DayType.WORKDAY
    try:
        _, holiday = chinese_calendar.get_holiday_detail(day)
    except NotImplementedError:
        holiday = None
    return DayType.HOLIDAY if holiday else DayType.WEEKEND


def add_workdays(start: datetime, days: int) -> Due:
    """The same time of day, `days` working days after `start` (which itself never counts).

    From a day off, counting begins with the next working day. Zero days returns `start`.

    Raises:
        ValueError: negative days.
    """
    if days < 0:
        raise ValueError(f"cannot count {days} working days")
    at, certain = start, True
    while days:
        at += timedelta(days=1)
        kind = day_kind(at.date())
        certain &= kind.certain
        days -= kind.workday
    return Due(at, certain)


def add_working_hours(start: datetime, hours: float, opens: time = OPENS, closes: time = CLOSES) -> Due:
    """`hours` of office time after `start`; time outside opening hours does not count.

    Raises:
        ValueError: negative hours, or an office that closes before it opens.
    """
    if hours < 0 or opens >= closes:
        raise ValueError(f"cannot count {hours} hours between {opens} and {closes}")
    left, at, certain = timedelta(hours=hours), start, True
    while True:
        kind = day_kind(at.date())
        certain &= kind.certain
        begin = max(at, datetime.combine(at.date(), opens, at.tzinfo))
        end = datetime.combine(at.date(), closes, at.tzinfo)
        if kind.workday and begin < end:
            if begin + left <= end:
                return Due(begin + left, certain)
            left -= end - begin
        at = datetime.combine(at.date() + timedelta(days=1), time.min, at.tzinfo)


def workdays_between(first: date, last: date) -> tuple[int, bool]:
    """Working days after `first` up to and including `last`, and whether the calendar is certain."""
    count, certain = 0, True
    for offset in range(1, (last - first).days + 1):
        kind = day_kind(first + timedelta(days=offset))
        count += kind.workday
        certain &= kind.certain
    return count, certain
