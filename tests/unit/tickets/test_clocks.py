"""Which clocks run on a ticket, and how they stand."""

from datetime import timedelta

from tests.fakes.clocks import MORNING
from tests.fakes.lives import LATER, born, standing_in, walk
from voicebot.tickets.clocks import ClockKind, Light, TicketClock, light, running
from voicebot.tickets.given import Given
from voicebot.tickets.lifecycle import transition
from voicebot.tickets.parts import Supervision, SupervisionLevel
from voicebot.tickets.state import EVERY, OPEN, State
from voicebot.tickets.ticket import Ticket, TicketAction

HOUR = timedelta(hours=1)
WATCH = Supervision(SupervisionLevel.KEY, "抓紧办", LATER, "supervisor:he", MORNING)


def kinds(ticket: Ticket) -> set[ClockKind]:
    return {clock.kind for clock in running(ticket)}


def test_a_light_turns_at_80_percent_and_at_due() -> None:
    clock = TicketClock(ClockKind.ANSWER, MORNING, MORNING + 10 * HOUR)
    assert clock.warn_at == MORNING + 8 * HOUR
    just_before = timedelta(microseconds=1)
    assert clock.light(MORNING + 8 * HOUR - just_before) is Light.GREEN
    assert clock.light(MORNING + 8 * HOUR) is Light.YELLOW
    assert clock.light(MORNING + 10 * HOUR - just_before) is Light.YELLOW
    assert clock.light(MORNING + 10 * HOUR) is Light.RED


def test_every_open_ticket_that_nobody_answered_has_a_clock_and_no_other() -> None:
    for state in EVERY:
        expected = {ClockKind.ANSWER} if state in OPEN - {State.REPLIED} else set()
        expected |= {ClockKind.SIGN} if state is State.DISPATCHED else set()
        assert kinds(standing_in(state)) == expected


def test_clocks_stand_still_while_a_ticket_is_returned() -> None:
    ticket, _ = walk(TicketAction.DISPATCH, TicketAction.RETURN)
    assert running(ticket) == ()
    again, _ = transition(ticket, TicketAction.QUEUE, "dispatcher:li", MORNING + 7 * HOUR)
    (clock,) = running(again)
    assert clock.due == ticket.due_at + 5 * HOUR
    assert clock.since == ticket.accepted_at + 5 * HOUR
    assert clock.warn_at == running(born()[0])[0].warn_at + 5 * HOUR


def test_an_answered_ticket_must_be_closed_in_time_when_somebody_watches_that() -> None:
    ticket, _ = walk(TicketAction.DISPATCH, TicketAction.SIGN)
    at = MORNING + 5 * HOUR
    answered, _ = transition(ticket, TicketAction.REPLY, "handler:li", at, "", Given(reply="修好了"))
    assert running(answered) == ()
    watched = Given(reply="修好了", close_due=at + 4 * HOUR)
    answered, _ = transition(ticket, TicketAction.REPLY, "handler:li", at, "", watched)
    assert running(answered) == (TicketClock(ClockKind.CLOSE, at, at + 4 * HOUR),)
    again, _ = transition(answered, TicketAction.REDO, "supervisor:li", at, "没修好", Given(due_at=LATER))
    assert again.close_due is None
    assert kinds(again) == {ClockKind.ANSWER}


def test_a_new_round_begins_anew() -> None:
    ticket, _ = walk(TicketAction.DISPATCH, TicketAction.SIGN, TicketAction.REPLY, TicketAction.REDO)
    (clock,) = running(ticket)
    assert clock.since == MORNING + 4 * HOUR
    assert clock.due == ticket.due_at


def test_a_supervision_runs_until_it_is_reported_on() -> None:
    assert ClockKind.FEEDBACK in kinds(standing_in(State.SIGNED, supervision=WATCH))
    assert ClockKind.FEEDBACK in kinds(standing_in(State.REPLIED, supervision=WATCH))
    told, _ = transition(
        standing_in(State.SIGNED, supervision=WATCH),
        TicketAction.FEED_BACK,
        "handler:li",
        MORNING,
        "",
        Given(feedback="已派人"),
    )
    assert ClockKind.FEEDBACK not in kinds(told)


def test_a_clock_wakes_when_a_return_is_too_late() -> None:
    soon = MORNING + HOUR
    ticket = standing_in(State.DISPATCHED, dispatched_at=MORNING, sign_due=MORNING + 10 * HOUR)
    assert running(ticket)[0].wakes_at == MORNING + 8 * HOUR
    limited = standing_in(
        State.DISPATCHED, dispatched_at=MORNING, sign_due=MORNING + 10 * HOUR, return_due=soon
    )
    assert running(limited)[0].wakes_at == soon
    upheld = standing_in(
        State.DISPATCHED, dispatched_at=MORNING, sign_due=MORNING + 10 * HOUR, return_due=MORNING
    )
    assert running(upheld)[0].returnable is None


def test_the_worst_light_counts() -> None:
    ticket = standing_in(State.DISPATCHED, sign_due=MORNING + HOUR)
    assert light(ticket, MORNING) is Light.GREEN
    assert light(ticket, MORNING + 50 * timedelta(minutes=1)) is Light.YELLOW
    assert light(ticket, MORNING + HOUR) is Light.RED
    assert light(standing_in(State.ARCHIVED), LATER) is Light.GREEN
