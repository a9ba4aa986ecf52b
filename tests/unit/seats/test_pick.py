"""Who is served first, and by whom."""

import statistics
import time
from dataclasses import replace
from datetime import timedelta
from random import Random
from types import MappingProxyType

import hypothesis.strategies as st
import pytest
from hypothesis import given, settings

from tests.unit.seats.rows import CALL, GENERAL, NOW, RULES, URGENT, A, B, C, after, call, seat
from voicebot.core.ids import LanguageTag, QueueName, SeatId
from voicebot.seats import moves
from voicebot.seats.contact import Contact, ContactState
from voicebot.seats.need import need_of
from voicebot.seats.order import in_order, key_of
from voicebot.seats.pick import may_get, pick
from voicebot.seats.rules import Choice, QueueRules, SeatRules
from voicebot.seats.seat import Next, Seat, SeatState

ENGLISH = LanguageTag("en")
BUSINESS = QueueName("企业")


def picked(
    seats: list[Seat], calls: list[Contact], at: float = 0, rules: SeatRules = RULES
) -> dict[str, str]:
    fresh = [replace(each, beat=after(at)) for each in seats]
    return {contact.call_id: one.id for contact, one in pick(fresh, calls, after(at), rules)}


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (call("a", since=after(-2)), call("b", since=after(-1))),
        (call("a", emergency="110"), call("b", since=after(-3000), front=True, elder=True)),
        (call("a", emergency="119", front=True), call("b", since=after(-500), emergency="110")),
        (call("a", front=True), call("b", since=after(-599), elder=False)),
        (call("a", elder=True), call("b", since=after(-59))),
        (call("a", since=after(-61)), call("b", elder=True)),
        (call("a", repeat=1), call("b", since=after(-29))),
        (call("a", since=after(-91)), call("b", repeat=50)),
        (call("a", enterprise=True), call("b", since=after(-29))),
        (call("a"), call("b")),
    ],
)
def test_order(first: Contact, second: Contact) -> None:
    assert in_order([second, first], RULES) == [first, second]


calls = st.builds(
    call,
    st.text("abc", min_size=3, max_size=6),
    since=st.floats(-2000, 0).map(after),
    elder=st.booleans(),
    enterprise=st.booleans(),
    front=st.booleans(),
    repeat=st.integers(-1, 9),
)


@given(calls, calls)
def test_nobody_is_overtaken_by_who_came_so_much_later(one: Contact, other: Contact) -> None:
    longest = timedelta(seconds=RULES.head_start.most)
    if one.since + longest < other.since:
        assert key_of(one, RULES) < key_of(other, RULES)


def test_who_has_been_idle_longest_is_asked_unless_the_queue_chooses_who_was_used_least() -> None:
    idle, fresh = seat(A, idle_since=after(-90), taken=9), seat(B, idle_since=after(-10), taken=2)
    assert picked([fresh, idle], [call()]) == {CALL: A}
    least = SeatRules(usual=QueueRules(choice=Choice.LEAST_USED))
    assert picked([idle, fresh], [call()], rules=least) == {CALL: B}


@pytest.mark.parametrize(
    ("waited", "chosen"), [(0, "expert"), (14, "expert"), (15, "beginner"), (29, "beginner"), (30, "other")]
)
def test_a_skill_is_asked_for_less_and_less(waited: float, chosen: str) -> None:
    skills = {"expert": {"水": 3}, "beginner": {"水": 1}, "other": {}}
    names = list(skills)
    seats = [
        seat(SeatId(name), skills={GENERAL: 3, **skills[name]}, idle_since=after(-10 * (i + 1)))
        for i, name in enumerate(names)
    ]
    wanted = call(skill="水")
    assert picked(seats, [wanted], waited) == {CALL: chosen}
    assert picked(seats[names.index(chosen) + 1 :], [wanted], waited) == {}
    assert picked(seats, [replace(wanted, emergency="110")]) == {CALL: "other"}  # no time for that


def test_a_language_is_never_relaxed() -> None:
    seats = [seat(A), seat(B, skills={GENERAL: 1, ENGLISH: 1}, idle_since=NOW)]
    assert picked(seats, [call(language=ENGLISH)]) == {CALL: B}
    assert picked(seats[:1], [call(language=ENGLISH, emergency="110")], 5000) == {}


def test_another_queue_helps_after_a_while_and_in_an_emergency_at_once() -> None:
    helper, own = seat(A, skills={GENERAL: 3}), seat(B, skills={URGENT: 1}, idle_since=NOW)
    urgent = call(queue=URGENT)
    assert picked([helper], [urgent], 9) == {}
    assert picked([helper], [urgent], 10) == {CALL: A}
    assert picked([helper, own], [urgent], 10) == {CALL: B}
    assert picked([helper], [replace(urgent, emergency="110")]) == {CALL: A}
    assert picked([own], [call()], 5000) == {}  # nobody helps the other way


