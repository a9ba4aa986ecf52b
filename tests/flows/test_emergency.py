"""Danger: certain at once, uncertain after one question, never let go of."""

import pytest

from tests.flows.caller import (
    FAQ,
    HUMAN,
    NO,
    PERSON,
    SOCIAL_CARD,
    TICKET,
    UNCLEAR,
    YES,
    Caller,
    meaning,
)
from voicebot.core.handover import HandoverOutcome, HandoverReason
from voicebot.core.meaning import Command, Intent, Mood
from voicebot.core.utterance import ExpectKind
from voicebot.dialogue import Flows, Label
from voicebot.dialogue.effects import Action, HandOver, Listen, Say

FIRE = meaning(Intent.EMERGENCY_119, certain=True)
SMOKE = meaning(Intent.EMERGENCY_119)
NOBODY = HandoverOutcome.NO_ANSWER


@pytest.mark.parametrize(
    ("text", "intent", "words"),
    [
        ("家里着火了", Intent.EMERGENCY_119, "119"),
        ("屋里全是煤气味", Intent.EMERGENCY_119, "别开关电器"),
        ("电梯坏了人困在里面", Intent.EMERGENCY_119, "别扒门"),
        ("孩子掉井里了", Intent.EMERGENCY_119, "别慌"),
        ("老人走丢了", Intent.EMERGENCY_110, "别着急"),
        ("我被骗了十万", Intent.EMERGENCY_110, "别再转钱"),
        ("有人拿刀砍人", Intent.EMERGENCY_110, "110"),
        ("我不想活了", Intent.EMERGENCY_110, "别挂电话"),
        ("我爸晕倒了叫不醒", Intent.EMERGENCY_120, "120"),
        ("撞车了有人受伤", Intent.EMERGENCY_122, "122"),
    ],
)
def test_a_certain_one_gets_one_safety_line_and_the_line(
    flows: Flows, text: str, intent: Intent, words: str
) -> None:
    call = Caller(flows).says(text, meaning(intent, certain=True))
    say, handover = call.effects
    assert isinstance(say, Say)
    assert isinstance(handover, HandOver)
    assert words in say.text
    assert len(say.text) <= 40
    assert say.action is Action.TRANSFER_EMERGENCY
    assert not say.interruptible
    assert handover.emergency == intent.emergency_number
    assert (handover.queue, handover.reason) == ("紧急", HandoverReason.EMERGENCY)
    assert handover.summary.startswith(f"紧急情况，需要{handover.emergency}：")


def test_an_uncertain_one_is_asked_back_once(flows: Flows) -> None:
    call = Caller(flows).says("好像有烟", SMOKE)
    assert call.said == "您现在是不是有危险？"
    assert call.waits_for(ExpectKind.YES_NO)
    assert call.says("是的", YES).handover.emergency == "119"


@pytest.mark.parametrize("answer", [UNCLEAR, SMOKE, meaning(Intent.CHITCHAT), meaning(HUMAN)])
def test_anything_but_a_no_counts_as_danger(flows: Flows, answer: object) -> None:
    call = Caller(flows).says("好像有烟", SMOKE).says("快点", answer)  # type: ignore[arg-type]
    assert call.handover.emergency == "119"


def test_silence_counts_as_danger(flows: Flows) -> None:
    assert Caller(flows).says("好像有烟", SMOKE).is_silent(1).handover.emergency == "119"
    assert Caller(flows).says("好像有烟", SMOKE).presses("0").handover.emergency == "119"
    assert Caller(flows).says("好像有烟", SMOKE).presses("1").handover.emergency == "119"


def test_a_no_goes_on_where_the_call_was(flows: Flows) -> None:
    call = Caller(flows).says("路灯坏了", meaning(TICKET)).says("那边冒烟", SMOKE).says("没有", NO)
    assert call.waits_for(ExpectKind.ADDRESS)
    assert "emergency" not in call.state.slot_values()
    call.says("那边冒烟", SMOKE)  # not asked a second time
    assert not call.stands(Label.WAITING)
    assert call.says("着火了", FIRE).handover.emergency == "119"


def test_a_no_with_the_real_matter(flows: Flows) -> None:
    call = Caller(flows).says("楼道有烟味", SMOKE)
    call.says("不是，我想问社保卡", meaning(FAQ, yes=False), SOCIAL_CARD)
    assert call.action is Action.ANSWER
    call = Caller(flows).says("楼道有烟味", SMOKE)
    call.says("没有危险，是楼道堆了东西", meaning(TICKET, yes=False, slots={"address": "幸福小区"}))
    assert call.state.flow == "ticket"
    assert call.state.slot("address") == "幸福小区"


