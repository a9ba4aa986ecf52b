"""Any events in any order: never an exception, never dead air, always a state that survives JSON."""

from datetime import datetime, timedelta, timezone

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.flows.caller import LAMP, RECEIPT, SOCIAL_CARD, shipped_flows
from voicebot.core.answer import NoAnswer
from voicebot.core.handover import HandoverOutcome
from voicebot.core.ids import MANDARIN, CallId, DepartmentName, FlowName, LanguageTag
from voicebot.core.meaning import AppealType, Command, DepartmentGuess, Intent, Meaning, Mood, Slot, Urgency
from voicebot.core.utterance import Utterance
from voicebot.dialogue import Label, State, from_json, start, step, to_json
from voicebot.dialogue.effects import (
    Action,
    ChangeTicket,
    Effect,
    EndCall,
    FileTicket,
    FindTickets,
    HandOver,
    Listen,
    Say,
    SetPace,
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
from voicebot.dialogue.manner import Manner
from voicebot.dialogue.state import Waiting

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
    language=st.sampled_from([None, None, None, *map(LanguageTag, ("en", "yue", "zh"))]),
)
heard = st.builds(
    Heard,
    st.builds(Utterance, WORDS, st.floats(0, 1), st.just(0.0), st.sampled_from([0.0, 2.0, 9.0])),
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
        st.sampled_from(["0", "1", "2", "3", "5", "7", "8", "9", "*", "#", "", "13912345678", "000072"]),
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
            assert effect.language == MANDARIN or not any("\u4e00" <= c <= "\u9fff" for c in effect.text)
        if isinstance(effect, FileTicket):
            assert 0 < len(effect.demand.title) <= 30
            assert effect.demand.content
        if isinstance(effect, HandOver):
            assert effect.summary
    assert state.language in FLOWS.flows[state.flow].languages
    if isinstance(effects[-1], Listen):
        assert effects[-1].expect.language == state.language
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


def words(effects: tuple[Effect, ...]) -> list[Say]:
    return [effect for effect in effects if isinstance(effect, Say)]


def wants_it_again(event: Event) -> bool:
    match event:
        case Keyed(keys="*"):
            return True
        case Heard(meaning=Meaning(command=Command.REPEAT | Command.SLOWER | Command.LOUDER)):
            return True
        case _:
            return False


UNSURE = st.one_of(
    st.builds(NoInput, st.integers(1, 4), st.just(AT)),
    st.just(Heard(Utterance("嘎嘎"), Meaning(Intent.UNCLEAR, 0.2), NoAnswer(), AT)),
    st.just(Heard(Utterance("13"), Meaning(Intent.UNCLEAR, 0.2), NoAnswer(), AT)),
    st.just(Keyed("7", AT)),
    st.builds(StepFailed, st.sampled_from(["stt.lost", "stt.busy", "x"]), st.just(AT)),
    st.just(HandoverEnded(HandoverOutcome.BUSY, AT)),
)


@settings(max_examples=300, deadline=None)
@given(started, st.lists(events, max_size=8), st.lists(UNSURE, min_size=2, max_size=10))
def test_a_repair_never_says_the_same_sentence_twice_in_a_row(
    first: CallStarted, before: list[Event], rest: list[Event]
) -> None:
    state = start(FLOWS, FLOWS.for_number(first.dialled))
    last: list[str] = []
    for event in [first, *before, *rest]:
        after = step(FLOWS, state, event)
        said = words(after.effects)
        if said and said[0].action is Action.REPAIR and not wants_it_again(event):
            assert said[0].text not in last
        if said:
            last = [say.text for say in said]
        state = after.state


@settings(max_examples=200, deadline=None)
@given(started, st.lists(events, max_size=12))
def test_a_person_can_be_asked_for_at_any_moment(first: CallStarted, rest: list[Event]) -> None:
    state = start(FLOWS, FLOWS.for_number(first.dialled))
    for event in [first, *rest]:
        state = step(FLOWS, state, event).state
    if state.label is Label.ENDED or state.waiting is Waiting.PERSON:
        return
    asked = Heard(Utterance("转人工"), Meaning(Intent.HUMAN, 0.9), NoAnswer(), AT)
    (handover,) = [e for e in step(FLOWS, state, asked).effects if isinstance(e, HandOver)]
    assert handover.language == state.wanted
    if state.wanted != MANDARIN and not FLOWS.flows[state.flow].holds:
        assert handover.queue == "外语"


@settings(max_examples=200, deadline=None)
@given(started, st.lists(events, max_size=15))
def test_a_manner_is_announced_in_one_sentence_and_kept(first: CallStarted, rest: list[Event]) -> None:
    state = start(FLOWS, FLOWS.for_number(first.dialled))
    announced = {line for _, _, line in FLOWS.phrases.patient.all_lines()} if FLOWS.phrases.patient else set()
    for event in [first, *rest]:
        after = step(FLOWS, state, event)
        became = after.state.manner is Manner.PATIENT and state.manner is Manner.NORMAL
        if became:
            assert sum(say.text in announced for say in words(after.effects)) <= 1
            assert all(0.75 <= e.rate <= 0.85 for e in after.effects if isinstance(e, SetPace))
            assert any(isinstance(e, SetPace) for e in after.effects)
        if isinstance(after.effects[-1], Listen) and after.state.manner is Manner.PATIENT:
            assert after.effects[-1].expect.patience >= 0.8
            assert after.effects[-1].expect.no_input >= 8
        state = after.state