def test_a_seat_that_is_used_to_it_is_preferred_but_not_waited_for() -> None:
    trained = seat(B, skills={GENERAL: 1, "emergency": 1}, idle_since=NOW)
    merchant = seat(C, skills={GENERAL: 1, "enterprise": 1}, idle_since=NOW)
    seats = [seat(A), trained, merchant]
    assert picked(seats, [call(emergency="110")]) == {CALL: B}
    assert picked(seats, [call(enterprise=True)]) == {CALL: C}
    assert picked(seats[:1], [call(emergency="110")]) == {CALL: A}


def test_who_refused_is_asked_last_and_not_at_once() -> None:
    seats = [seat(A, since=NOW), seat(B, since=NOW, idle_since=NOW)]
    again = call(refused=(A,))
    assert picked(seats, [again]) == {CALL: B}
    assert picked(seats[:1], [again], 9) == {}
    assert picked(seats[:1], [again], 10) == {CALL: A}
    assert picked(seats, [again], 10) == {CALL: B}


@pytest.mark.parametrize(
    "one",
    [
        *(seat(state=state) for state in SeatState if state is not SeatState.READY),
        seat(next=Next(SeatState.BUSY)),
        seat(beat=after(-11)),
    ],
)
def test_nobody_else_is_asked(one: Seat) -> None:
    assert not may_get(one, NOW, RULES)
    assert one.state is not SeatState.READY or one.next or moves.gone(one, NOW, RULES)
    assert pick([one], [call()], NOW, RULES) == []


def test_only_waiting_calls_are_offered() -> None:
    others = [call(state, state) for state in ContactState if state is not ContactState.WAITING]
    assert picked([seat()], others) == {}


def crowd(random: Random, seats: int, waiting: int) -> tuple[list[Seat], list[Contact]]:
    """A city's seats, all free, and callers of all kinds."""
    queues = [GENERAL, URGENT, BUSINESS, QueueName("外语"), QueueName("长者")]
    topics = [f"topic{i}" for i in range(40)]

    def skills() -> MappingProxyType[str, int]:
        known = [*random.sample(queues, 2), *random.sample(topics, 5), *(["en"] * (random.random() < 0.1))]
        return MappingProxyType({name: random.randint(1, 5) for name in known})

    rows = [
        seat(
            SeatId(f"s{i}"),
            skills=skills(),
            since=after(-random.randrange(60)),
            idle_since=after(-random.randrange(600)),
            taken=random.randrange(40),
        )
        for i in range(seats)
    ]
    lines = [
        call(
            f"c{i}",
            queue=random.choice(queues),
            since=after(-random.randrange(120)),
            skill=random.choice([*topics, *[""] * 20]),
            language=random.choice(["zh", "zh", "zh", ENGLISH]),
            emergency=random.choice([*[""] * 30, "110"]),
            elder=random.random() < 0.2,
            enterprise=random.random() < 0.1,
            refused=tuple(SeatId(f"s{random.randrange(seats)}") for _ in range(random.randrange(3))),
        )
        for i in range(waiting)
    ]
    return rows, lines


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10**6), st.integers(1, 12), st.integers(0, 12))
def test_pairs_can_all_be_offered_and_leave_nobody_idle_who_could_help(
    seed: int, seats: int, waiting: int
) -> None:
    rules = replace(RULES, queues={**RULES.queues, BUSINESS: QueueRules(choice=Choice.LEAST_USED)})
    rows, lines = crowd(Random(seed), seats, waiting)
    pairs = pick(rows, lines, NOW, rules)
    for contact, one in pairs:
        assert need_of(contact, NOW, rules).met_by(one)
        assert moves.offer(one, contact, NOW, rules).event == "offered"
    taken, served = {one.id for _, one in pairs}, {contact.call_id for contact, _ in pairs}
    assert len(taken) == len(served) == len(pairs)
    for contact in (each for each in lines if each.call_id not in served):
        for one in (each for each in rows if each.id not in taken):
            asked_before = one.id in contact.refused
            assert asked_before or not need_of(contact, NOW, rules).met_by(one)
    for contact, one in pairs:  # who is before in the queue and could have had the seat has another
        for other in (each for each in lines if key_of(each, rules) < key_of(contact, rules)):
            fits = need_of(other, NOW, rules).met_by(one) and one.id not in other.refused
            assert other.call_id in served or not fits


def test_a_large_city_is_served_in_50_ms() -> None:
    rows, lines = crowd(Random(1), 1000, 500)
    took = []
    for _ in range(5):
        began = time.thread_time()  # other work of the machine does not count
        assert len(pick(rows, lines, NOW, RULES)) > 200
        took.append(time.thread_time() - began)
    assert statistics.median(took) <= 0.05
