from collections import defaultdict
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voicebot.tickets.hotspots import WINDOW, Alarm, Level, Reported, alarms

START = datetime(2026, 11, 1, 8, tzinfo=UTC)
HOUR = timedelta(hours=1)


def reported(caller: object, hours: float, place: str = "cuihulu", category: str = "路灯") -> Reported:
    return Reported(place, category, str(caller), START + hours * HOUR)


def test_five_callers_in_a_day() -> None:
    four = [reported(i, i) for i in range(4)]
    assert alarms(four) == ()
    (alarm,) = alarms([*four, reported(4, 5)])
    assert (alarm.level, alarm.callers, alarm.at) == (Level.WARNING, 5, START + 5 * HOUR)
    assert alarm.reason == "24小时内5人反映"


def test_one_caller_who_calls_often_is_one() -> None:
    assert alarms(reported("same", i / 10) for i in range(50)) == ()


def test_callers_of_another_day_place_or_category_do_not_count() -> None:
    four = [reported(i, 0) for i in range(4)]
    assert alarms([*four, reported(4, 24)]) == ()
    assert alarms([*four, reported(4, 1, place="wanghulu")]) == ()
    assert alarms([*four, reported(4, 1, category="井盖")]) == ()


def test_once_in_a_window_and_again_in_the_next() -> None:
    many = [reported(i, i / 4) for i in range(19)]
    assert [a.level for a in alarms(many)] == [Level.WARNING]
    later = [reported(i, 25 + i / 4) for i in range(6)]
    assert [a.at for a in alarms([*many, *later])] == [START + 1 * HOUR, START + 25 * HOUR]


def test_twenty_callers_are_a_group() -> None:
    found = alarms(reported(i, i / 10) for i in range(20))
    assert [a.level for a in found] == [Level.WARNING, Level.GROUP]
    assert found[1].callers == 20


def test_three_times_the_mean_of_28_days() -> None:
    usual = [reported(f"old{day}", 24 * day) for day in range(28)]
    busy = [reported(f"new{i}", 24 * 28 + 1 + i) for i in range(4)]
    found = alarms([*usual, *busy])
    assert [(a.level, a.callers) for a in found] == [(Level.WARNING, 3)]
    assert found[0].mean == pytest.approx(1.0)
    assert found[0].reason.endswith("倍")


def test_without_a_past_three_are_not_many() -> None:
    assert alarms(reported(i, i) for i in range(3)) == ()


REPORTS = st.lists(
    st.builds(
        reported,
        st.integers(0, 30),
        st.integers(0, 24 * 40),
        st.sampled_from(["cuihulu", "wanghulu"]),
        st.sampled_from(["路灯", "井盖"]),
    ),
    max_size=80,
)


@given(REPORTS, st.randoms(use_true_random=False))
def test_order_of_arrival_does_not_matter(reports: list[Reported], random: object) -> None:
    shuffled = list(reports)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert alarms(shuffled) == alarms(reports)


@given(REPORTS)
def test_each_alarm_is_true_and_comes_once_in_a_window(reports: list[Reported]) -> None:
    by_spot: dict[tuple[str, str, Level], list[Alarm]] = defaultdict(list)
    for alarm in alarms(reports):
        inside = {
            r.caller
            for r in reports
            if (r.place, r.category) == (alarm.place, alarm.category) and alarm.at - WINDOW < r.at <= alarm.at
        }
        assert 3 <= alarm.callers <= len(inside)
        assert alarm.level is Level.WARNING or alarm.callers >= 20
        by_spot[alarm.place, alarm.category, alarm.level].append(alarm)
    for each in by_spot.values():
        assert all(b.at - a.at >= WINDOW for a, b in pairwise(each))


@given(REPORTS)
def test_no_five_callers_in_a_day_go_unnoticed(reports: list[Reported]) -> None:
    found = alarms(reports)
    for r in reports:
        inside = {
            o.caller
            for o in reports
            if (o.place, o.category) == (r.place, r.category) and r.at - WINDOW < o.at <= r.at
        }
        if len(inside) >= 5:
            assert any(
                a.level is Level.WARNING
                and (a.place, a.category) == (r.place, r.category)
                and r.at - WINDOW < a.at <= r.at
                for a in found
            )


@given(REPORTS, st.integers(0, 80))
def test_what_happens_later_changes_no_earlier_alarm(reports: list[Reported], cut: int) -> None:
    ordered = sorted(reports, key=lambda r: (r.at, r.place, r.category, r.caller))
    early = alarms(ordered[:cut])
    assert alarms(ordered)[: len(early)] == early
