"""Any events in any order: never an exception, never dead air, always a state that survives JSON."""

from datetime import datetime, timedelta, timezone

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.flows.caller import LAMP, RECEIPT, SOCIAL_CARD, shipped_flows
from voicebot.core.answer import NoAnswer
from voicebot.core.handover import HandoverOutcome
from voicebot.core.ids import CallId, DepartmentName, FlowName
from voicebot.core.meaning import AppealType, Command, DepartmentGuess, Intent, Meaning, Mood, Slot, Urgency
from voicebot.core.utterance import Utterance
from voicebot.dialogue import Label, State, from_json, start, step, to_json
from voicebot.dialogue.effects import (
    ChangeTicket,
    Effect,
    EndCall,
    FileTicket,
    FindTickets,
    HandOver,
    Listen,
    Say,
)
from voicebot.dialogue.events import (
    CallStarted,
    Event,
    HandoverEnded,
    Heard,
    Keyed,
    NoInput,
    StepFailed,
    TicketChanged,
    TicketFiled,
    TicketsFound,
)

FLOWS = shipped_flows()
AT = datetime(2026, 11, 24, 9, 30, tzinfo=timezone(timedelta(hours=8)))
SLOTS = ("address", "time", "object", "district", "phone", "ticket_no", "score", "confidential",
         "anonymous", "request", "name", "what")  # fmt: skip
WORDS = st.sampled_from(
    [
        "",
        "嗯",
        "我们小区路灯坏了",
        "不对，是三号楼",
        "三号楼",
        "没解决",
        "详细一点",
        "不知道",
        "对",
        "我要投诉",
        "煤气漏了",
        "有人要跳楼",
        "打13912345678",
        "5分",
        "登记",
        "社保卡丢了怎么补办",
        "昨天晚上八点",
    ]
)
VALUES = st.sampled_from(["幸福小区", "三号楼", "13912345678", "3", "催办", "昨天", "20261120000007", "x"])

meanings = st.builds(
    Meaning,
    st.sampled_from(Intent),
    st.floats(0, 1),
    appeal_type=st.none() | st.sampled_from(AppealType),
    urgency=st.sampled_from(Urgency),
    departments=st.sampled_from([(), (DepartmentGuess(DepartmentName("市教育局"), 0.8),)]),
    slots=st.dictionaries(st.sampled_from(SLOTS), st.builds(Slot, VALUES, VALUES), max_size=3),
    secondary_intent=st.none() | st.sampled_from(Intent),
    emergency_is_certain=st.booleans(),
    yes=st.none() | st.booleans(),
    choice=st.none() | st.integers(-1, 5),
    command=st.none() | st.sampled_from(Command),
    mood=st.sampled_from(Mood),
)
heard = st.builds(
    Heard,
    st.builds(Utterance, WORDS, st.floats(0, 1)),
    meanings,
    st.sampled_from([SOCIAL_CARD, NoAnswer()]),
    st.just(AT),
)
events: st.SearchStrategy[Event] = st.one_of(
    heard,
    heard,
    heard,
    st.builds(
        Keyed,
        st.sampled_from(["0", "1", "2", "3", "5", "9", "*", "#", "", "13912345678", "000072"]),
        st.just(AT),
    ),
    st.builds(NoInput, st.integers(0, 6), st.just(AT)),
    st.just(TicketFiled(RECEIPT, AT)),
    st.sampled_from([TicketsFound((), AT), TicketsFound((LAMP,), AT), TicketsFound((LAMP, LAMP), AT)]),
    st.sampled_from([TicketChanged(LAMP, AT), TicketChanged(None, AT, "已经办结")]),
    st.builds(HandoverEnded, st.sampled_from(HandoverOutcome), st.just(AT)),
    st.builds(StepFailed, st.sampled_from(["stt.lost", "ticket.store", "db.locked", "x"]), st.just(AT)),
)
started = st.builds(
    CallStarted,
    st.just(CallId("c1")),
    st.sampled_from(["", "13800000000"]),
    st.sampled_from(["12345", "12315", ""]),
    st.sampled_from(["phone", "web", "text"]),
    st.just(AT),
)
ENDS = (Listen, HandOver, EndCall, FileTicket, FindTickets, ChangeTicket)


