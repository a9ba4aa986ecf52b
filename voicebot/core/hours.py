"""When a city's hotline is open, and what it has to announce at which time."""

from dataclasses import dataclass
from datetime import datetime, time
from enum import StrEnum


class DayType(StrEnum):
    """What kind of day it is for people who work: weekends that are worked (调休) are workdays."""

    WORKDAY = "workday"
    WEEKEND = "weekend"
    HOLIDAY = "holiday"


@dataclass(frozen=True, slots=True)
class Hours:
    """Part of a day in wall time, `opens` included, `closes` not; over midnight when it closes first."""

    opens: time
    closes: time

    def hold(self, at: time) -> bool:
        if self.opens <= self.closes:
            return self.opens <= at < self.closes
        return at >= self.opens or at < self.closes


@dataclass(frozen=True, slots=True)
class Outage:
    """A planned or present failure that callers are told of: 停水, 停电, 停气 …

    Args:
        begins, ends: wall time in the city, without a zone; `ends` is no longer part of it.
        say: the sentence callers hear.
    """

    begins: datetime
    ends: datetime
    say: str

    def holds(self, at: datetime) -> bool:
        """Args: at: wall time in the city; its zone does not matter."""
        return self.begins <= at.replace(tzinfo=None) < self.ends
