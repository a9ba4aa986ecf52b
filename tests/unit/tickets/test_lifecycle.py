"""The life of a ticket: what may follow what, and that its history tells the whole of it."""

from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from tests.fakes.clocks import MORNING
from tests.fakes.demands import PHONE, lamp
from voicebot.core.errors import VoicebotError
from voicebot.core.ids import DepartmentName, TicketNo
from voicebot.tickets.codec import decode, encode
from voicebot.tickets.deadlines import Deadlines
from voicebot.tickets.lifecycle import NOTHING, RULES, Given, accept, rebuild, transition
from voicebot.tickets.state import FINISHED, OPEN, State
from voicebot.tickets.ticket import Ticket, TicketAction, TicketEvent

NO = TicketNo("20261124000001")
PARENT = TicketNo("20261124000009")
LATER = MORNING + timedelta(days=30)

FITTING = {
    "department": DepartmentName("市水务局"),
    "sign_due": LATER,
    "due_at": LATER,
    "reply": "已处理",
    "merge_parent": PARENT,
    "rating": 4,
}


def fitting(action: TicketAction) -> Given:
    return Given(**{name: FITTING[name] for name in RULES[action].takes})  # type: ignore[arg-type]


def born() -> tuple[Ticket, TicketEvent]:
    demand = lamp()
    due = Deadlines().of(demand.appeal_type, demand.urgency, demand.callback_only, MORNING)
    return accept(NO, demand, due, "bot", MORNING)


def walk(*actions: TicketAction) -> tuple[Ticket, list[TicketEvent]]:
    ticket, event = born()
    events = [event]
    for hours, action in enumerate(actions, start=1):
        at = MORNING + timedelta(hours=hours)
        ticket, event = transition(ticket, action, "handler:li", at, "理由", fitting(action))
        events.append(event)
    return ticket, events


A = TicketAction
WHOLE_LIFE = (A.QUEUE, A.DISPATCH, A.SIGN, A.START, A.EXTEND, A.REPLY, A.CLOSE, A.CALL_BACK, A.ARCHIVE)


def test_the_circle_of_the_national_rule() -> None:
    ticket, events = walk(*WHOLE_LIFE)
    assert [event.after.label for event in events] == [
        "已受理",
        "待派单",
        "已派单",
        "已签收",
        "办理中",
        "延期办理",
        "已答复",
        "已办结",
        "回访中",
        "已归档",
    ]
    assert rebuild(events) == ticket


def test_a_direct_answer_closes_in_the_call() -> None:
    ticket, _ = walk(A.REPLY, A.CLOSE)
    assert (ticket.state, ticket.reply) == (State.CLOSED, "已处理")


def test_redo_opens_a_new_round_and_allows_a_new_extension() -> None:
    ticket, _ = walk(A.QUEUE, A.DISPATCH, A.SIGN, A.EXTEND, A.REPLY, A.CLOSE, A.CALL_BACK, A.REDO)
    assert (ticket.state, ticket.round, ticket.extended) == (State.REDO, 2, False)


def test_the_clock_stands_still_while_returned() -> None:
    ticket, _ = walk(A.DISPATCH, A.RETURN)
    assert ticket.paused_at is not None
    back, _ = transition(ticket, A.QUEUE, "dispatcher:wu", ticket.paused_at + timedelta(days=2))
    assert back.due_at == ticket.due_at + timedelta(days=2)
    assert back.paused_at is None


def test_a_clock_set_back_never_shortens_the_deadline() -> None:
    ticket, _ = walk(A.DISPATCH, A.RETURN)
    back, _ = transition(ticket, A.QUEUE, "dispatcher:wu", MORNING - timedelta(days=3))
    assert back.due_at == ticket.due_at


def test_one_extension_a_round() -> None:
    ticket, _ = walk(A.DISPATCH, A.SIGN)
    from_twice = ticket.__class__(**{n: getattr(ticket, n) for n in ticket.__slots__} | {"extended": True})
    with pytest.raises(VoicebotError, match="每轮只能一次"):
        transition(from_twice, A.EXTEND, "handler:li", MORNING, "等零件", Given(due_at=LATER))
    with pytest.raises(VoicebotError, match="须晚于原时限"):
        transition(ticket, A.EXTEND, "handler:li", MORNING, "等零件", Given(due_at=ticket.due_at))


@pytest.mark.parametrize("action", [action for action in A if RULES[action].reason])
def test_some_moves_need_a_reason(action: TicketAction) -> None:
    ticket = standing_in(min(RULES[action].sources))
    with pytest.raises(VoicebotError, match="需要说明理由"):
        transition(ticket, action, "handler:li", MORNING, "  ", fitting(action))


@pytest.mark.parametrize("action", [action for action in A if RULES[action].takes])
def test_what_a_move_takes_must_be_there_and_nothing_else(action: TicketAction) -> None:
    ticket = standing_in(min(RULES[action].sources))
    with pytest.raises(VoicebotError, match="缺少内容"):
        transition(ticket, action, "handler:li", MORNING, "理由", NOTHING)
    with pytest.raises(VoicebotError, match="多余"):
        transition(ticket, action, "handler:li", MORNING, "理由", Given(**FITTING))  # type: ignore[arg-type]


@pytest.mark.parametrize("score", [0, 6, -1])
def test_ratings_are_one_to_five(score: int) -> None:
    with pytest.raises(VoicebotError, match="一分到五分"):
        transition(standing_in(State.CLOSED), A.RATE, "caller", MORNING, "", Given(rating=score))


def test_a_ticket_is_not_merged_into_itself() -> None:
    with pytest.raises(VoicebotError, match="不能并入自己"):
        transition(born()[0], A.MERGE, "dispatcher:wu", MORNING, "重复", Given(merge_parent=NO))


