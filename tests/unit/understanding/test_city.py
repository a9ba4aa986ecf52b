"""The city profile: hours, days, callers, outages, each mistake at its line."""

from datetime import date, datetime, time, timedelta

import pytest

from voicebot.core.hours import DayType, Hours
from voicebot.core.problem import ContentError
from voicebot.understanding import load_city

HEAD = "name: 云江市\nhotline: 云江12345\nowner: 数据局\n"


def test_everything_an_administrator_may_say() -> None:
    city = load_city(
        "city.yaml",
        HEAD
        + """
business_hours:
  workday: ["08:30-12:00", "13:30-17:30"]
  weekend: 9:00-16:00
  holiday: []
night: 22:00-06:00
days: {2027-01-01: holiday, 2027-02-06: workday}
callers: {elder: ["13800000001"], enterprise: 057112345678}
skills: 手语
emergency_mode: true
outages:
  - {from: 2026-11-24 08:00, until: 2026-11-24 18:30, say: 幸福路停水。, about: [停水, 没水], places: 幸福路}
""",
    )
    assert city.business_hours[DayType.WORKDAY] == (
        Hours(time(8, 30), time(12)),
        Hours(time(13, 30), time(17, 30)),
    )
    assert city.business_hours[DayType.WEEKEND] == (Hours(time(9), time(16)),)
    assert city.business_hours[DayType.HOLIDAY] == ()
    assert city.night == Hours(time(22), time(6))
    assert city.days == {date(2027, 1, 1): DayType.HOLIDAY, date(2027, 2, 6): DayType.WORKDAY}
    assert city.caller_class("13800000001") == "elder"
    assert city.caller_class("057112345678") == "enterprise"
    assert city.caller_class("") == ""
    assert city.skills == ("手语",)
    assert city.emergency_mode
    (outage,) = city.outages
    assert (outage.about, outage.places) == (("停水", "没水"), ("幸福路",))
    assert outage.holds(datetime(2026, 11, 24, 8))
    assert not outage.holds(datetime(2026, 11, 24, 18, 30))


def test_a_city_that_says_nothing_of_it() -> None:
    city = load_city("city.yaml", HEAD)
    assert (city.business_hours, city.night, city.days, city.callers) == ({}, None, {}, {})
    assert (city.emergency_mode, city.outages, city.skills) == (False, (), ())


@pytest.mark.parametrize(
    ("text", "line", "code"),
    [
        ("night: 22-6\n", 4, "schema.value_error"),
        ("night: 22:00-22:00\n", 4, "schema.value_error"),
        ("night: 25:00-06:00\n", 4, "schema.value_error"),
        ("business_hours:\n  workday:\n    - 08:30-12:00\n    - early\n", 7, "schema.value_error"),
        ("business_hours:\n  sunday: 08:30-12:00\n", 5, "schema.enum"),
        ("days:\n  2027-13-01: holiday\n", 5, "schema.value_error"),
        ("days:\n  2027-01-01: free\n", 5, "schema.enum"),
        ("callers:\n  elder: [12a]\n", 5, "city.number"),
        ("emergency_mode: perhaps\n", 4, "schema.value_error"),
        ("outages:\n  - {from: tomorrow, until: 2026-11-24 08:00, say: 停}\n", 5, "schema.value_error"),
        (
            "outages:\n  - {from: 2026-11-24 08:00, until: 2026-02-30 08:00, say: 停}\n",
            5,
            "schema.value_error",
        ),
        (
            "outages:\n  - from: 2026-11-24 08:00\n    until: 2026-11-24 08:00\n    say: 停\n",
            6,
            "city.outage",
        ),
    ],
)
def test_mistakes_stand_at_their_line(text: str, line: int, code: str) -> None:
    with pytest.raises(ContentError) as raised:
        load_city("city.yaml", HEAD + text)
    (problem,) = raised.value.problems
    assert (problem.line, problem.code) == (line, code)


@pytest.mark.parametrize(
    ("hours", "inside", "outside"),
    [
        (Hours(time(8), time(12)), [time(8), time(11, 59)], [time(12), time(7, 59), time(0)]),
        (Hours(time(22), time(6)), [time(22), time(0), time(5, 59)], [time(6), time(12), time(21, 59)]),
    ],
)
def test_hours(hours: Hours, inside: list[time], outside: list[time]) -> None:
    assert all(hours.hold(at) for at in inside)
    assert not any(hours.hold(at) for at in outside)


def test_when_people_are_rung_back() -> None:
    text = HEAD + (
        "callbacks:\n  share: 0.3\n  missed: false\n  windows: [14:00-17:30, 09:00-11:30]\n"
        "  days: workday\n  rest_hours: 24\n  tries: 2\n  busy_minutes: 5\n"
    )
    rules = load_city("city.yaml", text).callbacks
    assert (rules.share, rules.promised, rules.missed, rules.tries) == (0.3, True, False, 2)
    assert rules.windows == (Hours(time(9), time(11, 30)), Hours(time(14), time(17, 30)))
    assert rules.days == {DayType.WORKDAY}
    assert (rules.rest, rules.busy) == (timedelta(days=1), timedelta(minutes=5))


@pytest.mark.parametrize(
    "line",
    [
        "windows: [08:30-12:00]",
        "windows: [18:00-21:30]",
        "windows: [18:00-09:30]",
        "windows: []",
        "days: []",
        "share: 1.5",
        "share: 30%",
        "tries: 0",
        "tries: many",
        "busy_minutes: 0",
        "nights: true",
    ],
)
def test_wrong_rules_of_ringing_are_refused_with_their_line(line: str) -> None:
    with pytest.raises(ContentError) as wrong:
        load_city("city.yaml", f"{HEAD}callbacks:\n  {line}\n")
    assert wrong.value.problems[0].line == HEAD.count("\n") + 2


@pytest.mark.parametrize("zone", ["Asia/Shanghia", "../etc/passwd", "Asia", "北京"])
def test_a_time_zone_that_does_not_exist_is_refused(zone: str) -> None:
    with pytest.raises(ContentError) as wrong:
        load_city("city.yaml", f"{HEAD}timezone: {zone}\n")
    assert [(p.line, p.code) for p in wrong.value.problems] == [(HEAD.count("\n") + 1, "city.timezone")]
