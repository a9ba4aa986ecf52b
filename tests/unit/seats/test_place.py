"""Where a caller stands and how long it will take; Erlang C."""

import math
from typing import Any

import pytest

from tests.unit.seats.rows import GENERAL, NOW, RULES, URGENT, A, B, after, call, seat
from voicebot.core.handover import Place
from voicebot.core.ids import CallId, QueueName, SeatId
from voicebot.seats import erlang
from voicebot.seats.contact import Contact, ContactState
from voicebot.seats.place import place_of
from voicebot.seats.seat import Seat, SeatState

OTHER = QueueName("企业")


def busy(count: int, **values: Any) -> list[Seat]:
    return [seat(SeatId(f"s{i}"), SeatState.TALKING, **values) for i in range(count)]


def done(count: int, talk_s: float, waited: float = 0, every: float = 10, **values: Any) -> list[Contact]:
    """Talks that ended lately, the last taken 10 s ago."""
    rows = []
    for i in range(count):
        taken = -10 - i * every
        times = {"since": after(taken - waited), "taken_at": after(taken), "ended_at": after(taken + talk_s)}
        rows.append(call(f"d{i}", ContactState.DONE, **{**times, **values}))
    return rows


def placed(calls: list[Contact], seats: list[Seat], recent: list[Contact], of: int = -1) -> Place:
    return place_of(calls[of], calls, seats, recent, NOW, RULES)


def test_who_is_before_counts_in_the_order_of_service() -> None:
    calls = [call("a", since=after(-9)), call("b", emergency="110"), call("c", since=after(-5)), call("d")]
    assert [placed(calls, [], [], of=i).ahead for i in range(4)] == [1, 0, 2, 3]


def test_callers_of_other_queues_count_where_their_seats_are_the_same() -> None:
    calls = [call("a", queue=OTHER, since=after(-9)), call("b")]
    assert placed(calls, busy(3, skills={GENERAL: 1, OTHER: 1}), []).ahead == 1
    assert placed(calls, busy(3, skills={GENERAL: 1}), []).ahead == 0


def test_where_seats_are_free_nobody_waits() -> None:
    calls = [call("a", since=after(-1)), call("b")]
    assert placed(calls, [seat(A), seat(B)], []) == Place(1, 0.0)
    assert placed(calls, [seat(A)], []) == Place(1, None)


@pytest.mark.parametrize("recent", [[], done(4, 100), done(9, 100, queue=URGENT)])
def test_too_little_is_known(recent: list[Contact]) -> None:
    assert placed([call()], busy(3), recent).seconds is None


def test_nothing_is_promised_where_nobody_serves() -> None:
    assert placed([call()], [seat(A, SeatState.BREAK)], done(9, 100)).seconds is None


def test_from_the_length_of_talks_and_wrap_up() -> None:
    calls = [call("a", since=after(-2)), call("b", since=after(-1)), call("c")]
    place = placed(calls, busy(10), done(20, 170, every=50))  # 10 seats, 200 s each: one each 20 s
    assert place.ahead == 2
    assert place.seconds == pytest.approx(60)


def test_a_seat_of_two_busy_queues_is_half_there() -> None:
    calls = [call("a", queue=OTHER, since=after(9)), call("b")]
    place = placed(calls, busy(10, skills={GENERAL: 1, OTHER: 1}), done(20, 170, every=50))
    assert place.seconds == pytest.approx(40)


def test_as_seen_once_all_are_busy() -> None:
    calls = [call("a", since=after(-2)), call("b")]
    recent = done(11, 170, waited=60, every=8)
    assert placed(calls, busy(10), recent).seconds == pytest.approx(18, abs=1)


def test_many_places_are_told_quickly_and_grow_with_the_queue() -> None:
    calls = [call(f"{i:03}", since=after(-500 + i)) for i in range(500)]
    recent = done(100, 170, every=5)
    seats = busy(1000)
    places = [place_of(each, calls, seats, recent, NOW, RULES) for each in calls[::100]]
    assert [place.ahead for place in places] == [0, 100, 200, 300, 400]
    waits = [place.seconds or math.inf for place in places]
    assert waits == sorted(waits)
    assert waits[-1] == pytest.approx(401 * 200 / 1000)
    assert CallId("000") == calls[0].call_id


@pytest.mark.parametrize(
    ("seats", "load", "waits"),
    [(1, 0.5, 0.5), (2, 1.0, 1 / 3), (10, 7.0, 0.2217), (100, 90.0, 0.2169), (5, 5.0, 1.0), (5, 0.0, 0.0)],
)
def test_share_that_waits(seats: int, load: float, waits: float) -> None:
    """Tables of Erlang C."""
    assert erlang.must_wait(seats, load / 200, 200) == pytest.approx(waits, abs=2e-4)


def test_erlang_is_stable_for_a_large_city() -> None:
    assert erlang.blocking(1000, 1000) == pytest.approx(0.0248, abs=1e-4)
    assert 0 < erlang.must_wait(1000, 980 / 240, 240) < 1
    assert erlang.must_wait(1000, 10 / 240, 240) == 0
    assert erlang.service_level(1000, 2000 / 240, 240, 15) == 0
    assert erlang.mean_wait_s(1000, 2000 / 240, 240) == math.inf


def test_service_level_and_staff() -> None:
    assert erlang.service_level(1, 0.5 / 100, 100, 0) == pytest.approx(0.5)
    assert erlang.mean_wait_s(1, 0.5 / 100, 100) == pytest.approx(100)
    assert (erlang.service_level(3, 0, 100, 15), erlang.mean_wait_s(3, 0, 100)) == (1, 0)
    seats = erlang.seats_needed(2.0, 200, 15, 0.8)
    assert erlang.service_level(seats, 2.0, 200, 15) >= 0.8 > erlang.service_level(seats - 1, 2.0, 200, 15)
