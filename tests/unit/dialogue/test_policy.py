"""The policy as a table: situation → decision."""

import pytest

from tests.flows.caller import AT, FAQ, HUMAN, SOCIAL_CARD, STATUS, TICKET, Caller, meaning, shipped_flows
from voicebot.core.answer import Answer, NoAnswer
from voicebot.core.handover import HandoverReason
from voicebot.core.ids import FlowName
from voicebot.core.meaning import Command, Intent, Meaning, Mood
from voicebot.core.utterance import Utterance
from voicebot.dialogue.cues import danger
from voicebot.dialogue.decisions import (
    Busy,
    Decision,
    Elsewhere,
    Fits,
    GoOn,
    Inform,
    Miss,
    More,
    Offer,
    Serve,
    SmallTalk,
    Steer,
    ToEmergency,
    ToPerson,
)
from voicebot.dialogue.events import Heard
from voicebot.dialogue.policy import decide

FLOWS = shipped_flows()
CHAT = Intent.CHITCHAT
AFTER_ANSWER = Caller(FLOWS).says("社保卡丢了怎么补办", meaning(FAQ), SOCIAL_CARD)
LISTENING = Caller(FLOWS)
WHERE = Caller(FLOWS).says("路灯坏了", meaning(TICKET))
CONFIRM = Caller(FLOWS).says("路灯坏了", meaning(TICKET, slots={"address": "a路", "time": "b"}))
FILING = Caller(FLOWS).says("路灯坏了", meaning(TICKET, slots={"address": "a路", "time": "b"})).presses("1")
RINGING = Caller(FLOWS).says("转人工", meaning(HUMAN))


def decision(call: Caller, text: str, what: Meaning, answer: Answer | None = None) -> Decision:
    state = call.state
    step = FLOWS.flows[state.flow].nodes[state.node]
    return decide(FLOWS, state, step, Heard(Utterance(text), what, answer or NoAnswer(), AT))


@pytest.mark.parametrize(
    ("text", "what", "decided"),
    [
        ("着火了", meaning(Intent.EMERGENCY_119, certain=True), ToEmergency("119", "fire", True)),
        ("煤气味", meaning(Intent.EMERGENCY_119), ToEmergency("119", "gas", False)),
        ("想跳楼", meaning(Intent.EMERGENCY_110, certain=True), ToEmergency("110", "suicide", True)),
        ("着火", meaning(Intent.EMERGENCY_119, confidence=0.1), ToEmergency("119", "fire", False)),
        ("转人工", meaning(HUMAN), ToPerson(HandoverReason.ASKED)),
        ("人", meaning(HUMAN, confidence=0.2), Miss()),
        ("气死了", meaning(Intent.UNCLEAR, mood=Mood.ANGRY), ToPerson(HandoverReason.ANGRY)),
        ("气死了着火", meaning(Intent.EMERGENCY_119, mood=Mood.ANGRY), ToEmergency("119", "fire", False)),
        ("再说一遍", meaning(CHAT, command=Command.REPEAT), Steer(Command.REPEAT)),
        ("上一步", meaning(CHAT, command=Command.BACK), Steer(Command.BACK)),
        ("谢谢", meaning(CHAT, command=Command.THANKS), Steer(Command.THANKS)),
        ("再见", meaning(CHAT, command=Command.GOODBYE), Steer(Command.GOODBYE)),
        ("更多", meaning(CHAT, command=Command.MORE), SmallTalk()),
        ("路灯坏了", meaning(TICKET), Serve(FlowName("ticket"), TICKET)),
        ("进度", meaning(STATUS), Serve(FlowName("status"), STATUS)),
        ("评价", meaning(Intent.RATING), Serve(FlowName("rating"), Intent.RATING)),
        ("法院", meaning(Intent.OUT_OF_SCOPE), Elsewhere()),
        ("你是谁", meaning(CHAT), SmallTalk()),
        ("嗯", meaning(CHAT, yes=True), GoOn()),
        ("啊吧", meaning(Intent.UNCLEAR), Miss()),
        ("", meaning(FAQ), Miss()),
        ("路灯", meaning(TICKET, confidence=0.2), Miss()),
        ("还有一个问题", meaning(Intent.UNCLEAR), GoOn()),
        ("我想咨询一下", meaning(FAQ), GoOn()),
        ("好的谢谢", meaning(CHAT), Steer(Command.THANKS)),
        ("跳过", meaning(CHAT, command=Command.SKIP), Miss()),
    ],
)
def test_at_the_open_question(text: str, what: Meaning, decided: Decision) -> None:
    assert decision(LISTENING, text, what) == decided


