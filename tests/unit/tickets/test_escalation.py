"""What follows when time runs out: each step once, none lost, whatever the order of looks and deaths."""

from collections import Counter
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.fakes.clocks import MORNING
from tests.fakes.lives import NO, standing_in, walk
from voicebot.core.meaning import AppealType, Urgency
from voicebot.tickets.clocks import ClockKind, TicketClock, running
from voicebot.tickets.deadlines import Deadlines
from voicebot.tickets.escalation import CLOCK, OVER, Subject, Word, acts, may_rest, plan, rest
from voicebot.tickets.given import Given
from voicebot.tickets.lifecycle import transition
from voicebot.tickets.parts import Supervision, SupervisionLevel
from voicebot.tickets.profile import DEFAULT, Role, Span, Step, Turn
from voicebot.tickets.roles import may
from voicebot.tickets.state import EVERY, State
from voicebot.tickets.terms import with_terms
from voicebot.tickets.ticket import Ticket, TicketAction

DEADLINES = Deadlines()
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
WATCH = Supervision(SupervisionLevel.KEY, "抓紧办", MORNING + DAY, "supervisor:he", MORNING)


def sent(urgency: Urgency = Urgency.NORMAL, **fields: object) -> Ticket:
    """Dispatched on Tuesday at 9:30, with the times of the profile."""
    ticket = standing_in(State.PENDING_DISPATCH, urgency=urgency, **fields)
    due = DEADLINES.of_ticket(ticket, MORNING)
    ticket = replace(ticket, sign_due=due.sign, due_at=due.answer)
    given = with_terms(DEADLINES, ticket, TicketAction.DISPATCH, Given(department=ticket.department), MORNING)
    return transition(ticket, TicketAction.DISPATCH, "dispatcher:li", MORNING, "", given)[0]


def clock_of(ticket: Ticket, kind: ClockKind) -> TicketClock:
    return next(clock for clock in running(ticket) if clock.kind is kind)


def subjects(words: tuple[Word, ...]) -> list[Subject]:
    return [word.subject for word in words]


def drained(
    ticket: Ticket, kind: ClockKind, now: datetime, deadlines: Deadlines = DEADLINES
) -> tuple[Ticket, list[Word], list[TicketAction]]:
    """Everything that is due at `now`."""
    acted: datetime | None = None
    words: list[Word] = []
    actions: list[TicketAction] = []
    while kind in {clock.kind for clock in running(ticket)}:
        done = acts(deadlines, ticket, clock_of(ticket, kind), acted, now)
        if not done.words:
            break
        words += done.words
        actions += [event.action for _, event in done.moved]
        ticket, acted = (done.moved[-1][0] if done.moved else ticket), done.acted
    return ticket, words, actions


def test_nothing_happens_before_yellow() -> None:
    ticket = sent()
    clock = clock_of(ticket, ClockKind.ANSWER)
    done = acts(DEADLINES, ticket, clock, None, clock.warn_at - timedelta(seconds=1))
    assert (done.moved, done.words, done.acted) == ((), (), None)
    assert done.next_at == clock.warn_at == clock.wakes_at


def test_yellow_tells_the_unit_and_moves_nothing() -> None:
    ticket = sent()
    clock = clock_of(ticket, ClockKind.ANSWER)
    done = acts(DEADLINES, ticket, clock, None, clock.warn_at)
    assert done.moved == ()
    assert done.words == (Word(Subject.YELLOW, clock, clock.warn_at, (Role.UNIT,)),)
    assert (done.acted, done.next_at) == (clock.warn_at, clock.due)


def test_red_urges_and_tells_unit_and_dispatcher() -> None:
    ticket = sent()
    clock = clock_of(ticket, ClockKind.ANSWER)
    done = acts(DEADLINES, ticket, clock, clock.warn_at, clock.due)
    ((urged, event),) = done.moved
    assert (event.action, event.actor, event.reason) == (TicketAction.URGE, CLOCK, "答复超期，自动催办")
    assert urged.urged == 1
    (word,) = done.words
    assert (word.subject, word.tell, word.late) == (Subject.RED, (Role.UNIT, Role.DISPATCHER), False)


