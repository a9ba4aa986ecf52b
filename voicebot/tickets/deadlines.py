"""When a ticket must be taken and answered: the product's default profile of domain.md §5.

A workday here ends at `Profile.closes`; the first one that counts is the day after the one on
which the demand came in, so a caller at night never loses a day and nobody gains one.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from types import MappingProxyType

from voicebot.core.meaning import AppealType, Urgency
from voicebot.language.workdays import CLOSES, DayKind, day_kind


@dataclass(frozen=True, slots=True)
class Span:
    """Either clock time, which runs day and night, or workdays."""

    clock: timedelta = timedelta(0)
    workdays: int = 0


@dataclass(frozen=True, slots=True)
class Terms:
    """Time to take a ticket over and time to answer the caller."""

    sign: Span
    answer: Span


@dataclass(frozen=True, slots=True)
class Profile:
    """The deadlines of one city.

    Args:
        urgent: urgency → terms, whatever the demand is.
        normal: appeal type → terms of everything else.
        callback: a person calls back within this time, at any hour.
        closes: end of a workday, local time.
    """

    urgent: Mapping[Urgency, Terms]
    normal: Mapping[AppealType, Terms]
    callback: timedelta = timedelta(hours=2)
    closes: time = CLOSES


def _workdays(answer: int) -> Terms:
    return Terms(sign=Span(workdays=1), answer=Span(workdays=answer))


DEFAULT = Profile(
    urgent=MappingProxyType(
        {
            Urgency.CRITICAL: Terms(Span(timedelta(minutes=15)), Span(timedelta(hours=2))),
            Urgency.URGENT: Terms(Span(timedelta(minutes=30)), Span(timedelta(hours=24))),
        }
    ),
    normal=MappingProxyType(
        {
            AppealType.CONSULT: _workdays(1),
            AppealType.HELP: _workdays(5),
            AppealType.SUGGESTION: _workdays(10),
            AppealType.COMPLAINT: _workdays(10),
            AppealType.REPORT: _workdays(15),
            AppealType.PRAISE: _workdays(3),
        }
    ),
)


@dataclass(frozen=True, slots=True)
class Due:
    """Both deadlines; `certain` False when a year on the way has no published calendar yet."""

    sign: datetime
    answer: datetime
    certain: bool = True


@dataclass(frozen=True, slots=True)
class Deadlines:
    """A profile on a calendar."""

    profile: Profile = DEFAULT
    calendar: Callable[[date], DayKind] = day_kind

    def of(self, appeal: AppealType, urgency: Urgency, callback_only: bool, at: datetime) -> Due:
        """Deadlines of a demand that came in at `at` (aware, in the city's time zone).

        A promised call back is due in `Profile.callback` at the latest, an urgent one earlier.
        """
        terms = self.profile.urgent.get(urgency, self.profile.normal[appeal])
        sign, sign_certain = self._after(at, terms.sign)
        answer, answer_certain = self._after(at, terms.answer)
        if not callback_only:
            return Due(sign, answer, sign_certain and answer_certain)
        latest = at + self.profile.callback
        return Due(min(sign, latest), min(answer, latest))

    def _after(self, at: datetime, span: Span) -> tuple[datetime, bool]:
        """`at` plus a span, and whether the calendar was certain all the way."""
        if not span.workdays:
            return at + span.clock, True
        day, left, certain = at.date(), span.workdays, True
        while left:
            day += timedelta(days=1)
            kind = self.calendar(day)
            certain &= kind.certain
            left -= kind.workday
        return datetime.combine(day, self.profile.closes, at.tzinfo), certain
