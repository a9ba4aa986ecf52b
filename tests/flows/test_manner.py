"""A patient manner: asked for, noticed, taken back; slower, with longer waits and shorter sentences."""

import re
from dataclasses import replace

import pytest

from tests.flows.caller import FAQ, NO, PERSON, SOCIAL_CARD, TICKET, UNCLEAR, YES, Caller, meaning
from voicebot.core.meaning import Command, Intent, Meaning
from voicebot.core.utterance import ExpectKind
from voicebot.dialogue import Flows
from voicebot.dialogue.effects import Action, Say, SetPace
from voicebot.dialogue.flows import VARIABLE
from voicebot.dialogue.manner import LONGER_PAUSE, LONGER_WAIT, Manner


def command(which: Command) -> Meaning:
    return meaning(Intent.CHITCHAT, command=which)


SLOWER, REPEAT, FASTER = command(Command.SLOWER), command(Command.REPEAT), command(Command.FASTER)
LONG = replace(
    SOCIAL_CARD,
    text="先打12333挂失。再带本人身份证到社保网点补卡。没带身份证的，户口本也可以。委托别人办，要两个人的身份证。",
)


def paces(call: Caller) -> list[float]:
    return [e.rate for e in call.effects if isinstance(e, SetPace)]


def sentences(call: Caller) -> list[str]:
    return [e.text for e in call.effects if isinstance(e, Say)]


def test_asked_for(flows: Flows) -> None:
    call = Caller(flows)
    before = call.expect
    call.says("我年纪大了", SLOWER)
    assert sentences(call) == ["好的，我说慢一点。", "请问您要办什么事？"]
    (rate,) = paces(call)
    assert 0.75 <= rate <= 0.85
    assert call.state.manner is Manner.PATIENT
    assert call.expect.patience == before.patience + LONGER_PAUSE
    assert call.expect.no_input == before.no_input + LONGER_WAIT
    assert 0.75 <= paces(call.says("再慢一点", SLOWER))[0] < rate


def test_taken_back(flows: Flows) -> None:
    call = Caller(flows)
    before = call.expect
    call.says("说慢一点", SLOWER).says("正常语速", FASTER)
    assert paces(call) == [1.0]
    assert sentences(call) == ["好的，恢复正常语速。"]
    assert call.expect == before
    for _ in range(4):  # what the caller chose is not overruled
        assert paces(call.says("什么", REPEAT)) == []
    assert call.state.manner is Manner.NORMAL


def test_by_key(flows: Flows) -> None:
    call = Caller(flows).presses("8")
    assert paces(call) == [0.8]
    assert call.state.manner is Manner.PATIENT
    assert call.waits_for(ExpectKind.OPEN)


@pytest.mark.parametrize("between", [0, 2])
def test_noticed_by_what(flows: Flows, between: int) -> None:
    call = Caller(flows).says("什么", REPEAT)
    assert paces(call) == []
    for _ in range(between):
        call.says("社保卡怎么补办", meaning(FAQ), SOCIAL_CARD)
    call.says("啊什么", REPEAT)
    assert paces(call) == [0.8]
    assert sentences(call)[0] == "我说慢一点。"
    assert "我说慢一点" not in call.says("什么", REPEAT).said  # said once


def test_twice_in_a_long_call_is_no_sign(flows: Flows) -> None:
    call = Caller(flows).says("什么", REPEAT)
    for _ in range(4):
        call.says("社保卡怎么补办", meaning(FAQ), SOCIAL_CARD)
    assert paces(call.says("什么", REPEAT)) == []


def test_noticed_by_two_repairs_in_a_row(flows: Flows) -> None:
    call = Caller(flows).says("路灯坏了", meaning(TICKET)).is_silent(1)
    assert paces(call) == []
    call.is_silent(2)
    assert paces(call) == [0.8]
    assert sentences(call)[0] == "我说慢一点。"
    call = Caller(flows).is_silent(1).says("嘎嘎", UNCLEAR)
    assert paces(call) == [0.8]
    call = Caller(flows).is_silent(1).says("嗯", YES).is_silent(1)
    assert paces(call) == []  # not in a row


