"""Waiting for a person: the call stays a conversation, and ends where it was begun."""

import pytest

from tests.flows.caller import AT, FAQ, PERSON, RECEIPT, SOCIAL_CARD, TICKET, UNCLEAR, YES, Caller, meaning
from voicebot.core.handover import HandoverOutcome, HandoverReason, Place
from voicebot.core.ids import LanguageTag
from voicebot.core.meaning import Command, Intent, Mood
from voicebot.core.utterance import ExpectKind
from voicebot.dialogue import Flows, Label
from voicebot.dialogue.effects import FileTicket, HandOver, LeaveQueue, Listen
from voicebot.dialogue.events import HandoverEnded, PersonCame, Queued
from voicebot.dialogue.queueing import would_tell
from voicebot.dialogue.state import Waiting


def queueing(flows: Flows, ahead: int = 3, seconds: float | None = 130.0) -> Caller:
    return Caller(flows).says("转人工", PERSON).give(Queued(Place(ahead, seconds), AT))


def at_rest(call: Caller) -> bool:
    return would_tell(call.flows, call.state)


def test_place_and_honest_estimate(flows: Flows) -> None:
    call = queueing(flows)
    assert call.said.startswith("前面还有3位，大约要等3分钟。")
    assert "回电" in call.said
    assert call.stands(Label.WAITING)
    assert call.expect.no_input == 60.0
    assert call.give(Queued(Place(2, None), AT)).said == "前面还有2位。请您稍候。"
    assert "15分钟" in call.give(Queued(Place(2, 12.2 * 60), AT)).said
    assert call.give(Queued(Place(0, 4.0), AT)).said.startswith("下一位就是您，大约1分钟。")


def test_a_question_is_answered_and_waiting_goes_on(flows: Flows) -> None:
    call = queueing(flows).says("社保卡丢了怎么补", meaning(FAQ), SOCIAL_CARD)
    assert SOCIAL_CARD.text in call.said
    assert at_rest(call)
    call.give(PersonCame(AT))
    assert (call.state.flow, call.state.waiting, call.state.base) == ("human", Waiting.PERSON, "main")
    assert call.said == ""
    assert "还有其他问题吗" in call.person(HandoverOutcome.RETURNED).said


def test_a_ticket_half_taken_stays_with_the_call(flows: Flows) -> None:
    call = queueing(flows).says("路灯坏了", meaning(TICKET, slots={"address": "幸福小区"}))
    assert call.state.flow == "ticket"
    assert not at_rest(call)
    quiet = call.give(Queued(Place(1, None), AT))
    assert quiet.said == ""
    call.give(PersonCame(AT))
    assert call.state.slot("address") == "幸福小区"
    assert call.state.slot("what")
    assert call.state.stack == Caller(flows).says("转人工", PERSON).state.stack


def test_a_ticket_stored_while_waiting(flows: Flows) -> None:
    matter = meaning(TICKET, slots={"address": "幸福小区", "time": "昨天"})
    call = queueing(flows).says("昨天幸福小区路灯坏了", matter).says("对", YES)
    assert call.only(FileTicket)
    assert RECEIPT.ticket_no in call.stored().said
    call.says("没有了", meaning(Intent.CHITCHAT, yes=False))
    assert at_rest(call)


def test_a_ticket_number_that_comes_when_the_person_is_there_is_told_afterwards(flows: Flows) -> None:
    matter = meaning(TICKET, slots={"address": "幸福小区", "time": "昨天"})
    call = queueing(flows).says("昨天幸福小区路灯坏了", matter).says("对", YES)
    call.give(PersonCame(AT)).person(HandoverOutcome.RETURNED)
    assert RECEIPT.ticket_no in call.stored().said


def test_the_call_back_keeps_the_place(flows: Flows) -> None:
    call = queueing(flows).presses("1")
    assert call.only(LeaveQueue).outcome is HandoverOutcome.CALL_BACK
    assert not [effect for effect in call.effects if isinstance(effect, HandOver)]
    call.person(HandoverOutcome.CALL_BACK)
    assert "位置给您留着" in call.said
    assert call.only(FileTicket).demand.callback_only


def test_waited_as_long_as_anybody_may(flows: Flows) -> None:
    call = queueing(flows).person(HandoverOutcome.CALL_BACK)
    assert call.only(FileTicket).demand.callback_only