def test_it_breaks_into_everything(flows: Flows) -> None:
    call = Caller(flows).says("路灯坏了", meaning(TICKET, slots={"address": "幸福小区"}))
    call.says("着火了着火了", FIRE)
    assert call.handover.emergency == "119"
    assert "幸福小区" in call.handover.summary


def test_a_smell_of_gas_is_asked_about_with_the_safety_line(flows: Flows) -> None:
    call = Caller(flows).says("好像有煤气味", SMOKE)
    assert "室外" in call.said
    assert "别开关电器" in call.says("是", YES).said


def test_denied_once_the_same_words_are_an_ordinary_matter(flows: Flows) -> None:
    call = Caller(flows).says("楼道有烟味", SMOKE).says("没有", NO).says("楼道有烟味", SMOKE)
    assert call.state.flow == "ticket"


def test_danger_as_the_second_thought(flows: Flows) -> None:
    call = Caller(flows).says("路灯坏了还冒火花", meaning(TICKET, secondary_intent=Intent.EMERGENCY_119))
    assert call.said == "您现在是不是有危险？"


def test_nobody_answers_a_person_is_rung_and_the_call_is_kept(flows: Flows) -> None:
    call = Caller(flows).says("家里着火了", FIRE).person(NOBODY)
    assert "119" in call.said
    assert (call.handover.queue, call.handover.emergency) == ("紧急", None)
    call.person(NOBODY)
    assert "没有挂机" in call.said
    for _ in range(3):
        call.is_silent(1)
        assert isinstance(call.effects[-1], HandOver)
        call.person(NOBODY)
        assert isinstance(call.effects[-1], Listen)
    assert "119" in call.said
    call.is_silent(9)
    assert not call.over


@pytest.mark.parametrize(
    "answer",
    [
        YES,
        UNCLEAR,
        PERSON,
        meaning(Intent.CHITCHAT, command=Command.GOODBYE),
        meaning(FAQ),
        meaning(Intent.UNCLEAR, mood=Mood.ANGRY),
    ],
)
def test_whatever_is_said_then_rings_again(flows: Flows, answer: object) -> None:
    call = Caller(flows).says("家里着火了", FIRE).person(NOBODY).person(NOBODY)
    call.says("快啊", answer)  # type: ignore[arg-type]
    assert call.handover.queue == "紧急"


def test_no_more_help_wanted(flows: Flows) -> None:
    call = Caller(flows).says("家里着火了", FIRE).person(NOBODY).person(NOBODY).says("不用了", NO)
    assert "还有其他问题吗" in call.said or "别的事" in call.said


def test_who_wants_to_die_is_not_left_alone(flows: Flows) -> None:
    call = Caller(flows).says("我不想活了", meaning(Intent.EMERGENCY_110, certain=True))
    assert call.handover.emergency == "110"
    call.person(NOBODY)
    assert "12356" in call.said
    call.person(NOBODY)
    for count, answer in enumerate((NO, UNCLEAR, YES), 1):
        call.says("算了", answer)
        assert isinstance(call.effects[-1], HandOver)
        call.person(NOBODY).is_silent(count)
        assert not call.over
        call.person(NOBODY)


def test_the_call_ends_with_the_person_who_took_it(flows: Flows) -> None:
    call = Caller(flows).says("家里着火了", FIRE).person(HandoverOutcome.COMPLETED)
    assert call.over
    assert call.said == ""


def test_given_back_the_caller_is_asked_for_more(flows: Flows) -> None:
    call = Caller(flows).says("家里着火了", FIRE).person(HandoverOutcome.RETURNED)
    assert "还有其他问题吗" in call.said
    assert "emergency" not in call.state.slot_values()


def test_words_before_the_ring_do_not_lose_the_transfer(flows: Flows) -> None:
    call = Caller(flows).says("家里着火了", FIRE)
    assert call.says("快点啊", UNCLEAR).handover.emergency == "119"
    assert call.is_silent(1).handover.emergency == "119"
    assert call.presses("1").handover.emergency == "119"
    assert call.says("着火了", FIRE).handover.emergency == "119"


def test_another_danger_while_one_is_under_way(flows: Flows) -> None:
    call = Caller(flows).says("撞车了", meaning(Intent.EMERGENCY_122, certain=True))
    call.says("人叫不醒", meaning(Intent.EMERGENCY_120, certain=True))
    assert call.handover.emergency == "120"


def test_a_broken_transfer_is_one_that_failed(flows: Flows) -> None:
    call = Caller(flows).says("家里着火了", FIRE).fails("sip.unreachable")
    assert call.handover.queue == "紧急"
    assert "119" in call.said
