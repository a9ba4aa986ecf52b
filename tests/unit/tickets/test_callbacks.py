"""When people are rung: by table, and what holds whatever happens."""

from dataclasses import replace
from datetime import date, datetime, time, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.fakes.clocks import MORNING
from tests.fakes.demands import lamp
from voicebot.core.hours import DayType, Hours
from voicebot.core.ids import TicketNo
from voicebot.core.meaning import Urgency
from voicebot.core.ringing import RingingRules, may_ring
from voicebot.language.workdays import day_type
from voicebot.tickets.birth import accept
from voicebot.tickets.callbacks import (
    COUNTED,
    CallbackKind,
    Over,
    Try,
    TryOutcome,
    came_to_nothing,
    in_sample,
    owed_by,
    still_owed,
)
from voicebot.tickets.deadlines import Deadlines
from voicebot.tickets.given import Given
from voicebot.tickets.lifecycle import transition
from voicebot.tickets.ringing import next_try
from voicebot.tickets.ticket import Ticket, TicketAction

T = TryOutcome
ZONE = timezone(timedelta(hours=8))
RULES = RingingRules()


def at(text: str) -> datetime:
    """November 2026: the 24th is a Tuesday, the 27th a Friday."""
    return datetime.fromisoformat(f"2026-{text}").replace(tzinfo=ZONE)


def told(*tries: tuple[str, TryOutcome]) -> list[Try]:
    return [Try(at(when), outcome) for when, outcome in tries]


@pytest.mark.parametrize(
    ("since", "tries", "wanted"),
    [
        ("11-24 10:00", [], "11-24 10:00"),
        ("11-24 12:30", [], "11-24 14:00"),  # over the lunch pause
        ("11-24 21:00", [], "11-25 09:00"),
        ("11-24 03:00", [], "11-24 09:00"),
        ("11-24 10:00", [("11-24 10:00", T.BUSY)], "11-24 10:10"),
        ("11-24 11:55", [("11-24 11:55", T.BUSY)], "11-24 14:00"),
        # twice busy: somebody talks for long
        ("11-24 10:00", [("11-24 10:00", T.BUSY), ("11-24 10:10", T.BUSY)], "11-25 14:00"),
        # nobody there in the morning: in the afternoon, and the last time on another day in the evening
        ("11-24 09:30", [("11-24 09:30", T.NO_ANSWER)], "11-24 14:00"),
        ("11-24 14:00", [("11-24 14:00", T.NO_ANSWER)], "11-24 18:00"),
        ("11-24 19:30", [("11-24 19:30", T.NO_ANSWER)], "11-25 09:00"),
        ("11-24 09:30", [("11-24 09:30", T.NO_ANSWER), ("11-24 14:00", T.NO_ANSWER)], "11-25 18:00"),
        ("11-24 09:30", [("11-24 09:30", T.MACHINE), ("11-24 14:00", T.SILENT)], "11-25 18:00"),
        ("11-24 09:30", [("11-24 09:30", T.REFUSED)], "11-25 14:00"),
        ("11-24 09:30", [("11-24 09:30", T.LINE_FULL)], "11-24 09:31"),
        ("11-24 09:30", [("11-24 09:30", T.FAILED)], "11-24 09:40"),
        ("11-24 09:30", [("11-24 09:30", T.LATER)], "11-24 11:30"),
    ],
)
def test_the_next_ring(since: str, tries: list[tuple[str, TryOutcome]], wanted: str) -> None:
    now = at(tries[-1][0]) if tries else at(since)
    assert next_try(told(*tries), at(since), now, RULES, day_type) == at(wanted)


@pytest.mark.parametrize(
    ("tries", "over"),
    [
        ([("11-24 10:00", T.DONE)], Over.DONE),
        ([("11-24 10:00", T.NEVER)], Over.NEVER),
        ([("11-24 10:00", T.WRONG_PERSON)], Over.WRONG_NUMBER),
        ([("11-24 10:00", T.UNREACHABLE)], Over.WRONG_NUMBER),
        ([("11-24 10:00", T.REFUSED), ("11-25 14:00", T.REFUSED)], Over.UNREACHED),
        (
            [("11-24 10:00", T.NO_ANSWER), ("11-24 14:00", T.CUT), ("11-25 18:00", T.BUSY)],
            Over.UNREACHED,
        ),
        ([(f"11-24 1{hour}:00", T.LATER) for hour in range(4)], Over.UNREACHED),
    ],
)
def test_no_further_ring(tries: list[tuple[str, TryOutcome]], over: Over) -> None:
    assert next_try(told(*tries), at("11-24 10:00"), at("11-26 10:00"), RULES, day_type) is over


