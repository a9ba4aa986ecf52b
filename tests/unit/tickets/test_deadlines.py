"""Deadlines across nights, weekends, 国庆, 春节 and 调休."""

from dataclasses import replace
from datetime import datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.fakes.clocks import MORNING
from voicebot.core.meaning import AppealType, Urgency
from voicebot.language.workdays import day_kind
from voicebot.tickets.deadlines import DEFAULT, Deadlines, Span, Terms

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