def well_formed(state: State, effects: tuple[Effect, ...]) -> None:
    assert effects
    assert isinstance(effects[-1], ENDS)
    assert not any(isinstance(e, ENDS) for e in effects[:-1])
    assert len(effects) <= 8
    assert len(state.stack) <= 8
    for effect in effects:
        if isinstance(effect, Say):
            assert effect.text.strip()
            assert "{" not in effect.text
        if isinstance(effect, FileTicket):
            assert 0 < len(effect.demand.title) <= 30
            assert effect.demand.content
        if isinstance(effect, HandOver):
            assert effect.summary
    if any(isinstance(e, EndCall) for e in effects):
        assert state.label is Label.ENDED


@settings(max_examples=500, deadline=None)
@given(st.sampled_from(sorted(FLOWS.flows)), started, st.lists(events, max_size=25))
def test_never_raises_never_dead_air(name: str, first: CallStarted, rest: list[Event]) -> None:
    state = start(FLOWS, FlowName(name))
    for event in [first, *rest]:
        after = step(FLOWS, state, event)
        well_formed(after.state, after.effects)
        assert from_json(to_json(after.state)) == after.state
        assert step(FLOWS, state, event) == after  # pure: the same again
        state = after.state


@settings(max_examples=200, deadline=None)
@given(started, st.lists(events, max_size=12))
def test_a_number_is_spoken_only_after_the_ticket_is_stored(first: CallStarted, rest: list[Event]) -> None:
    state = start(FLOWS, FLOWS.for_number(first.dialled))
    stored = False
    for event in [first, *rest]:
        stored = stored or isinstance(event, TicketFiled | TicketsFound | TicketChanged)
        after = step(FLOWS, state, event)
        if not stored:
            assert not any(isinstance(e, Say) and e.ticket_no for e in after.effects)
        state = after.state


@settings(max_examples=200, deadline=None)
@given(started, st.lists(events, max_size=12))
def test_key_0_reaches_a_person_unless_one_is_coming(first: CallStarted, rest: list[Event]) -> None:
    state = start(FLOWS, FLOWS.for_number(first.dialled))
    for event in [first, *rest]:
        state = step(FLOWS, state, event).state
    if state.label is not Label.ENDED and not state.waiting:
        after = step(FLOWS, state, Keyed("0", AT))
        assert any(isinstance(e, HandOver) for e in after.effects)


@settings(max_examples=200, deadline=None)
@given(started, st.lists(events, max_size=12), st.sampled_from(["110", "119", "120", "122"]))
def test_a_certain_emergency_is_handed_over_at_once(
    first: CallStarted, rest: list[Event], number: str
) -> None:
    state = start(FLOWS, FLOWS.for_number(first.dialled))
    for event in [first, *rest]:
        state = step(FLOWS, state, event).state
    meaning = Meaning(Intent(f"emergency_{number}"), 0.9, emergency_is_certain=True)
    effects = step(FLOWS, state, Heard(Utterance("出事了"), meaning, NoAnswer(), AT)).effects
    assert any(isinstance(e, HandOver) for e in effects), effects
    assert sum(isinstance(e, Say) for e in effects) <= 1  # one safety line, no more


@settings(max_examples=200, deadline=None)
@given(started, st.lists(events, max_size=10))
def test_silence_ends_every_call_but_an_emergency(first: CallStarted, rest: list[Event]) -> None:
    state = start(FLOWS, FLOWS.for_number(first.dialled))
    for event in [first, *rest]:
        state = step(FLOWS, state, event).state
    for count in range(1, 6):
        state = step(FLOWS, state, NoInput(count, AT)).state
    emergency = FLOWS.flows[state.flow].holds
    assert state.label is Label.ENDED or state.waiting or emergency
