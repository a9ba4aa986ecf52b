"""When and how often a city rings people back (``callbacks`` in `knowledge_base/city.yaml`)."""

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