def test_an_unsigned_ticket_is_supervised_a_workday_after_red() -> None:
    ticket = sent()  # due on Wednesday at 17:30, so on Thursday at 17:30
    clock = clock_of(ticket, ClockKind.SIGN)
    early = acts(DEADLINES, ticket, clock, clock.due, clock.due + 23 * HOUR)
    assert early.words == ()
    done = acts(DEADLINES, ticket, clock, clock.due, clock.due + DAY)
    ((watched, event),) = done.moved
    assert event.action is TicketAction.SUPERVISE
    assert watched.supervision is not None
    assert watched.supervision.level is SupervisionLevel.NORMAL
    assert watched.supervision.note == "应在11月25日17:30之前签收，至今没有完成，请立即办理并说明原因"
    assert watched.supervision.due == DEADLINES.after(clock.due + DAY, Span(workdays=3))
    assert done.next_at is None
    assert Role.SUPERVISOR in done.words[0].tell


def test_a_night_in_the_holidays_escalates_what_is_urgent_in_minutes() -> None:
    ticket = sent(Urgency.CRITICAL)
    clock = clock_of(ticket, ClockKind.SIGN)
    moments = [at - MORNING for at, _ in plan(DEADLINES, ticket, clock)]
    assert moments[0] == timedelta(minutes=12)
    assert moments[1] == timedelta(minutes=15)
    assert moments[2] == timedelta(minutes=45)


def test_a_supervision_by_a_leader_is_not_overwritten() -> None:
    ticket = replace(sent(), supervision=WATCH)
    _, words, actions = drained(ticket, ClockKind.SIGN, MORNING + 30 * DAY)
    assert TicketAction.SUPERVISE not in actions
    assert Subject.OVERDUE in subjects(tuple(words))


def test_no_return_in_time_is_noted_or_signs_as_the_city_wants() -> None:
    ticket = sent()
    assert ticket.return_due == ticket.sign_due
    _, words, actions = drained(ticket, ClockKind.SIGN, ticket.sign_due)
    assert subjects(tuple(words)) == [Subject.YELLOW, Subject.UNRETURNED, Subject.RED]
    assert actions == [TicketAction.URGE]

    steps = (Step(Turn.RED, urge=True), Step(Turn.UNRETURNED, sign=True))
    signing = Deadlines(replace(DEFAULT, escalation={ClockKind.SIGN: steps}))
    signed, words, actions = drained(ticket, ClockKind.SIGN, ticket.sign_due, signing)
    assert (signed.state, actions) == (State.SIGNED, [TicketAction.SIGN])
    assert subjects(tuple(words)) == [Subject.UNRETURNED]  # nobody is urged to sign what is signed


def test_a_late_look_takes_every_step_and_marks_those_that_were_overtaken() -> None:
    _, words, actions = drained(sent(), ClockKind.ANSWER, MORNING + 60 * DAY)
    assert [(word.subject, word.late) for word in words] == [
        (Subject.YELLOW, True),
        (Subject.RED, True),
        (Subject.OVERDUE, False),
    ]
    assert actions == [TicketAction.URGE, TicketAction.SUPERVISE]


def test_a_report_that_is_late_tells_the_supervisor() -> None:
    ticket = standing_in(State.SIGNED, supervision=WATCH)
    _, words, actions = drained(ticket, ClockKind.FEEDBACK, MORNING + 2 * DAY)
    assert [word.tell for word in words] == [(Role.UNIT,), (Role.UNIT, Role.SUPERVISOR)]
    assert actions == []


def test_the_clock_may_do_what_it_does() -> None:
    for action in (TicketAction.URGE, TicketAction.SUPERVISE, TicketAction.SIGN, TicketAction.ARCHIVE):
        assert may(CLOCK, action)


def test_a_profile_changed_meanwhile_neither_repeats_nor_loses_a_step() -> None:
    ticket = sent()
    clock = clock_of(ticket, ClockKind.SIGN)
    usual = DEFAULT.escalation[ClockKind.SIGN]
    sooner = (*usual[:-1], replace(usual[-1], after=Span(HOUR)))
    changed = Deadlines(replace(DEFAULT, escalation={ClockKind.SIGN: sooner}))
    done = acts(changed, ticket, clock, clock.due, clock.due + DAY)  # next look was set for then
    assert subjects(done.words) == [Subject.OVERDUE]
    fewer = Deadlines(replace(DEFAULT, escalation={ClockKind.SIGN: usual[2:3]}))
    assert acts(fewer, ticket, clock, clock.due, clock.due + DAY).words == ()
    assert acts(fewer, ticket, clock, clock.due, clock.due + DAY).next_at is None