def standing_in(state: State) -> Ticket:
    return decode({**encode(born()[0]), "state": state.value})


@pytest.mark.parametrize("state", State)
@pytest.mark.parametrize("action", A)
def test_every_pair_of_state_and_action(state: State, action: TicketAction) -> None:
    ticket, rule_ = standing_in(state), RULES[action]
    if state not in rule_.sources:
        with pytest.raises(VoicebotError) as refused:
            transition(ticket, action, "handler:li", MORNING, "理由", fitting(action))
        assert refused.value.code == "ticket.illegal_move"
        assert state.label in refused.value.message
        return
    after, event = transition(ticket, action, "handler:li", MORNING, "理由", fitting(action))
    assert after.state is (rule_.target or state)
    assert (event.before, event.after, event.seq) == (state, after.state, 2)


def test_every_state_has_a_name_and_can_be_reached_and_left() -> None:
    targets = {rule_.target for rule_ in RULES.values()}
    assert set(State) - {State.DRAFT} <= targets
    assert all(state.label for state in State)
    left = {state for rule_ in RULES.values() if rule_.target is not None for state in rule_.sources}
    assert set(State) - left == {State.ARCHIVED}
    assert not OPEN & FINISHED


def test_no_person_stays_readable() -> None:
    demand = lamp(
        content="我是王小明，电话13800008000或0288-8886666，身份证11010519491231002X，工单20261124000072",
        evidence=(("phone", "幺三八零零零零八零零零"),),
        title="王小明反映路灯不亮" + "很久" * 20,
    )
    ticket, event = accept(
        NO, demand, Deadlines().of(demand.appeal_type, demand.urgency, False, MORNING), "bot", MORNING
    )
    stored = f"{ticket}{event}"
    for secret in (PHONE, "王小明", "幺三八零零零零八零零零", "11010519491231002X"):
        assert secret not in stored
    assert "20261124000072" in ticket.content
    assert (ticket.name_mask, ticket.phone_mask) == ("王**", "138****8000")
    assert len(ticket.title) == 30


def test_an_anonymous_ticket_shows_not_even_masks() -> None:
    demand = lamp(anonymous=True)
    ticket, _ = accept(
        NO, demand, Deadlines().of(demand.appeal_type, demand.urgency, False, MORNING), "bot", MORNING
    )
    assert (ticket.name_mask, ticket.phone_mask) == ("", "")


def test_numbers_in_a_reason_are_masked() -> None:
    _, event = transition(born()[0], A.SUPPLEMENT, "caller", MORNING, "改打13911112222")
    assert event.reason == "改打139****2222"


@pytest.mark.parametrize("damage", ["empty", "gap", "no birth"])
def test_a_broken_history_is_refused(damage: str) -> None:
    _, events = walk(*WHOLE_LIFE)
    broken = {"empty": [], "gap": events[:2] + events[3:], "no birth": events[1:]}[damage]
    with pytest.raises(ValueError, match="history"):
        rebuild(broken)


@given(st.lists(st.sampled_from(A), max_size=30))
def test_any_list_of_wishes_leaves_a_history_that_rebuilds(wishes: list[TicketAction]) -> None:
    ticket, event = born()
    events = [event]
    for action in wishes:
        try:
            ticket, event = transition(ticket, action, "handler:li", MORNING, "理由", fitting(action))
        except VoicebotError:
            continue
        events.append(event)
    assert rebuild(events) == ticket
    assert decode(encode(ticket)) == ticket
    assert ticket.version == len(events)


class LifeOfATicket(RuleBasedStateMachine):
    """Random lives with time running; what must hold at every moment."""

    def __init__(self) -> None:
        super().__init__()
        self.ticket, event = born()
        self.events = [event]
        self.at = MORNING
        self.first_due = self.ticket.due_at

    def _do(self, action: TicketAction, given: Given) -> None:
        self.ticket, event = transition(self.ticket, action, "handler:li", self.at, "理由", given)
        self.events.append(event)

    @rule(hours=st.integers(0, 200))
    def time_passes(self, hours: int) -> None:
        self.at += timedelta(hours=hours)

    @rule(data=st.data())
    def something_legal_happens(self, data: st.DataObject) -> None:
        legal = [action for action in A if self.ticket.state in RULES[action].sources]
        if not legal:
            return
        action = data.draw(st.sampled_from(legal))
        given = fitting(action)
        if action is A.EXTEND:
            if self.ticket.extended:
                return
            given = Given(due_at=self.ticket.due_at + timedelta(days=1))
        self._do(action, given)

    @precondition(lambda self: self.ticket.state in OPEN)
    @rule()
    def the_caller_urges(self) -> None:
        self._do(A.URGE, NOTHING)

    @rule(data=st.data())
    def something_illegal_is_tried(self, data: st.DataObject) -> None:
        illegal = [action for action in A if self.ticket.state not in RULES[action].sources]
        action = data.draw(st.sampled_from(illegal))
        before = self.ticket
        with pytest.raises(VoicebotError):
            self._do(action, fitting(action))
        assert self.ticket is before

    @invariant()
    def the_history_tells_the_row(self) -> None:
        assert rebuild(self.events) == self.ticket

    @invariant()
    def deadlines_move_back_by_no_event_but_redo(self) -> None:
        if self.ticket.round == 1:
            assert self.ticket.due_at >= self.first_due

    @invariant()
    def archived_is_the_end(self) -> None:
        if self.ticket.state is State.ARCHIVED:
            movable = [a for a in A if self.ticket.state in RULES[a].sources and RULES[a].target]
            assert movable == []


TestLifeOfATicket = LifeOfATicket.TestCase
TestLifeOfATicket.settings = settings(max_examples=60, stateful_step_count=30, deadline=None)
