"""Trial calls of the simulator: a call is its inputs, so that an edited flow can be tried with the same."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final, assert_never

from voicebot.calls.brain import Brain
from voicebot.core.handover import HandoverOutcome
from voicebot.core.ids import FlowName
from voicebot.core.meaning import Meaning
from voicebot.core.utterance import ExpectKind
from voicebot.dialogue.effects import (
    ChangeTicket,
    Effect,
    EndCall,
    FileTicket,
    FindTickets,
    HandOver,
    LeaveQueue,
    Listen,
    NoteUnanswered,
    Notify,
    Rate,
    Say,
    SetPace,
)
from voicebot.dialogue.trying.rehearsal import Hangup, Input, Keys, Rehearsal, Silence, Turn
from voicebot.dialogue.trying.rehearsal import Say as SayInput
from voicebot.dialogue.trying.world import Changing, Filing, Notice, Outcomes, Search, UsualWorld
from voicebot.web.flows.words import INTENTS

EXPECTS: Final = {
    ExpectKind.NOTHING: "不等回答",
    ExpectKind.OPEN: "来意",
    ExpectKind.YES_NO: "是或否",
    ExpectKind.CHOICE: "选一项",
    ExpectKind.ADDRESS: "地点",
    ExpectKind.PHONE: "电话号码",
    ExpectKind.DIGITS: "数字",
    ExpectKind.TIME: "时间",
    ExpectKind.SCORE: "评分",
    ExpectKind.NAME: "姓名",
}

CALLER: Final = "13800000000"
HOTLINE: Final = "12345"

FILINGS: Final = {
    Filing.FILED: "工单：登记成功",
    Filing.APPENDED: "工单：并入旧工单",
    Filing.FAILED: "工单：存不上",
}
SEARCHES: Final = {
    Search.FOUND: "查工单：有一件",
    Search.MANY: "查工单：有几件",
    Search.NONE: "查工单：没有",
    Search.FAILED: "查工单：查不了",
}
CHANGES: Final = {
    Changing.CHANGED: "改工单：办到",
    Changing.REFUSED: "改工单：不能办",
    Changing.FAILED: "改工单：失败",
}
NOTICES: Final = {Notice.SENT: "消息：发出", Notice.FAILED: "消息：发不出"}
PERSONS: Final = {
    HandoverOutcome.COMPLETED: "人工：接听到结束",
    HandoverOutcome.RETURNED: "人工：接听后转回",
    HandoverOutcome.NO_ANSWER: "人工：没人接",
    HandoverOutcome.BUSY: "人工：都在忙",
}


@dataclass(frozen=True, slots=True)
class TrialCall:
    """What the author does as a caller.

    Args:
        flow: where it begins; "" for the flow of the dialled number.
        at: when it is made, without a zone (the city's); None: now.
        caller: digits, "" when withheld; `dialled`: likewise.
        overload: all lines are busy.
    """

    flow: str
    inputs: tuple[Input, ...] = ()
    at: datetime | None = None
    caller: str = CALLER
    dialled: str = HOTLINE
    overload: bool = False
    outcomes: Outcomes = field(default_factory=Outcomes)

    def then(self, given: Input) -> "TrialCall":
        return replace(self, inputs=(*self.inputs, given))

    def back(self) -> "TrialCall":
        """Without the last input."""
        return replace(self, inputs=self.inputs[:-1])

    def again(self) -> "TrialCall":
        return replace(self, inputs=())


@dataclass(frozen=True)
class Rehearsed:
    """A trial call as it went. `expect`: what is awaited now; `silence`: seconds until it reminds."""

    turns: tuple[Turn, ...]
    expect: ExpectKind
    silence: float


def rehearse(brain: Brain, call: TrialCall, at: datetime) -> Rehearsed | None:
    """Makes the call; None when its flow does not exist (any more). Milliseconds of CPU per input.

    Args:
        at: now in the city.
    """
    flow = FlowName(call.flow) if call.flow else None
    if flow is not None and flow not in brain.flows.flows:
        return None
    rehearsal = Rehearsal(
        brain.flows,
        brain.comprehend,
        at=call.at.replace(tzinfo=at.tzinfo) if call.at else at,
        flow=flow,
        caller=call.caller,
        dialled=call.dialled,
        overload=call.overload,
        world=UsualWorld(call.outcomes),
    )
    for given in call.inputs:
        rehearsal.put(given)
    expect = rehearsal.expect
    return Rehearsed(tuple(rehearsal.turns), expect.kind, expect.no_input)


def given_words(given: Input | None) -> str:
    """What the caller did, as the transcript shows it."""
    match given:
        case SayInput(text=words):
            return words
        case Keys(keys=keys):
            return f"按键 {keys}"
        case Silence(seconds=seconds):
            return f"不出声 {seconds:g} 秒"
        case Hangup():
            return "挂断"
        case _:
            return ""


def effect_words(turn: Turn) -> Iterator[str]:
    """What a turn does besides speaking."""
    for effect in turn.effects:
        if words := _effect(effect):
            yield words


def _effect(effect: Effect) -> str:
    match effect:
        case Say() | Listen():
            return ""
        case FileTicket(demand=demand):
            what = "登记回电" if demand.callback_only else "登记工单"
            return f"{what}：{demand.title}" + (f" → {demand.department}" if demand.department else "")
        case FindTickets(ticket_no=number):
            return f"查工单 {number or '（来电号码的）'}"
        case ChangeTicket(ticket_no=number, request=request):
            return f"工单 {number}：{request.value}"
        case HandOver(emergency=str(line)):
            return f"转 {line}"
        case HandOver(queue=queue, number=number):
            return f"转接 {number or queue}"
        case LeaveQueue(outcome=outcome):
            return "不排队了，登记回电" if outcome is HandoverOutcome.CALL_BACK else "不等人工了"
        case Notify(target=target, phone=phone):
            return f"发消息 {target}" + (f" → {phone}" if phone else "")
        case NoteUnanswered(question=question):
            return f"记入未答问题：{question}"
        case Rate(score=score):
            return f"评分 {score}"
        case SetPace(rate=rate):
            return f"语速 {rate:g}"
        case EndCall():
            return "挂断"
        case _:
            assert_never(effect)


def meaning_words(meaning: Meaning) -> str:
    """What was understood: an answer, else intent and slots."""
    if meaning.yes is not None:
        return "是" if meaning.yes else "否"
    slots = "，".join(f"{name}={slot.value}" for name, slot in meaning.slots.items())
    return INTENTS[meaning.intent] + (f"（{slots}）" if slots else "")