def test_questions() -> None:
    assert decision(LISTENING, "社保卡", meaning(FAQ), SOCIAL_CARD) == Inform(SOCIAL_CARD, False)
    assert decision(LISTENING, "社保卡", meaning(FAQ)) == Inform(None, False)
    assert decision(WHERE, "社保卡怎么办", meaning(FAQ), SOCIAL_CARD) == Inform(SOCIAL_CARD, True)
    weak = Answer(SOCIAL_CARD.article, "t", "x。", score=0.4)
    assert decision(LISTENING, "社保", meaning(Intent.UNCLEAR), weak) == Miss()
    assert decision(LISTENING, "社保", meaning(Intent.UNCLEAR), SOCIAL_CARD) == Inform(SOCIAL_CARD, False)


@pytest.mark.parametrize(
    ("text", "what", "kind"),
    [
        ("没解决", meaning(Intent.UNCLEAR), Offer),
        ("没用", meaning(Intent.UNCLEAR, mood=Mood.ANGRY), Offer),
        ("没用转人工", meaning(HUMAN), ToPerson),
        ("要什么材料", meaning(FAQ), More),
        ("更多", meaning(CHAT, command=Command.MORE), More),
        ("我家的养老保险材料要带什么呢", meaning(FAQ), Inform),
        ("没有了", meaning(CHAT, yes=False), Fits),
    ],
)
def test_after_an_answer(text: str, what: Meaning, kind: type[Decision]) -> None:
    assert isinstance(decision(AFTER_ANSWER, text, what, SOCIAL_CARD), kind)


@pytest.mark.parametrize(
    ("call", "text", "what", "kind"),
    [
        (WHERE, "幸福小区", meaning(TICKET), Fits),
        (WHERE, "转人工", meaning(HUMAN), ToPerson),
        (WHERE, "我的单子呢", meaning(STATUS), Serve),
        (WHERE, "很满意", meaning(Intent.RATING, slots={"score": "5"}), Miss),
        (WHERE, "楼道里", meaning(TICKET, slots={"address": "楼道里"}), Miss),
        (CONFIRM, "好的再见", meaning(CHAT, command=Command.GOODBYE), Fits),
        (WHERE, "法院", meaning(Intent.OUT_OF_SCOPE), Elsewhere),
        (CONFIRM, "对", meaning(CHAT, yes=True), Fits),
        (CONFIRM, "嘎嘎", meaning(Intent.UNCLEAR), Miss),
        (CONFIRM, "井盖也丢了", meaning(TICKET), Miss),
        (FILING, "喂", meaning(Intent.UNCLEAR), Busy),
        (FILING, "转人工", meaning(HUMAN), ToPerson),
        (FILING, "气死了", meaning(Intent.UNCLEAR, mood=Mood.ANGRY), Busy),
        (FILING, "着火了", meaning(Intent.EMERGENCY_119, certain=True), ToEmergency),
        (RINGING, "转人工", meaning(HUMAN), Busy),
        (RINGING, "喂", meaning(FAQ), Busy),
    ],
)
def test_in_the_middle_of_something(call: Caller, text: str, what: Meaning, kind: type[Decision]) -> None:
    assert isinstance(decision(call, text, what), kind)


@pytest.mark.parametrize(
    ("number", "text", "kind"),
    [
        ("119", "厨房着火了", "fire"),
        ("119", "困在电梯里了", "lift"),
        ("119", "有人掉河里了", "119"),
        ("110", "有人拿刀砍人", "violence"),
        ("110", "钱被骗走了", "fraud"),
        ("119", "天然气漏了", "gas"),
        ("110", "他要跳楼", "suicide"),
        ("120", "喝农药了", "suicide"),
        ("110", "有小偷", "110"),
    ],
)
def test_which_danger(number: str, text: str, kind: str) -> None:
    assert danger(number, text) == kind
