"""Progress, urging, supplements, withdrawal, objection; and the score at the end."""

from dataclasses import replace

import pytest

from tests.flows.caller import (
    FAQ,
    LAMP,
    NO,
    SOCIAL_CARD,
    STATUS,
    UNCLEAR,
    YES,
    Caller,
    meaning,
)
from voicebot.core.demand import TicketRequest
from voicebot.core.ids import TicketNo
from voicebot.core.meaning import Command, Intent, Mood
from voicebot.core.utterance import ExpectKind
from voicebot.dialogue import Flows
from voicebot.dialogue.effects import Action, ChangeTicket, FindTickets, Rate

OTHER = replace(LAMP, ticket_no=TicketNo("20261119000003"), title="人民路井盖丢失")


def asked(flows: Flows, request: str = "", number: str = "", caller: str = "13800000000") -> Caller:
    slots = {name: value for name, value in (("request", request), ("ticket_no", number)) if value}
    return Caller(flows, caller=caller).says("我的工单", meaning(STATUS, slots=slots))


def test_by_the_callers_number(flows: Flows) -> None:
    call = asked(flows)
    assert call.only(FindTickets) == FindTickets("", "13800000000")
    call.finds(LAMP)
    for part in ("幸福小区路灯不亮", "办理中", "市城市管理局", "11月27日17点"):
        assert part in call.said
    assert call.action is Action.TICKET_STATUS
    assert call.state.ticket_no == LAMP.ticket_no
    assert call.said.endswith("还有其他问题吗？")


def test_by_number_or_its_tail(flows: Flows) -> None:
    assert asked(flows, number="20261120000007").only(FindTickets).ticket_no == "20261120000007"
    call = asked(flows, caller="")
    assert call.waits_for(ExpectKind.DIGITS)
    assert call.expect.digits == 14
    assert call.presses("000007#").only(FindTickets) == FindTickets("000007", "")
    call = asked(flows, caller="").says("零零零零零七", meaning(slots={"ticket_no": "000007"}))
    assert call.only(FindTickets).ticket_no == "000007"


def test_a_reply_is_read(flows: Flows) -> None:
    call = asked(flows).finds(replace(LAMP, state="已答复", reply="路灯已修好"))
    assert "路灯已修好" in call.said


def test_without_a_department(flows: Flows) -> None:
    call = asked(flows).finds(replace(LAMP, department=None))
    assert "由" not in call.said
    assert "11月27日17点前" in call.said


def test_none_found_asks_for_the_number_then_offers_a_person(flows: Flows) -> None:
    call = asked(flows).finds()
    assert "没有查到" in call.said
    assert call.waits_for(ExpectKind.DIGITS)
    call.presses("999999").finds()
    assert call.expect.choices == ("换个号码", "转人工")
    assert call.presses("2").handover.queue == "综合"


def test_several_found_the_newest_is_offered(flows: Flows) -> None:
    call = asked(flows).finds(OTHER, LAMP)
    assert "2件" in call.said
    assert LAMP.title in call.said
    assert "办理中" in call.says("是", YES).said
    call = asked(flows).finds(OTHER, LAMP).says("不是", NO)
    assert call.waits_for(ExpectKind.DIGITS)
    assert call.presses("000003").only(FindTickets).ticket_no == "000003"


def test_urging(flows: Flows) -> None:
    call = asked(flows, "催办").finds(LAMP)
    assert call.only(ChangeTicket).request is TicketRequest.URGE
    assert call.only(ChangeTicket).ticket_no == LAMP.ticket_no
    call.changes(LAMP)
    assert "催办" in call.said
    assert call.action is Action.TICKET_UPDATED


@pytest.mark.parametrize(
    ("word", "request_"), [("补充", TicketRequest.SUPPLEMENT), ("不满意", TicketRequest.OBJECTION)]
)
def test_words_for_the_ticket(flows: Flows, word: str, request_: TicketRequest) -> None:
    call = asked(flows, word).finds(LAMP)
    assert call.waits_for(ExpectKind.OPEN)
    call.says("二号楼那盏也不亮", meaning(Intent.TICKET))
    change = call.only(ChangeTicket)
    assert (change.request, change.text) == (request_, "二号楼那盏也不亮")
    assert call.changes(LAMP).action is Action.TICKET_UPDATED