def test_a_flow_without_a_way_for_call_backs(flows: Flows) -> None:
    call = Caller(flows).says("Hello", meaning(language=LanguageTag("en")))
    assert isinstance(call.effects[-1], HandOver)
    call.give(Queued(Place(1, None), AT))
    assert call.said.startswith("Callers before you: 1.")
    assert call.person(HandoverOutcome.CALL_BACK).waits_for(ExpectKind.YES_NO)  # as when nobody answers


def test_not_waiting_any_more(flows: Flows) -> None:
    call = queueing(flows).says("算了我不等了", UNCLEAR).says("对", YES)
    assert call.only(LeaveQueue).outcome is HandoverOutcome.LEFT
    assert "还有其他问题吗" in call.person(HandoverOutcome.LEFT).said
    assert call.state.base == "main"


def test_a_goodbye_is_asked_about(flows: Flows) -> None:
    call = queueing(flows).says("再见", meaning(Intent.CHITCHAT, command=Command.GOODBYE))
    assert "不等人工了" in call.said
    assert not call.over


def test_asking_for_a_person_again_tells_the_place(flows: Flows) -> None:
    call = queueing(flows)
    for again in (
        call.says("转人工", PERSON),
        call.presses("0"),
        call.says("嘎嘎", UNCLEAR).says("嘎嘎", UNCLEAR),
    ):
        assert "前面还有3位" in again.said
        assert isinstance(again.effects[-1], Listen)
    angry = call.says("你们都是吃干饭的", meaning(Intent.UNCLEAR, mood=Mood.ANGRY))
    assert angry.said.startswith("让您久等了")
    assert angry.state.reason is HandoverReason.ANGRY


def test_silence_never_ends_it(flows: Flows) -> None:
    call = queueing(flows)
    for count in range(1, 9):
        assert call.is_silent(count).said == ""
        assert at_rest(call)
    call.says("路灯坏了", meaning(TICKET, slots={"address": "幸福小区"}))
    for count in range(1, 5):
        call.is_silent(count)
    assert at_rest(call)


def test_danger_takes_another_person_at_once(flows: Flows) -> None:
    call = queueing(flows).says("着火了", meaning(Intent.EMERGENCY_119, certain=True))
    assert call.handover.emergency == "119"
    assert call.state.queueing is None
    assert call.give(Queued(Place(1, None), AT)).said == ""
    assert "不要坐电梯" not in call.give(PersonCame(AT)).said
    call.person(HandoverOutcome.RETURNED)
    assert call.state.base == "main"
    assert call.state.flow != "waiting"


def test_danger_that_is_none_waits_on(flows: Flows) -> None:
    call = queueing(flows).says("好像有煤气味", meaning(Intent.EMERGENCY_119))
    call.says("没有危险", meaning(Intent.CHITCHAT, yes=False))
    assert call.state.queueing is not None
    assert call.state.flow == "waiting"


@pytest.mark.parametrize("flow", ["rating", "ticket"])
def test_given_back_into_a_flow(flows: Flows, flow: str) -> None:
    call = Caller(flows).says("转人工", PERSON)
    call.give(HandoverEnded(HandoverOutcome.RETURNED, AT, flow))
    assert call.state.flow == flow
    assert call.state.stack[-1].flow == "main"


@pytest.mark.parametrize("flow", ["", "nowhere", "emergency", "waiting"])
def test_given_back_into_no_flow_there_is(flows: Flows, flow: str) -> None:
    call = Caller(flows).says("转人工", PERSON)
    call.give(HandoverEnded(HandoverOutcome.RETURNED, AT, flow))
    assert "还有其他问题吗" in call.said


def test_news_that_nobody_waits_for(flows: Flows) -> None:
    call = Caller(flows).give(Queued(Place(1, None), AT))
    assert call.said == ""
    assert isinstance(call.effects[-1], Listen)
    assert isinstance(call.give(PersonCame(AT)).effects[-1], Listen)


def test_an_author_may_leave_the_waiting_flow_out(flows: Flows) -> None:
    fewer = {name: flow for name, flow in flows.flows.items() if name != "waiting"}
    call = Caller(type(flows)(fewer, flows.city, flows.phrases)).says("转人工", PERSON)
    assert not at_rest(call)
    assert call.give(Queued(Place(1, None), AT)).said == ""
    assert call.state.waiting is Waiting.PERSON
