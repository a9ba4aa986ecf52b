"""Deadlines across nights, weekends, 国庆, 春节 and 调休."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.fakes.clocks import MORNING
from tests.fakes.lives import standing_in
from voicebot.core.errors import VoicebotError
from voicebot.core.hours import DayType
from voicebot.core.meaning import AppealType, Urgency
from voicebot.language.workdays import day_kind
from voicebot.tickets.deadlines import DEFAULT, Deadlines, Span, Terms, with_days
from voicebot.tickets.parts import Difficulty, SupervisionLevel
from voicebot.tickets.state import State

ZONE = MORNING.tzinfo
DEADLINES = Deadlines()


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZONE)


@pytest.mark.parametrize(
    ("appeal", "asked", "sign", "answer"),
    [
        # a Tuesday: the weekend does not count
        (AppealType.CONSULT, "2026-11-24T09:30", "2026-11-25", "2026-11-25"),
        (AppealType.PRAISE, "2026-11-24T09:30", "2026-11-25", "2026-11-27"),
        (AppealType.HELP, "2026-11-24T09:30", "2026-11-25", "2026-12-01"),
        (AppealType.SUGGESTION, "2026-11-24T09:30", "2026-11-25", "2026-12-08"),
        (AppealType.COMPLAINT, "2026-11-24T09:30", "2026-11-25", "2026-12-08"),
        (AppealType.REPORT, "2026-11-24T09:30", "2026-11-25", "2026-12-15"),
        # late at night and on a day off the first day that counts is the next working day
        (AppealType.CONSULT, "2026-11-24T23:59", "2026-11-25", "2026-11-25"),
        (AppealType.CONSULT, "2026-11-27T09:30", "2026-11-30", "2026-11-30"),
        (AppealType.CONSULT, "2026-11-28T03:00", "2026-11-30", "2026-11-30"),
        # 国庆 2025: 1-8 October off, Sunday 28 September and Saturday 11 October worked
        (AppealType.CONSULT, "2025-09-27T10:00", "2025-09-28", "2025-09-28"),
        (AppealType.HELP, "2025-09-29T10:00", "2025-09-30", "2025-10-13"),
        # 春节 2026: 15-23 February off, Saturday 14 and Saturday 28 February worked
        (AppealType.CONSULT, "2026-02-13T16:00", "2026-02-14", "2026-02-14"),
        (AppealType.HELP, "2026-02-13T16:00", "2026-02-14", "2026-02-27"),
        (AppealType.COMPLAINT, "2026-02-14T16:00", "2026-02-24", "2026-03-06"),
    ],
)
def test_workdays(appeal: AppealType, asked: str, sign: str, answer: str) -> None:
    due = DEADLINES.of(appeal, Urgency.NORMAL, False, moment(asked))
    assert due.sign == moment(f"{sign}T17:30")
    assert due.answer == moment(f"{answer}T17:30")
    assert due.certain


@pytest.mark.parametrize("appeal", AppealType)
@pytest.mark.parametrize(
    ("urgency", "sign", "answer"),
    [
        (Urgency.CRITICAL, timedelta(minutes=15), timedelta(hours=2)),
        (Urgency.URGENT, timedelta(minutes=30), timedelta(hours=24)),
    ],
)
def test_urgent_matters_run_on_the_clock_even_in_holidays(
    appeal: AppealType, urgency: Urgency, sign: timedelta, answer: timedelta
) -> None:
    night = moment("2026-02-17T02:00")
    due = DEADLINES.of(appeal, urgency, False, night)
    assert (due.sign - night, due.answer - night) == (sign, answer)


def test_a_promised_call_back_is_due_in_two_hours() -> None:
    night = moment("2026-02-17T02:00")
    due = DEADLINES.of(AppealType.HELP, Urgency.NORMAL, True, night)
    assert due.answer == due.sign == night + timedelta(hours=2)
    critical = DEADLINES.of(AppealType.HELP, Urgency.CRITICAL, True, night)
    assert critical.sign == night + timedelta(minutes=15)


def test_a_year_without_published_calendar_is_marked() -> None:
    due = DEADLINES.of(AppealType.REPORT, Urgency.NORMAL, False, moment("2026-12-28T10:00"))
    assert not due.certain
    assert due.answer.weekday() < 5
    assert DEADLINES.of(AppealType.REPORT, Urgency.URGENT, False, moment("2026-12-31T10:00")).certain


def test_a_city_may_have_its_own_profile() -> None:
    normal = dict(DEFAULT.normal) | {AppealType.CONSULT: Terms(Span(timedelta(hours=1)), Span(workdays=2))}
    city = Deadlines(replace(DEFAULT, normal=normal, closes=time(18, 0)))
    due = city.of(AppealType.CONSULT, Urgency.NORMAL, False, moment("2026-11-24T09:30"))
    assert due.sign == moment("2026-11-24T10:30")
    assert due.answer == moment("2026-11-26T18:00")


@given(st.datetimes(datetime(2024, 1, 1), datetime(2026, 10, 30)), st.sampled_from(AppealType), st.booleans())
def test_a_deadline_lies_ahead_on_a_working_day(asked: datetime, appeal: AppealType, later: bool) -> None:
    at = asked.replace(tzinfo=ZONE)
    due = DEADLINES.of(appeal, Urgency.NORMAL, False, at)
    assert at < due.sign <= due.answer
    assert day_kind(due.answer.date()).workday
    after = DEADLINES.of(appeal, Urgency.NORMAL, False, at + timedelta(hours=5 if later else 0))
    assert after.answer >= due.answer


@pytest.mark.parametrize(
    ("asked", "answer"),
    [
        # New Year 2026: 1-3 January off, Sunday 4 January worked; the calendar of both years is known
        ("2025-12-31T09:00", "2026-01-04"),
        ("2025-12-31T23:59", "2026-01-04"),
        ("2026-01-01T00:00", "2026-01-04"),
        ("2026-01-02T12:00", "2026-01-04"),
        ("2026-01-04T23:59", "2026-01-05"),
        # the last hours before and the first of 春节 2026
        ("2026-02-14T17:29", "2026-02-24"),
        ("2026-02-14T17:31", "2026-02-24"),
        ("2026-02-23T23:59", "2026-02-24"),
        ("2026-02-24T00:00", "2026-02-25"),
        # a Saturday and a Sunday that are worked count; others do not
        ("2026-02-27T10:00", "2026-02-28"),
        ("2025-09-26T10:00", "2025-09-28"),
        ("2026-11-20T10:00", "2026-11-23"),
        # the week of 国庆 2026: 1-7 October off, Sunday 20 September and Saturday 10 October worked
        ("2026-09-30T18:00", "2026-10-08"),
        ("2026-10-09T10:00", "2026-10-10"),
        ("2026-09-18T10:00", "2026-09-20"),
    ],
)
def test_the_next_working_day(asked: str, answer: str) -> None:
    due = DEADLINES.of(AppealType.CONSULT, Urgency.NORMAL, False, moment(asked))
    assert (due.answer, due.certain) == (moment(f"{answer}T17:30"), True)


@pytest.mark.parametrize(
    ("asked", "answer", "certain"),
    [
        ("2026-12-30T10:00", "2026-12-31", True),
        ("2026-12-31T10:00", "2027-01-01", False),  # a holiday of course, but nobody has published it
        ("2027-06-04T10:00", "2027-06-07", False),
        ("2003-12-30T10:00", "2003-12-31", False),
        ("2003-12-31T10:00", "2004-01-02", True),  # the only day that counts is in a year that is known
    ],
)
def test_years_that_nobody_has_published(asked: str, answer: str, certain: bool) -> None:
    due = DEADLINES.of(AppealType.CONSULT, Urgency.NORMAL, False, moment(asked))
    assert (due.answer, due.certain) == (moment(f"{answer}T17:30"), certain)


def test_a_city_sets_days_of_a_year_that_is_not_published() -> None:
    days = {date(2027, 1, 1): DayType.HOLIDAY, date(2027, 1, 2): DayType.WORKDAY}
    city = Deadlines(calendar=with_days(days))
    due = city.of(AppealType.CONSULT, Urgency.NORMAL, False, moment("2026-12-31T10:00"))
    assert (due.answer, due.certain) == (moment("2027-01-02T17:30"), True)
    assert city.is_certain(moment("2026-12-31T10:00"), due.answer)
    assert not city.is_certain(moment("2026-12-31T10:00"), moment("2027-01-03T10:00"))


@pytest.mark.parametrize(
    "absurd", ["0001-01-01T00:00", "1999-12-31T23:59", "2100-01-01T00:00", "9999-12-31T23:59"]
)
@pytest.mark.parametrize("urgency", Urgency)
def test_absurd_dates_are_refused(absurd: str, urgency: Urgency) -> None:
    with pytest.raises(VoicebotError, match=r"deadline\.absurd.*算不出期限"):
        DEADLINES.of(AppealType.CONSULT, urgency, False, moment(absurd))


def test_a_moment_without_zone_is_refused() -> None:
    with pytest.raises(VoicebotError, match=r"deadline\.no_zone"):
        DEADLINES.of(AppealType.CONSULT, Urgency.NORMAL, False, datetime(2026, 11, 24, 9, 30))


def test_days_are_those_of_the_city_whatever_zone_a_moment_comes_in() -> None:
    night = moment("2026-11-25T07:00")  # still the 24th in UTC
    due = DEADLINES.of(AppealType.CONSULT, Urgency.NORMAL, False, night.astimezone(UTC))
    assert due.answer == moment("2026-11-26T17:30")


def test_clock_time_passes_evenly_where_clocks_are_put_back() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    before = datetime(2026, 10, 25, 1, 0, tzinfo=berlin)  # an hour that night comes twice
    due = Deadlines(zone=berlin).of(AppealType.HELP, Urgency.URGENT, False, before)
    assert due.answer.astimezone(UTC) - before.astimezone(UTC) == timedelta(hours=24)
    assert due.answer.hour == 0


def test_what_is_hard_may_take_longer() -> None:
    at = moment("2026-11-24T09:30")
    hard = DEADLINES.of(AppealType.CONSULT, Urgency.NORMAL, False, at, difficult=Difficulty.HARD)
    assert hard.answer == moment("2026-11-27T17:30")
    ticket = standing_in(State.RETURNED, difficult=Difficulty.LEGACY, appeal_type=AppealType.CONSULT)
    assert DEADLINES.of_ticket(ticket, at).answer == hard.answer
    assert DEADLINES.returning(ticket, at) == moment("2026-11-26T17:30")
    assert DEADLINES.returning(standing_in(State.RETURNED), at) == moment("2026-11-25T17:30")


def test_a_matter_may_have_terms_of_its_own() -> None:
    matters = {
        "公用事业": Terms(Span(timedelta(hours=2)), Span(workdays=2)),
        "公用事业/供水": Terms(Span(timedelta(minutes=30)), Span(timedelta(hours=24))),
    }
    city = Deadlines(replace(DEFAULT, matters=matters))
    at = moment("2026-11-28T20:00")  # a Saturday

    def answer(category: str, urgency: Urgency = Urgency.NORMAL) -> datetime:
        return city.of(AppealType.COMPLAINT, urgency, False, at, category=category).answer

    assert answer("公用事业/供水/停水") == at + timedelta(hours=24)
    assert answer("公用事业/供热") == moment("2026-12-01T17:30")
    assert answer("公用事业费") == answer("") == moment("2026-12-11T17:30")
    assert answer("公用事业", Urgency.CRITICAL) == at + timedelta(hours=2)


def test_extensions_supervision_and_closing() -> None:
    at = moment("2026-11-24T09:30")
    ticket = standing_in(State.SIGNED, due_at=moment("2026-11-25T17:30").astimezone(UTC))
    assert DEADLINES.longest_extension(ticket) == moment("2026-12-09T17:30")
    assert DEADLINES.closing(at) == moment("2026-11-26T17:30")
    assert Deadlines(replace(DEFAULT, closing=Span())).closing(at) is None
    assert DEADLINES.feedback(ticket, SupervisionLevel.LISTED, at) == moment("2026-11-25T17:30")
    urgent = standing_in(State.SIGNED, urgency=Urgency.CRITICAL)
    assert DEADLINES.feedback(urgent, SupervisionLevel.NORMAL, at) == at + timedelta(hours=2)


@given(st.datetimes(datetime(2000, 1, 2), datetime(2099, 12, 1)), st.sampled_from(AppealType))
def test_deadlines_of_any_year_lie_ahead(asked: datetime, appeal: AppealType) -> None:
    at = asked.replace(tzinfo=ZONE)
    due = DEADLINES.of(appeal, Urgency.NORMAL, False, at)
    assert at < due.sign <= due.answer
    assert due.answer - at < timedelta(days=45)