def test_a_supplement_said_at_once_is_not_asked_for(flows: Flows) -> None:
    call = Caller(flows).says("我要补充一下三楼的灯也坏了", meaning(STATUS, slots={"request": "补充"}))
    assert call.finds(LAMP).only(ChangeTicket).text == "三楼的灯也坏了"


def test_a_ticket_that_is_over_has_no_deadline(flows: Flows) -> None:
    call = asked(flows).finds(replace(LAMP, state="已撤单"))
    assert "已撤单。" in call.said
    assert "前答复" not in call.said


def test_withdrawal_is_confirmed(flows: Flows) -> None:
    call = asked(flows, "撤单").finds(LAMP)
    assert call.waits_for(ExpectKind.YES_NO)
    assert LAMP.title in call.said
    assert "保留" in call.says("不", NO).said
    call = asked(flows, "撤单").finds(LAMP).says("是", YES)
    assert call.only(ChangeTicket).request is TicketRequest.WITHDRAW
    assert "撤回" in call.changes(LAMP).said


def test_a_refusal_is_told_with_its_reason(flows: Flows) -> None:
    call = asked(flows, "撤单").finds(LAMP).says("是", YES).changes(None, "已经办结")
    assert "已经办结" in call.said
    assert "没有办成" in asked(flows, "催办").finds(LAMP).changes(None).said


def test_a_store_out_of_reach(flows: Flows) -> None:
    call = asked(flows).fails("ticket.timeout")
    assert isinstance(call.effects[-1], FindTickets)
    assert call.fails("ticket.timeout").handover.queue == "综合"


def test_the_next_ticket_is_looked_up_anew(flows: Flows) -> None:
    call = asked(flows, number="000007").finds(LAMP)
    call.says("另外一个呢", meaning(STATUS))
    assert call.only(FindTickets).ticket_no == ""
    call.finds(LAMP).says("查000003", meaning(STATUS, slots={"ticket_no": "000003"}))
    assert call.only(FindTickets).ticket_no == "000003"


def test_a_question_while_the_number_is_asked(flows: Flows) -> None:
    call = asked(flows, caller="").says("社保卡丢了", meaning(FAQ), SOCIAL_CARD)
    assert call.action is Action.ANSWER
    assert call.waits_for(ExpectKind.DIGITS)


def rated(flows: Flows) -> Caller:
    return Caller(flows).says("再见", meaning(Intent.CHITCHAT, command=Command.GOODBYE))


@pytest.mark.parametrize("score", [1, 2, 3, 4, 5])
def test_a_score_by_key_or_voice(flows: Flows, score: int) -> None:
    by_key = rated(flows).presses(str(score))
    by_voice = rated(flows).says("分", meaning(Intent.RATING, slots={"score": str(score)}))
    for call in (by_key, by_voice):
        assert call.only(Rate).score == score
        assert call.over
    assert ("改进" in by_key.said) == (score <= 2)


def test_a_bad_score_in_anger_is_a_score(flows: Flows) -> None:
    angry = meaning(Intent.RATING, slots={"score": "1"}, mood=Mood.ANGRY)
    assert rated(flows).says("一分", angry).only(Rate).score == 1


def test_nobody_is_pressed_for_a_score(flows: Flows) -> None:
    assert rated(flows).says("不评了", NO).over
    assert rated(flows).says("不评价", meaning(Intent.RATING)).over
    assert rated(flows).is_silent(1).over
    assert rated(flows).says("挺好", UNCLEAR).says("嗯嗯", UNCLEAR).over
    assert rated(flows).says("再见", meaning(Intent.CHITCHAT, command=Command.GOODBYE)).over


def test_a_score_offered_from_the_start(flows: Flows) -> None:
    call = Caller(flows).says("我要评价", meaning(Intent.RATING))
    assert call.waits_for(ExpectKind.SCORE)