def test_who_named_a_time_is_rung_then() -> None:
    asked = [Try(at("11-24 10:00"), T.LATER, at("11-24 16:30"))]
    assert next_try(asked, at("11-24 10:00"), at("11-24 10:01"), RULES, day_type) == at("11-24 16:30")
    asked = [Try(at("11-24 10:00"), T.LATER, at("11-24 22:00"))]  # never at night
    assert next_try(asked, at("11-24 10:00"), at("11-24 10:01"), RULES, day_type) == at("11-25 09:00")


def test_a_time_named_beyond_the_last_day_is_kept() -> None:
    asked = [Try(at("11-24 10:00"), T.LATER, at("12-02 10:00"))]
    assert next_try(asked, at("11-24 10:00"), at("12-02 10:00"), RULES, day_type) == at("12-02 10:00")


def test_what_is_urgent_rings_at_night() -> None:
    night = at("11-24 02:00")
    assert next_try([], night, night, RULES, day_type, urgent=True) == night
    nobody = told(("11-24 02:00", T.NO_ANSWER))
    assert next_try(nobody, night, night, RULES, day_type, urgent=True) == at("11-24 02:10")


def test_nobody_is_rung_about_old_matters() -> None:
    assert next_try([], at("11-10 10:00"), at("11-24 10:00"), RULES, day_type) is Over.EXPIRED


def test_holidays_are_left_out_where_the_city_says_so() -> None:
    """National day 2026: 1 to 7 October."""
    assert next_try([], at("10-01 10:00"), at("10-01 10:00"), RULES, day_type) == at("10-08 09:00")
    always = replace(RULES, days=frozenset(DayType))
    assert next_try([], at("10-01 10:00"), at("10-01 10:00"), always, day_type) == at("10-01 10:00")


def test_a_city_cannot_allow_the_night() -> None:
    wide = replace(RULES, windows=(Hours(time(6), time(23)),))
    assert next_try([], at("11-24 06:30"), at("11-24 06:30"), wide, day_type) == at("11-24 09:00")
    assert next_try([], at("11-24 22:00"), at("11-24 22:00"), wide, day_type) == at("11-25 09:00")
    nightly = replace(RULES, windows=(Hours(time(22), time(23)),))
    assert next_try([], at("11-24 22:30"), at("11-24 22:30"), nightly, day_type) is Over.EXPIRED


WINDOWS = st.sampled_from(
    [
        RULES.windows,
        (Hours(time(9), time(21)),),
        (Hours(time(10), time(11)), Hours(time(15), time(16))),
        (Hours(time(7), time(23)),),
    ]
)
KINDS = st.sampled_from(list(DayType))


@given(
    outcomes=st.lists(st.sampled_from(list(TryOutcome)), max_size=12),
    minutes=st.integers(0, 60 * 24 * 40),
    late=st.lists(st.integers(0, 3000), min_size=12, max_size=12),
    windows=WINDOWS,
    days=st.frozensets(KINDS, min_size=1),
    tries=st.integers(1, 5),
)
def test_whatever_happens(
    outcomes: list[TryOutcome],
    minutes: int,
    late: list[int],
    windows: tuple[Hours, ...],
    days: frozenset[DayType],
    tries: int,
) -> None:
    """Rings lie in the windows, never at night, each after the one before, and end."""
    rules = RingingRules(windows=windows, days=days, tries=tries, expires=timedelta(days=300))
    since = at("10-01 00:00") + timedelta(minutes=minutes)
    history: list[Try] = []
    now = since
    for outcome, delay in zip(outcomes, late, strict=False):
        moment = next_try(history, since, now, rules, day_type)
        if isinstance(moment, Over):
            break
        assert moment >= now
        assert not history or moment > history[-1].at
        assert time(9) <= moment.time() < time(21)
        assert any(window.hold(moment.time()) for window in windows)
        assert day_type(moment.date()) in days
        now = moment + timedelta(seconds=delay)  # rung late, and it takes a while
        history.append(Try(now, outcome))
    assert sum(each.outcome in COUNTED for each in history) <= tries
    if len([o for o in outcomes if o in COUNTED]) >= tries and len(history) == len(outcomes):
        assert isinstance(next_try(history, since, now, rules, day_type), Over)


@pytest.mark.parametrize("share", [0.05, 0.3, 0.9])
def test_the_sample_has_its_size(share: float) -> None:
    chosen = sum(in_sample(f"20261124{serial:06d}", share) for serial in range(5000))
    assert abs(chosen / 5000 - share) < 0.02


def test_all_or_none() -> None:
    assert in_sample("20261124000001", 1.0)
    assert not in_sample("20261124000001", 0.0)