def test_noticed_by_slow_speech(flows: Flows) -> None:
    text = "我想问一下社保卡丢了怎么办"  # 13 syllables
    call = Caller(flows).says(text, meaning(FAQ), SOCIAL_CARD, seconds=6.0)
    assert paces(call) == []
    call.says(text, meaning(FAQ), SOCIAL_CARD, seconds=6.0)
    assert paces(call) == [0.8]
    assert sentences(call)[:2] == ["我说慢一点。", SOCIAL_CARD.text]


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("我想问一下社保卡丢了怎么办", 3.2),  # 4 a second
        ("我想问一下社保卡丢了怎么办", 0.0),  # typed
        ("社保卡", 4.0),  # too short to tell
        ("do you have a lot of forms", 9.0),
    ],
)
def test_no_sign_of_slow_speech(flows: Flows, text: str, seconds: float) -> None:
    call = Caller(flows)
    for _ in range(3):
        call.says(text, meaning(FAQ), SOCIAL_CARD, seconds=seconds)
    assert call.state.manner is Manner.NORMAL


def test_dictated_numbers_are_slow_for_everybody(flows: Flows) -> None:
    call = Caller(flows, caller="").says(
        "路灯坏了", meaning(TICKET, slots={"address": "幸福路", "time": "昨天"})
    )
    assert call.waits_for(ExpectKind.PHONE)
    for _ in range(2):
        call.says("一三九一二三四五六七八", UNCLEAR, seconds=9.0)
    assert call.state.manner is Manner.NORMAL


@pytest.mark.parametrize(
    "text", ["我年纪大了想问问养老金怎么领", "我耳朵不好社保卡丢了怎么办", "我都八十三岁了怎么认证"]
)
def test_noticed_by_words_in_a_matter(flows: Flows, text: str) -> None:
    call = Caller(flows).says(text, meaning(FAQ), SOCIAL_CARD)
    assert paces(call) == [0.8]
    assert call.action is Action.ANSWER


def test_somebody_elses_age_is_no_sign(flows: Flows) -> None:
    assert paces(Caller(flows).says("我爸年纪大了怎么上门认证", meaning(FAQ), SOCIAL_CARD)) == []


def test_answers_are_read_in_portions(flows: Flows) -> None:
    call = Caller(flows).says("慢一点", SLOWER).says("社保卡丢了怎么补办", meaning(FAQ), LONG)
    assert sentences(call) == ["先打12333挂失。再带本人身份证到社保网点补卡。", "要我接着说吗？"]
    assert call.expect.choices
    call.says("好的", YES)
    assert call.said.startswith("没带身份证的")
    assert call.action is Action.ANSWER
    while "接着说" in call.said:
        call.says("好", YES)
    assert "委托别人办" in call.said
    assert "还有别的事吗" in call.said
    assert "再说一遍" in call.said
    call.says("再说一遍", REPEAT)
    assert "委托别人办" in call.said


def test_enough_of_an_answer(flows: Flows) -> None:
    call = (
        Caller(flows).says("慢一点", SLOWER).says("社保卡丢了怎么补办", meaning(FAQ), LONG).says("不用", NO)
    )
    assert "还有别的事吗" in call.said
    call.says("接着说", command(Command.MORE))
    assert call.said.startswith("没带身份证的")


def test_a_new_matter_instead_of_the_rest(flows: Flows) -> None:
    call = Caller(flows).says("慢一点", SLOWER).says("社保卡丢了怎么补办", meaning(FAQ), LONG)
    assert call.says("路灯坏了", meaning(TICKET)).waits_for(ExpectKind.ADDRESS)
    call = Caller(flows).says("慢一点", SLOWER).says("社保卡丢了怎么补办", meaning(FAQ), LONG)
    assert call.says("转人工", PERSON).handover.queue == "综合"


def test_an_answer_in_the_middle_of_something_is_read_whole(flows: Flows) -> None:
    call = Caller(flows).says("慢一点", SLOWER).says("路灯坏了", meaning(TICKET))
    call.says("社保卡丢了怎么补办", meaning(FAQ), LONG)
    assert LONG.text in call.said
    assert call.waits_for(ExpectKind.ADDRESS)


def test_no_words_are_lost_in_an_emergency(flows: Flows) -> None:
    call = Caller(flows).says("什么", REPEAT)
    call.says("着火了", meaning(Intent.EMERGENCY_119, command=Command.REPEAT, certain=True))
    assert paces(call) == []
    assert sentences(call) == ["请马上离开，不要坐电梯。正在转接119。"]


def test_patient_sentences_are_short(flows: Flows) -> None:
    """At most 16 characters in one breath."""
    prompts = [p for p in flows.prompts() if "patient" in p.wordings]
    assert len(prompts) >= 15
    for prompt in prompts:
        for text in prompt.wordings["patient"]:
            parts = re.split("[。，？]", VARIABLE.sub("", text))
            assert max(map(len, parts)) <= 16, text
