"""The working calendar."""

from datetime import date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voicebot.language.workdays import add_workdays, add_working_hours, day_kind, workdays_between


def test_a_make_up_saturday_is_a_workday() -> None:
    assert day_kind(date(2026, 2, 14)).workday  # 调休 for the Spring Festival
    assert not day_kind(date(2026, 10, 1)).workday


def test_an_unpublished_year_says_so() -> None:
    monday = day_kind(date(2040, 1, 2))
    assert monday.workday
    assert not monday.certain


def test_days_skip_weekends() -> None:
    due = add_workdays(datetime(2026, 11, 20, 15, 30), 1)  # a Friday
    assert due.at == datetime(2026, 11, 23, 15, 30)
    assert due.certain


def test_hours_flow_over_the_night() -> None:
    due = add_working_hours(datetime(2026, 11, 24, 17, 0), 1)
    assert due.at == datetime(2026, 11, 25, 9, 30)


def test_crossing_into_an_unpublished_year_is_flagged() -> None:
    assert not add_workdays(datetime(2039, 12, 30, 9, 0), 5).certain


def test_nonsense_is_refused() -> None:
    with pytest.raises(ValueError, match="cannot count"):
        add_workdays(datetime(2026, 1, 1), -1)
    with pytest.raises(ValueError, match="cannot count"):
        add_working_hours(datetime(2026, 1, 1), -1)


@given(st.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1)), st.integers(0, 30))
def test_a_due_day_is_a_workday(start: datetime, days: int) -> None:
    due = add_workdays(start, days)
    assert due.at >= start
    assert days == 0 or day_kind(due.at.date()).workday
    assert workdays_between(start.date(), due.at.date())[0] == days