MINUTES = st.integers(-3 * 24 * 60, 40 * 24 * 60)


@given(
    st.lists(st.tuples(MINUTES, st.booleans()), max_size=30),
    st.sampled_from([ClockKind.SIGN, ClockKind.ANSWER]),
    st.sampled_from(Urgency),
    st.sampled_from(AppealType),
)
def test_each_step_once_whatever_the_order_of_looks_and_kills(
    looks: list[tuple[int, bool]], kind: ClockKind, urgency: Urgency, appeal: AppealType
) -> None:
    """Looks at any time, forwards and backwards; a killed one loses what it had decided."""
    ticket = sent(urgency, appeal_type=appeal)
    clock = clock_of(ticket, kind)
    expected = [(at, step.turn) for at, step in plan(DEADLINES, ticket, clock)]
    acted: datetime | None = None
    next_at: datetime | None = clock.wakes_at
    told: list[datetime] = []
    moves: Counter[TicketAction] = Counter()
    for minutes, killed in [*looks, (10**5, False), *[(10**5, False)] * len(expected)]:
        now = MORNING + timedelta(minutes=minutes)
        if next_at is None or next_at > now:
            continue
        done = acts(DEADLINES, ticket, clock_of(ticket, kind), acted, now)
        if killed:
            continue  # nothing was committed
        assert all(word.at <= now for word in done.words)
        acted, next_at = done.acted, done.next_at
        told += [word.at for word in done.words]
        moves.update(event.action for _, event in done.moved)
        ticket = done.moved[-1][0] if done.moved else ticket
    assert told == [at for at, _ in expected]
    assert next_at is None
    assert moves == {TicketAction.URGE: 1, TicketAction.SUPERVISE: 1}


@pytest.mark.parametrize("state", sorted(EVERY))
def test_only_what_is_over_rests(state: State) -> None:
    ticket = standing_in(state, closed_at=MORNING, called_back_at=MORNING)
    late = MORNING + 100 * DAY
    assert may_rest(DEADLINES, ticket, MORNING, late) is (state in OVER)
    if state in OVER:
        assert rest(ticket, late)[0].state is State.ARCHIVED
        assert not may_rest(DEADLINES, ticket, MORNING, MORNING + 7 * DAY - HOUR)
        assert may_rest(DEADLINES, ticket, MORNING, MORNING + 7 * DAY)


def test_a_caller_who_was_never_reached_is_waited_for() -> None:
    ticket = standing_in(State.CALLBACK, closed_at=MORNING)
    assert not may_rest(DEADLINES, ticket, MORNING, MORNING + 29 * DAY)
    assert may_rest(DEADLINES, ticket, MORNING, MORNING + 30 * DAY)
    for unasked in ({"want_reply": False}, {"phone_mask": ""}, {"rating": 5}):
        assert may_rest(DEADLINES, replace(ticket, **unasked), MORNING, MORNING + 7 * DAY)


@pytest.mark.parametrize("pending", [{"objection": "没修"}, {"low_score": True}, {"supervision": WATCH}])
def test_what_awaits_review_does_not_rest(pending: dict[str, object]) -> None:
    ticket = standing_in(State.CLOSED, closed_at=MORNING, called_back_at=MORNING, **pending)
    assert not may_rest(DEADLINES, ticket, MORNING, MORNING + 400 * DAY)


def test_every_step_of_every_clock_can_be_planned() -> None:
    walked, _ = walk(TicketAction.DISPATCH, TicketAction.SIGN)
    closing = Given(reply="修好", close_due=MORNING + 2 * DAY)
    replied, _ = transition(walked, TicketAction.REPLY, "handler:li", MORNING + 9 * HOUR, "", closing)
    _, words, actions = drained(replied, ClockKind.CLOSE, MORNING + 9 * DAY)
    assert subjects(tuple(words)) == [Subject.YELLOW, Subject.RED]
    assert actions == [TicketAction.URGE]
    assert replied.ticket_no == NO
