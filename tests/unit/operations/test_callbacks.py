"""Calls we owe: when one that is due may ring, what it says, and what its outcome does to the ticket."""

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.fakes.callbacks import owed
from tests.fakes.clocks import MORNING
from tests.fakes.demands import PHONE, lamp
from voicebot.core.catalogue import CityProfile
from voicebot.core.demand import Demand
from voicebot.core.ids import TicketNo
from voicebot.core.meaning import AppealType
from voicebot.core.ringing import RingingRules
from voicebot.operations.callback_moves import (
    ANSWERED,
    OWNER,
    SOMETHING,
    after_ring,
    before_ring,
    given_up,
    order_of,
)
from voicebot.operations.callback_store import DueCall, standing
from voicebot.operations.dialer import Rung
from voicebot.tickets.birth import accept
from voicebot.tickets.callbacks import OURS, CallbackKind, Over, TryOutcome
from voicebot.tickets.deadlines import Deadlines
from voicebot.tickets.given import Given
from voicebot.tickets.lifecycle import transition
from voicebot.tickets.ticket import Contact, Ticket, TicketAction

NO = TicketNo("20261124000001")
CITY = CityProfile("云江市", "云江12345", "数据局")
ME = Contact("王小明", PHONE)
TOMORROW = MORNING + timedelta(days=1)
A = TicketAction


def born(demand: Demand | None = None) -> Ticket:
    made = demand or lamp()
    due = Deadlines().of(made.appeal_type, made.urgency, made.callback_only, MORNING)
    return accept(NO, made, due, "bot", MORNING)[0]


def then(ticket: Ticket, action: TicketAction, reason: str = "", **given: object) -> Ticket:
    return transition(ticket, action, "bot", MORNING, reason, Given(**given))[0]  # type: ignore[arg-type]


def closed(demand: Demand | None = None) -> Ticket:
    return then(then(born(demand), A.REPLY, reply="修好了"), A.CLOSE)


def under_way() -> Ticket:
    return then(closed(), A.CALL_BACK)


def promised() -> Ticket:
    return born(lamp(callback_only=True))


def promised_due(**changes: object) -> DueCall:
    return owed(NO, key=f"promised:{NO}:1", kind=CallbackKind.PROMISED, **changes)


def ruled(**rules: object) -> CityProfile:
    return replace(CITY, callbacks=RingingRules(**rules))  # type: ignore[arg-type]


# ── may it ring ─────────────────────────────────────────────────────────────────────────────


def test_what_is_due_rings() -> None:
    assert standing(owed(NO), closed(), CITY, MORNING) == MORNING
    assert standing(promised_due(), promised(), CITY, MORNING) == MORNING
    assert standing(owed(), None, CITY, MORNING) == MORNING


@pytest.mark.parametrize(
    ("due", "ticket", "city", "over"),
    [
        (owed(NO), None, CITY, Over.VOID),
        (owed(NO), then(closed(), A.RATE, rating=5), CITY, Over.VOID),
        (owed(NO, never=True), closed(), CITY, Over.NEVER),
        (owed(NO), closed(), ruled(share=0.0), Over.VOID),
        (promised_due(), promised(), ruled(promised=False), Over.VOID),
        (promised_due(), then(promised(), A.ANSWER, reply="好"), CITY, Over.VOID),
        (owed(), None, ruled(missed=False), Over.VOID),
        (owed(called_since=True), None, CITY, Over.VOID),
        (owed(never=True), None, CITY, Over.VOID),
        (owed(NO, number=""), closed(), CITY, Over.WRONG_NUMBER),
        (owed(NO, number="110"), closed(), CITY, Over.WRONG_NUMBER),
        (owed(number="12345"), None, CITY, Over.WRONG_NUMBER),
    ],
)
def test_what_does_not(due: DueCall, ticket: Ticket | None, city: CityProfile, over: Over) -> None:
    assert standing(due, ticket, city, MORNING) is over


def test_a_promise_holds_for_who_wants_no_revisits() -> None:
    assert standing(promised_due(never=True), promised(), CITY, MORNING) == MORNING


def test_a_city_may_let_a_closed_ticket_rest() -> None:
    assert standing(owed(NO), closed(), ruled(rest=timedelta(hours=24)), MORNING) == TOMORROW


# ── what it says ────────────────────────────────────────────────────────────────────────────


def test_who_is_asked_for_and_about_what() -> None:
    order = order_of(CallbackKind.REVISIT, PHONE, closed(), ME)
    assert (order.flow, order.number, order.ticket_no) == ("revisit", PHONE, NO)
    assert order.known == {"callee": "王小明", "matter": "反映的路灯不亮"}


