"""When a ticket must be taken, answered, closed: a profile on the working calendar.

A workday here ends at `Profile.closes`; the first one that counts is the day after the one on
which the demand came in, so a caller at night never loses a day and nobody gains one. Clock time is
counted as it passes, whatever a zone's summer time does.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import Final
from zoneinfo import ZoneInfo

from voicebot.core.catalogue import CityProfile
from voicebot.core.errors import VoicebotError
from voicebot.core.hours import DayType
from voicebot.core.meaning import AppealType, Urgency
from voicebot.language.workdays import DayKind, day_kind
from voicebot.tickets.parts import Difficulty, SupervisionLevel
from voicebot.tickets.profile import DEFAULT, Profile, Span, Terms
from voicebot.tickets.ticket import Ticket

__all__ = ["DEFAULT", "Deadlines", "Due", "Profile", "Span", "Terms", "of_city", "with_days"]

EARLIEST: Final = date(2000, 1, 1)
LATEST: Final = date(2100, 1, 1)
"""Moments outside are mistakes of a clock or of another system."""

CHINA: Final = ZoneInfo("Asia/Shanghai")

Calendar = Callable[[date], DayKind]


@dataclass(frozen=True, slots=True)
class Due:
    """Both deadlines; `certain` False when a year on the way has no published calendar yet."""

    sign: datetime
    answer: datetime
    certain: bool = True


@dataclass(frozen=True, slots=True)
class Deadlines:
    """A profile on a calendar, both of a city whose days begin in `zone`. Moments may be in any zone; those
    that come out are in the city's.

    Every method raises VoicebotError ``deadline.no_zone`` for a moment without zone and
    ``deadline.absurd`` for one in no year that tickets are of.
    """

    profile: Profile = DEFAULT
    calendar: Calendar = day_kind
    zone: tzinfo = CHINA

    def of(
        self,
        appeal: AppealType,
        urgency: Urgency,
        callback_only: bool,
        at: datetime,
        *,
        category: str = "",
        difficult: Difficulty = Difficulty.NORMAL,
    ) -> Due:
        """Deadlines of a demand that came in at `at`.

        A promised call back is due in `Profile.callback` at the latest, an urgent one earlier.
        """
        terms = self._terms(appeal, urgency, category)
        hard = difficult is not Difficulty.NORMAL
        answers = [(each.hard if hard else None) or each.answer for each in terms]
        sign, sign_certain = min(self._after(at, each.sign) for each in terms)
        answer, answer_certain = min(self._after(at, span) for span in answers)
        if not callback_only:
            return Due(sign, answer, sign_certain and answer_certain)
        latest = self.after(at, Span(self.profile.callback))
        return Due(min(sign, latest), min(answer, latest))

    def of_ticket(self, ticket: Ticket, at: datetime) -> Due:
        """Deadlines of a ticket as it is, when its time begins anew at `at` (dispatch, 重办)."""
        return self.of(
            ticket.appeal_type,
            ticket.urgency,
            ticket.callback_only,
            at,
            category=ticket.category,
            difficult=ticket.difficult,
        )

    def returning(self, ticket: Ticket, at: datetime) -> datetime:
        """Until when a unit that gets the ticket at `at` may return it."""
        plain = ticket.difficult is Difficulty.NORMAL
        return self.after(at, self.profile.returning if plain else self.profile.returning_hard)

    def longest_extension(self, ticket: Ticket) -> datetime:
        """The latest moment to which the answer may be put off."""
        return self.after(ticket.due_at, self.profile.extension)

    def closing(self, at: datetime) -> datetime | None:
        """Until when a ticket answered at `at` must be closed; None: nobody watches that."""
        return self.after(at, self.profile.closing) if self.profile.closing else None

    def feedback(self, ticket: Ticket, level: SupervisionLevel, at: datetime) -> datetime:
        """Until when the unit must report on a 督办 that is ordered at `at`."""
        due = self.after(at, self.profile.supervising[level])
        urgent = self.profile.urgent.get(ticket.urgency)
        return due if urgent is None else min(due, self.after(at, urgent.answer))

    def after(self, at: datetime, span: Span) -> datetime:
        """`at` plus a span."""
        return self._after(at, span)[0]

    def is_certain(self, first: datetime, last: datetime) -> bool:
        """Whether the calendar of all days from `first` to `last` is published or set."""
        begin, end = (checked(each).astimezone(self.zone).date() for each in (first, last))
        days = (begin + timedelta(days=n) for n in range((end - begin).days + 1))
        return all(self.calendar(day).certain for day in days)

    def _terms(self, appeal: AppealType, urgency: Urgency, category: str) -> tuple[Terms, ...]:
        """Terms that hold; of several the moment that comes first counts."""
        profile = self.profile
        fits = [name for name in profile.matters if _within(category, name)]
        matter = profile.matters[max(fits, key=len)] if fits else None
        urgent = profile.urgent.get(urgency)
        if urgent is None:
            return (matter or profile.normal[appeal],)
        return (urgent,) if matter is None else (urgent, matter)

    def _after(self, at: datetime, span: Span) -> tuple[datetime, bool]:
        """`at` plus a span, and whether the calendar was certain all the way."""
        checked(at)
        if not span.workdays:
            return (at.astimezone(UTC) + span.clock).astimezone(self.zone), True
        day, left, certain = at.astimezone(self.zone).date(), span.workdays, True
        while left:
            day += timedelta(days=1)
            kind = self.calendar(day)
            certain &= kind.certain
            left -= kind.workday
        return datetime.combine(day, self.profile.closes, self.zone), certain


def of_city(profile: Profile, city: CityProfile) -> Deadlines:
    """A city's profile on its own calendar, in its own zone."""
    return Deadlines(profile, with_days(city.days), ZoneInfo(city.timezone))


def checked(at: datetime) -> datetime:
    """`at`, if deadlines can be counted from it.

    Raises:
        VoicebotError: ``deadline.no_zone``, ``deadline.absurd``.
    """
    if at.tzinfo is None:
        raise VoicebotError("deadline.no_zone", f"时间 {at.isoformat()} 没有时区，算不出期限")
    if not EARLIEST <= at.date() < LATEST:
        raise VoicebotError(
            "deadline.absurd", f"时间 {at.isoformat()} 不合理，算不出期限：请检查系统时钟或者来件的日期"
        )
    return at


def with_days(days: Mapping[date, DayType], calendar: Calendar = day_kind) -> Calendar:
    """A calendar in which a city has set single days; a day that somebody set is certain."""

    def kind(day: date) -> DayKind:
        if (own := days.get(day)) is not None:
            return DayKind(own is DayType.WORKDAY, certain=True)
        return calendar(day)

    return kind


def _within(category: str, name: str) -> bool:
    return category == name or category.startswith(f"{name}/")
