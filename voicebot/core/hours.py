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
        about: words one of which the matter holds (停水, 没水); empty: whatever the matter.
        places: words one of which the caller's place or matter holds (幸福路, 云东区); empty: everywhere.
    """

    begins: datetime
    ends: datetime
    say: str
    about: tuple[str, ...] = ()
    places: tuple[str, ...] = ()

    def holds(self, at: datetime) -> bool:
        """Args: at: wall time in the city; its zone does not matter."""
        return self.begins <= at.replace(tzinfo=None) < self.ends

    def concerns(self, matter: str, place: str) -> bool:
        """It may be what the caller speaks of. A caller who has named no place may be in any."""
        told = matter + place
        fits = not self.about or any(word in matter for word in self.about)
        near = not self.places or not place or any(word in told for word in self.places)
        return fits and near