@pytest.mark.parametrize(
    ("demand", "callee"),
    [
        (lamp(confidential=True), OWNER),
        (lamp(anonymous=True), OWNER),
        (lamp(appeal_type=AppealType.REPORT), "王小明"),
    ],
)
def test_of_a_secret_matter_the_call_knows_nothing(demand: Demand, callee: str) -> None:
    order = order_of(CallbackKind.REVISIT, PHONE, closed(demand), ME)
    assert order.known == {"callee": callee, "matter": SOMETHING}


def test_who_called_in_vain_is_rung_back() -> None:
    order = order_of(CallbackKind.MISSED, PHONE, None, None)
    assert (order.flow, order.known["callee"]) == ("ring_back", OWNER)


# ── what its outcome does ───────────────────────────────────────────────────────────────────


def after(
    ticket: Ticket, outcome: TryOutcome, following: object = TOMORROW, score: int | None = None, **told: str
) -> Ticket:
    rung = Rung(outcome, None, score, told)
    move = after_ring(CallbackKind.REVISIT, ticket, rung, following)  # type: ignore[arg-type]
    assert move
    return transition(ticket, move.action, "bot", MORNING, move.reason, move.given)[0]


def test_it_begins_once() -> None:
    move = before_ring(CallbackKind.REVISIT, closed())
    assert move
    assert move.action is A.CALL_BACK
    assert before_ring(CallbackKind.REVISIT, under_way()) is None
    assert before_ring(CallbackKind.PROMISED, promised()) is None


def test_a_judgement_is_kept_with_its_reason() -> None:
    ticket = after(under_way(), TryOutcome.DONE, Over.DONE, 2, solved="no", cause="根本没人来")
    assert (ticket.rating, ticket.solved, ticket.rating_reason) == (2, False, "根本没人来")
    assert ticket.low_score


def test_numbers_in_a_reason_are_masked() -> None:
    ticket = after(under_way(), TryOutcome.DONE, Over.DONE, 1, solved="no", cause="打我电话13911112222")
    assert "13911112222" not in ticket.rating_reason


def test_partly_solved_waits_for_review() -> None:
    ticket = after(under_way(), TryOutcome.DONE, Over.DONE, 4, solved="partly")
    assert (ticket.solved, ticket.low_score, ticket.rating_reason) == (False, True, "部分解决。")


def test_what_was_said_before_hanging_up_counts() -> None:
    ticket = after(under_way(), TryOutcome.CUT, TOMORROW, None, solved="yes")
    assert (ticket.solved, ticket.called_back_at) == (True, MORNING)


@pytest.mark.parametrize("outcome", sorted(set(TryOutcome) - OURS - {TryOutcome.DONE, TryOutcome.NEVER}))
def test_who_was_not_reached_has_not_judged(outcome: TryOutcome) -> None:
    ticket = after(under_way(), outcome)
    assert (ticket.callbacks, ticket.called_back_at, ticket.rating) == (1, None, None)


@pytest.mark.parametrize("outcome", sorted(OURS))
def test_what_never_rang_is_not_noted(outcome: TryOutcome) -> None:
    assert after_ring(CallbackKind.REVISIT, under_way(), Rung(outcome), TOMORROW) is None


def test_a_ticket_in_another_state_is_left_alone() -> None:
    again = then(under_way(), A.REDO, "没修好", due_at=TOMORROW)
    assert after_ring(CallbackKind.REVISIT, again, Rung(TryOutcome.DONE, None, 5), Over.DONE) is None


def test_a_kept_promise_closes_what_waited_for_it() -> None:
    move = after_ring(CallbackKind.PROMISED, promised(), Rung(TryOutcome.DONE), Over.DONE)
    assert move
    assert (move.action, move.given.reply) == (A.ANSWER, ANSWERED)


def test_a_promise_that_cannot_be_kept_is_noted_for_a_person() -> None:
    move = after_ring(CallbackKind.PROMISED, promised(), Rung(TryOutcome.NO_ANSWER), Over.UNREACHED)
    assert move
    assert (move.action, move.reason) == (A.SUPPLEMENT, "回电：无人接听；多次未接通，请人工联系")
    late = given_up(CallbackKind.PROMISED, promised(), Over.EXPIRED)
    assert late
    assert late.reason == "回电：过期未打，请人工联系"
    assert given_up(CallbackKind.PROMISED, promised(), Over.VOID) is None
    assert given_up(CallbackKind.REVISIT, closed(), Over.EXPIRED) is None
