"""When, how often and whom a city rings back (``callbacks`` in `knowledge_base/city.yaml`)."""

import re
from dataclasses import dataclass
from datetime import time, timedelta
from typing import Final

from voicebot.core.hours import DayType, Hours

EARLIEST: Final = time(9)
LATEST: Final = time(21)
"""Nobody is rung before or after, whatever a city says; what cannot wait is excepted."""


@dataclass(frozen=True, slots=True)
class RingingRules:
    """One city's rules. Windows are wall time, in order, between `EARLIEST` and `LATEST`.

    Args:
        share: of closed tickets whose callers are rung (回访), 0-1.
        promised: ring those to whom a call back was promised.
        missed: ring those whose call was lost, or who gave up in a queue.
        windows: when it may ring; tries are spread over them.
        days: kinds of day on which it may ring.
        rest: from the closing of a ticket to its 回访 at the earliest.
        tries: rings that reach nobody, at most.
        busy: until the next try after a busy line; `no_answer`: after nobody answered; the last try is on
            another day.
        expires: nobody is rung about what is older.
    """

    share: float = 1.0
    promised: bool = True
    missed: bool = True
    windows: tuple[Hours, ...] = (
        Hours(time(9), time(12)),
        Hours(time(14), time(18)),
        Hours(time(18), time(21)),
    )
    days: frozenset[DayType] = frozenset({DayType.WORKDAY, DayType.WEEKEND})
    rest: timedelta = timedelta(0)
    tries: int = 3
    busy: timedelta = timedelta(minutes=10)
    no_answer: timedelta = timedelta(hours=2)
    expires: timedelta = timedelta(days=7)


_PERSON: Final = re.compile(r"1[3-9]\d{9}|0[1-9]\d{1,2}[2-8]\d{6,7}|[2-8]\d{6,7}", re.ASCII)


def may_ring(number: str) -> bool:
    """A mobile or fixed line of this country, written as digits. No short number is one: not the emergency
    lines, not a hotline, not our own.

    >>> may_ring("13800138000"), may_ring("110")
    (True, False)
    """
    return _PERSON.fullmatch(number) is not None
