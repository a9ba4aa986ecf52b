"""The simulated day of `bench seats`, small."""

from random import Random

import pytest

from voicebot.cli.benches.seat_book import Book, overtaken, variation
from voicebot.cli.benches.seat_city import BURST, GENERAL, RULES, callers, rate, staff
from voicebot.cli.benches.seats import measure
from voicebot.core.ids import CallId, SeatId

LI, WANG = SeatId("li"), SeatId("wang")
ONE, TWO = CallId("c1"), CallId("c2")
NEED = (GENERAL, "", "zh")


def test_the_book_notices_a_double_offer() -> None:
    book = Book()
    book.offered(ONE, LI)
    book.accepted(ONE, LI)
    assert book.double == 0
    book.offered(ONE, WANG)  # is talked with
    book.offered(TWO, LI)  # has a call
    assert book.double == 2
    book.freed(ONE, WANG)
    book.freed(TWO, LI)
    book.offered(ONE, WANG)
    assert book.double == 2
    book.accepted(ONE, LI)  # it rang at another
    assert book.double == 3


def test_who_came_later_and_was_served_before_has_overtaken() -> None:
    taken = [
        ("plain", NEED, 1.0, 100.0),
        ("plain", NEED, 9.0, 60.0),
        ("emergency", NEED, 1.0, 10.0),
        ("front", NEED, 1.0, 20.0),
        ("plain", (GENERAL, "水", "zh"), 9.0, 5.0),
    ]
    assert overtaken(taken) == 40
    assert variation([[3, 3], [1], [0, 0]]) == 0


def test_a_city_is_the_same_each_time_and_bursts() -> None:
    assert staff(Random(1), 100) == staff(Random(1), 100)
    calls = list(callers(Random(1), 0.05))
    assert calls == sorted(calls, key=lambda each: each.at)
    assert rate(8.7 * 3600, 1.0) == BURST * rate(8.5 * 3600, 1.0)


def test_a_day_of_a_small_city_loses_nobody() -> None:
    result = measure(50, 0.02, 1.0, 7, picks=2)
    day = result["day"]
    assert (day["double_offers"], day["lost"]) == (0, 0)
    assert day["refused_as_stale"] > 0  # a second distributor was always too late
    assert day["calls"] == day["served"] + day["gave_up"] + day["call_backs"]
    assert day["overtaken_s"]["most"] <= RULES.head_start.most
    assert result["pick"]["pairs"] <= 50
    plain = result["erlang"]
    assert (plain["double_offers"], plain["lost"]) == (0, 0)
    assert plain["measured"] == pytest.approx(plain["ideal"], abs=2e-3)
    assert plain["measured"]["in_target"] == pytest.approx(plain["erlang_c"]["in_target"], abs=0.15)