# ── whom ────────────────────────────────────────────────────────────────────────────────────


def born(**changes: object) -> Ticket:
    demand = replace(lamp(), **changes)  # type: ignore[arg-type]
    due = Deadlines().of(demand.appeal_type, demand.urgency, demand.callback_only, MORNING)
    return accept(TicketNo("20261124000001"), demand, due, "bot", MORNING)[0]


def step(ticket: Ticket, action: TicketAction, reason: str = "", **details: object) -> Ticket:
    return transition(ticket, action, "bot", MORNING, reason, Given(**details))[0]  # type: ignore[arg-type]


def closed(ticket: Ticket) -> tuple[Ticket, str]:
    """A ticket replied to and closed, and the key of the call owed for it."""
    replied = step(ticket, TicketAction.REPLY, reply="修好了")
    after, event = transition(replied, TicketAction.CLOSE, "handler:li", MORNING)
    owed = owed_by(after, event)
    return after, owed.key if owed else ""


def test_a_closed_ticket_owes_a_revisit_until_the_caller_has_spoken() -> None:
    ticket, key = closed(born())
    assert key == "revisit:20261124000001:1"
    assert still_owed(ticket, key)
    assert still_owed(step(ticket, TicketAction.CALL_BACK), key)
    assert not still_owed(step(ticket, TicketAction.RATE, rating=5), key)
    assert not still_owed(step(ticket, TicketAction.REDO, "没修好", due_at=MORNING + timedelta(days=5)), key)
    reached = step(step(ticket, TicketAction.CALL_BACK), TicketAction.CALLED_BACK, reached=True)
    assert not still_owed(reached, key)


def test_a_second_round_owes_one_of_its_own() -> None:
    ticket, _ = closed(born())
    again = step(ticket, TicketAction.REDO, "没修好", due_at=MORNING + timedelta(days=5))
    again = step(step(again, TicketAction.START), TicketAction.REPLY, reply="真的修好了")
    after, event = transition(again, TicketAction.CLOSE, "handler:li", MORNING)
    owed = owed_by(after, event)
    assert owed
    assert owed.key == "revisit:20261124000001:2"


def test_who_wants_no_reply_or_was_answered_in_the_call_is_not_rung() -> None:
    assert closed(born(want_reply=False))[1] == ""
    after, event = transition(born(), TicketAction.ANSWER, "bot", MORNING, "", Given(reply="带身份证"))
    assert owed_by(after, event) is None


def test_a_promised_call_is_owed_while_the_ticket_is_open() -> None:
    demand = replace(lamp(), callback_only=True, urgency=Urgency.URGENT)
    due = Deadlines().of(demand.appeal_type, demand.urgency, True, MORNING)
    ticket, event = accept(TicketNo("20261124000001"), demand, due, "bot", MORNING)
    owed = owed_by(ticket, event)
    assert owed
    assert (owed.kind, owed.urgent) == (CallbackKind.PROMISED, True)
    assert still_owed(ticket, owed.key)
    assert not still_owed(step(ticket, TicketAction.ANSWER, reply="已回电"), owed.key)
    assert not still_owed(step(ticket, TicketAction.CANCEL, "不用了"), owed.key)


@pytest.mark.parametrize(
    ("reason", "state", "owed"),
    [
        ("lost", "collecting", True),
        ("error", "", True),
        ("rtp_timeout", "listening", True),
        ("caller", "waiting", True),
        ("caller", "listening", False),
        ("done", "ended", False),
        ("us", "waiting", False),
    ],
)
def test_calls_that_came_to_nothing(reason: str, state: str, owed: bool) -> None:
    assert came_to_nothing(reason, state) is owed


def test_every_outcome_has_words() -> None:
    assert all(outcome.label for outcome in TryOutcome)
    assert all(over.label for over in Over)
    assert day_type(date(2026, 11, 24)) is DayType.WORKDAY


@pytest.mark.parametrize("number", ["13800138000", "19912345678", "057188880000", "01088880000", "88880000"])
def test_people_may_be_rung(number: str) -> None:
    assert may_ring(number)


EMERGENCY = ["110", "119", "120", "122"]
SHORT = ["12345", "95588", "10086", "4008001234"]
ABROAD = ["008613800138000", "+8613800138000"]
WRONG = ["", "1380013800", "138001380001", "12800138000", "0000000000", "113800138000", "13800138000\n"]
ODD = ["sip:8001@10.0.0.1", "13800138000;x=1", "１３８００１３８０００"]


@pytest.mark.parametrize("number", [*EMERGENCY, *SHORT, *ABROAD, *WRONG, *ODD])
def test_nothing_else_is(number: str) -> None:
    assert not may_ring(number)
