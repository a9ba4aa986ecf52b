"""Which day a caller means: 三号 of which month, 周一 of which week, 一月五号 of which year.

Understanding reads what callers report, which lies in the past; a flow may ask for days to come. So what the
words leave open is decided here, by what the question wants.
"""

import re
from collections.abc import Iterable
from datetime import date, timedelta
from enum import StrEnum
from typing import Final

from voicebot.core.meaning import Slot


class When(StrEnum):
    """On which side of today a day must lie; today itself is on both."""

    PAST = "past"
    COMING = "coming"


_DAY: Final = re.compile(r"(\d{4}-\d{2}-\d{2})(?:T.*)?")
LEAP: Final = 8
"""Years within which every day of a year comes once, 29 February too."""
_WEEKDAY: Final = re.compile(r"(?<![上下这本]个)(?<![上下这本])(?:周|星期|礼拜)[一二三四五六日天]")


def spoken_day(found: Slot, when: When | None, today: date) -> date | None:
    """The day that a time found in a text names; None for spans of days, 每天, and days on the wrong side
    of today."""
    written = _DAY.fullmatch(found.value)
    if written is None:
        return None
    day = date.fromisoformat(written[1])
    return _chosen(_readings(day, found.span, today), when, today)


def keyed_day(digits: str, when: When | None, today: date) -> date | None:
    """``20261124``, or ``1124`` of the year that fits."""
    match len(digits):
        case 8:
            day = _made(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
            return _chosen([day] if day else [], when, today)
        case 4:
            return _chosen(_in_years(int(digits[:2]), int(digits[2:]), today), when, today)
        case _:
            return None


def _readings(day: date, words: str, today: date) -> list[date]:
    """The days that words may mean."""
    if "年" in words:
        return [day]
    if "月" in words:
        return _in_years(day.month, day.day, today)
    if _WEEKDAY.search(words):
        return [day + timedelta(weeks=weeks) for weeks in (-1, 0, 1)]
    if re.search("[号日]", words):
        months = (divmod(today.year * 12 + today.month - 1 + step, 12) for step in (-2, -1, 0, 1, 2))
        return [each for year, month in months if (each := _made(year, month + 1, day.day))]
    return [day]


def _in_years(month: int, day: int, today: date) -> list[date]:
    years = range(today.year - LEAP, today.year + LEAP + 1)
    return [each for year in years if (each := _made(year, month, day))]


def _chosen(days: Iterable[date], when: When | None, today: date) -> date | None:
    """The nearest to today on the right side of it."""
    match when:
        case When.PAST:
            days = [day for day in days if day <= today]
        case When.COMING:
            days = [day for day in days if day >= today]
    return min(days, key=lambda day: (abs((day - today).days), day), default=None)


def _made(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None  # there is no such day
