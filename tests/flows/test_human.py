"""A person: one word or key away, never argued about; honest when nobody answers."""

import pytest

from tests.flows.caller import (
    FAQ,
    LAMP,
    PERSON,
    RECEIPT,
    STATUS,
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
from voicebot.dialogue.effects import Action, FileTicket, HandOver, Listen

FAILED = [
    HandoverOutcome.NO_ANSWER,
    HandoverOutcome.BUSY,
    HandoverOutcome.UNAVAILABLE,
    HandoverOutcome.FAILED,
]


def test_asked_for(flows: Flows) -> None:
    call = Caller(flows).says("转人工", PERSON)
    assert call.said == "正在为您转接人工，请稍候。"
    assert call.action is Action.TRANSFER_HUMAN
    assert (call.handover.queue, call.handover.reason) == ("综合", HandoverReason.ASKED)
    assert call.state.queue == "综合"
    assert call.stands(Label.WAITING)


def test_key_0_from_anywhere(flows: Flows) -> None:
    assert Caller(flows).presses("0").handover.reason is HandoverReason.ASKED
    asked = Caller(flows).says("路灯坏了", meaning(TICKET))
    assert asked.presses("0").handover.reason is HandoverReason.ASKED
    rating = Caller(flows).says("再见", meaning(Intent.CHITCHAT, command=Command.GOODBYE))
    assert rating.presses("0").handover.queue == "综合"


def test_anger_is_not_argued_with(flows: Flows) -> None:
    call = Caller(flows).says("你们都是吃干饭的", meaning(Intent.UNCLEAR, mood=Mood.ANGRY))
    assert "对不起" in call.said
    assert call.handover.reason is HandoverReason.ANGRY


def test_nobody_tells_the_story_twice(flows: Flows) -> None:
    call = Caller(flows).says("我们小区路灯坏了", meaning(TICKET, slots={"address": "幸福小区"}))
    summary = call.says("转人工", PERSON).handover.summary
    assert summary == "来电人反映诉求：其小区路灯坏了，地点幸福小区。"


def test_a_story_told_in_anger_is_handed_on(flows: Flows) -> None:
    angry = meaning(TICKET, slots={"address": "幸福小区"}, mood=Mood.ANGRY)
    summary = Caller(flows).says("路灯坏了三天没人管你们干什么吃的", angry).handover.summary
    assert "路灯坏了三天" in summary
    assert "幸福小区" in summary


def test_the_ticket_asked_about_is_in_the_summary(flows: Flows) -> None:
    call = Caller(flows).says("查工单", meaning(STATUS)).finds(LAMP)
    summary = call.says("转人工", PERSON).handover.summary
    assert summary == "来电人查询工单，工单20261120000007。"


@pytest.mark.parametrize("outcome", FAILED)
def test_nobody_there_is_told_and_a_call_back_is_noted(flows: Flows, outcome: HandoverOutcome) -> None:
    call = Caller(flows).says("转人工", PERSON).person(outcome)
    assert "没有接通" in call.said
    assert call.action is Action.CALLBACK
    demand = call.only(FileTicket).demand
    assert demand.callback_only
    assert demand.phone == "13800000000"
    call.stored()
    assert RECEIPT.ticket_no in call.said
    assert call.action is Action.CALLBACK
    assert call.stands(Label.LISTENING)
    assert "还有其他问题吗" in call.said


def test_the_call_back_keeps_what_was_told(flows: Flows) -> None:
    call = Caller(flows).says("我们小区路灯坏了", meaning(TICKET, slots={"address": "幸福小区"}))
    call.says("转人工", PERSON).person(HandoverOutcome.BUSY)
    assert "路灯坏了" in call.only(FileTicket).demand.content


def test_a_withheld_number_is_asked_for(flows: Flows) -> None:
    call = Caller(flows, caller="").says("转人工", PERSON).person(HandoverOutcome.NO_ANSWER)
    assert call.waits_for(ExpectKind.PHONE)
    call.says("幺三九", meaning(slots={"phone": "13912345678"}))
    assert call.only(FileTicket).demand.phone == "13912345678"
    assert "13912345678" in call.stored().said


def test_without_a_number_there_is_no_call_back(flows: Flows) -> None:
    call = Caller(flows, caller="").says("转人工", PERSON).person(HandoverOutcome.NO_ANSWER)
    call.says("不留", meaning(Intent.CHITCHAT, command=Command.SKIP))
    assert "没法回电" in call.said
    assert isinstance(call.effects[-1], Listen)


def test_a_call_back_that_cannot_be_noted(flows: Flows) -> None:
    call = Caller(flows).says("转人工", PERSON).person(HandoverOutcome.BUSY)
    call.fails("ticket.store").fails("ticket.store")
    assert "没能登记上" in call.said
    assert isinstance(call.effects[-1], Listen)


def test_asked_again_it_is_tried_again(flows: Flows) -> None:
    call = Caller(flows).says("转人工", PERSON)
    for _ in range(3):
        call.person(HandoverOutcome.NO_ANSWER).stored().says("我就要人工", PERSON)
        assert isinstance(call.effects[-1], HandOver)
    assert len(call.state.stack) <= 3


def test_misunderstandings_after_a_failed_transfer_do_not_ring_again(flows: Flows) -> None:
    call = Caller(flows).says("转人工", PERSON).person(HandoverOutcome.BUSY).stored()
    for _ in range(4):
        call.says("嘎嘎", UNCLEAR)
        assert call.action is Action.REPAIR
        assert isinstance(call.effects[-1], Listen)


def test_given_back(flows: Flows) -> None:
    call = Caller(flows).says("路灯坏了", meaning(TICKET)).says("转人工", PERSON)
    call.person(HandoverOutcome.RETURNED)
    assert "还有其他问题吗" in call.said
    assert call.stands(Label.LISTENING)


def test_taken_over(flows: Flows) -> None:
    call = Caller(flows).says("转人工", PERSON).person(HandoverOutcome.COMPLETED)
    assert call.over
    assert call.stands(Label.ENDED)


def test_impatience_does_not_lose_the_transfer(flows: Flows) -> None:
    call = Caller(flows).says("转人工", PERSON)
    assert call.says("喂", UNCLEAR).handover.reason is HandoverReason.ASKED
    assert call.says("转人工", PERSON).handover.reason is HandoverReason.ASKED
    assert call.presses("0").handover.reason is HandoverReason.ASKED
    assert call.is_silent(1).handover.reason is HandoverReason.ASKED


def test_two_misunderstandings_at_a_yes_or_no(flows: Flows) -> None:
    call = Caller(flows).says("昨天幸福小区路灯坏了", meaning(TICKET, slots={"address": "a", "time": "b"}))
    call.says("嘎嘎", UNCLEAR)
    assert call.said.endswith("对吗？")
    assert call.says("嘎嘎", UNCLEAR).handover.reason is HandoverReason.NOT_UNDERSTOOD


def test_a_result_nobody_waits_for_is_let_go(flows: Flows) -> None:
    call = Caller(flows).person(HandoverOutcome.COMPLETED)
    assert isinstance(call.effects[-1], Listen)
    assert isinstance(call.finds().effects[-1], Listen)
    assert isinstance(call.changes(None).effects[-1], Listen)
    call.stored()
    assert RECEIPT.ticket_no in call.said
    assert call.says("宠物", meaning(FAQ)).expect.choices
    assert call.says("登记", meaning(choice=0)).says("对", YES).only(FileTicket)
