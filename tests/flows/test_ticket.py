"""Taking down a demand: asks only for what is missing, reads back, stores before it speaks."""

from typing import Any

import pytest

from tests.flows.caller import (
    AT,
    FAQ,
    NO,
    RECEIPT,
    SOCIAL_CARD,
    STATUS,
    TICKET,
    UNCLEAR,
    YES,
    Caller,
    meaning,
)
from voicebot.core.demand import TicketReceipt
from voicebot.core.ids import TicketNo
from voicebot.core.meaning import AppealType, Command, Intent, Meaning, Urgency
from voicebot.core.utterance import ExpectKind
from voicebot.dialogue import Flows, Label
from voicebot.dialogue.effects import Action, FileTicket, Listen, Say

CITY = "市城市管理局"
WHERE = {"address": "幸福小区二号楼"}
WHEN = {"time": "昨天晚上"}


def lamp(**more: Any) -> Meaning:
    return meaning(TICKET, department=CITY, appeal_type=AppealType.HELP, **more)


def full(flows: Flows, caller: str = "13800000000") -> Caller:
    """A caller who said everything in one sentence; the read-back is open."""
    call = Caller(flows, caller=caller)
    return call.says("昨天晚上幸福小区二号楼的路灯坏了", lamp(slots={**WHERE, **WHEN}))


def test_step_by_step(flows: Flows) -> None:
    call = Caller(flows).says("我想反映一下，我们小区路灯坏了", lamp())
    assert call.waits_for(ExpectKind.ADDRESS)
    assert call.stands(Label.COLLECTING)
    call.says("幸福小区二号楼", meaning(TICKET, slots=WHERE))
    assert call.waits_for(ExpectKind.TIME)
    call.says("昨天晚上", meaning(slots=WHEN))
    assert call.stands(Label.CONFIRMING)
    assert call.action is Action.CONFIRM
    for part in ("您小区路灯坏了", "幸福小区二号楼", "昨天晚上", "13800000000"):
        assert part in call.said
    call.says("对", YES)
    assert isinstance(call.effects[-1], FileTicket)
    assert RECEIPT.ticket_no not in call.said
    demand = call.only(FileTicket).demand
    assert demand.title == "幸福小区二号楼路灯坏了"
    assert demand.content == "来电人反映：其小区路灯坏了。地点：幸福小区二号楼。时间：昨天晚上。"
    assert (demand.address, demand.occurred, demand.phone) == ("幸福小区二号楼", "昨天晚上", "13800000000")
    assert (demand.department, demand.appeal_type, demand.call_id) == (CITY, AppealType.HELP, "c1")
    assert [guess.name for guess in demand.guesses] == [CITY]
    assert ("address", "幸福小区二号楼") in demand.evidence
    call.stored()
    assert "20261124000072" in call.said
    assert "12月1日17点" in call.said
    assert call.said.endswith("还有其他问题吗？")
    assert {e.action for e in call.effects if isinstance(e, Say)} == {Action.TICKET_CREATED}
    assert all(e.ticket_no == RECEIPT.ticket_no for e in call.effects if isinstance(e, Say))


def test_what_the_first_sentence_holds_is_not_asked(flows: Flows) -> None:
    call = full(flows)
    assert call.stands(Label.CONFIRMING)
    assert call.state.slot_values()["address"] == "幸福小区二号楼"


def test_an_announcement_alone_asks_for_the_matter(flows: Flows) -> None:
    call = Caller(flows).says("我要投诉", meaning(TICKET, appeal_type=AppealType.COMPLAINT))
    assert "什么事" in call.said
    call.says("楼上天天装修", meaning(TICKET, department=CITY))
    assert call.waits_for(ExpectKind.ADDRESS)
    call.says("阳光花园", meaning(TICKET)).says("这几天", meaning(slots={"time": "这几天"})).says("对", YES)
    assert call.only(FileTicket).demand.appeal_type is AppealType.COMPLAINT


def test_no_place_for_matters_without_one(flows: Flows) -> None:
    call = Caller(flows).says("公司拖欠我工资", meaning(TICKET, department="市人力资源和社会保障局"))
    assert call.waits_for(ExpectKind.TIME)


def test_suggestions_are_not_asked_for_place_and_time(flows: Flows) -> None:
    call = Caller(flows).says("建议多设几个公交站", meaning(TICKET, appeal_type=AppealType.SUGGESTION))
    assert call.stands(Label.CONFIRMING)


@pytest.mark.parametrize("words", ["不知道", "跳过", "说不清楚"])
def test_the_place_is_asked_once_more_then_let_go(flows: Flows, words: str) -> None:
    skip = meaning(Intent.CHITCHAT, command=Command.SKIP)
    call = Caller(flows).says("路灯坏了", lamp()).says(words, skip)
    assert call.waits_for(ExpectKind.ADDRESS)
    call.says(words, skip)
    assert call.waits_for(ExpectKind.TIME)
    call.says(words, skip)
    assert call.stands(Label.CONFIRMING)


def test_any_words_answer_where(flows: Flows) -> None:
    call = Caller(flows).says("路灯坏了", lamp()).says("就菜场后头那条弄堂", UNCLEAR)
    assert call.state.slot("address") == "就菜场后头那条弄堂"


def test_a_place_only_the_caller_can_find_is_asked_for_again(flows: Flows) -> None:
    call = Caller(flows).says("楼道里堆了杂物", lamp(slots={"address": "楼道里"}))
    assert call.waits_for(ExpectKind.ADDRESS)
    call.says("就我家门口", meaning(slots={"address": "我家门口"}))
    assert "小区名" in call.said
    call.says("就我家门口", meaning(slots={"address": "我家门口"}))
    assert call.state.slot("address") == "我家门口"


def test_a_place_does_not_answer_when(flows: Flows) -> None:
    call = Caller(flows).says("路灯坏了", lamp(slots=WHERE)).says("翠湖花园", meaning(TICKET))
    assert call.waits_for(ExpectKind.TIME)
    call.says("这个月", meaning())
    assert "时间：这个月" in call.said


def test_a_time_does_not_answer_where_but_is_kept(flows: Flows) -> None:
    call = Caller(flows).says("路灯坏了", lamp()).says("昨天晚上", meaning(slots=WHEN))
    assert call.waits_for(ExpectKind.ADDRESS)
    call.says("幸福小区", meaning(slots={"address": "幸福小区"}))
    assert call.stands(Label.CONFIRMING)
    assert "昨天晚上" in call.said


def test_one_detail_is_put_right_in_the_read_back(flows: Flows) -> None:
    call = full(flows).says("不对，是三号楼", meaning(yes=False, slots={"address": "三号楼"}))
    assert call.stands(Label.CONFIRMING)
    assert "事情：路灯坏了，地点：幸福小区三号楼" in call.said
    call.says("对", YES)
    demand = call.only(FileTicket).demand
    assert demand.address == "幸福小区三号楼"
    assert demand.title == "幸福小区三号楼路灯坏了"
    assert demand.content == "来电人反映：昨天晚上幸福小区三号楼的路灯坏了。"


def test_the_same_without_help_of_understanding(flows: Flows) -> None:
    call = full(flows).says("不对，是三号楼", NO)
    assert "幸福小区三号楼" in call.said
    call.says("不对电话是13912345678", NO)
    assert "13912345678" in call.said


def test_a_bare_no_asks_what_is_wrong(flows: Flows) -> None:
    call = full(flows).says("不对", NO)
    assert "哪里不对" in call.said
    call.says("时间是前天", meaning(slots={"time": "前天"}))
    assert call.stands(Label.CONFIRMING)
    assert "时间：前天" in call.said
    assert "昨天晚上" not in call.said


def test_another_account_of_the_matter_leads_and_the_old_one_is_kept(flows: Flows) -> None:
    call = full(flows).says("不对", NO).says("坏的不是路灯，是井盖", meaning(TICKET))
    assert "井盖" in call.said
    content = call.says("对", YES).only(FileTicket).demand.content
    assert "井盖" in content
    assert "路灯坏了" in content


def test_all_right_after_all(flows: Flows) -> None:
    call = full(flows).says("不对", NO).says("没有不对，都对", YES)
    assert call.stands(Label.CONFIRMING)
    assert call.state.slot("what") == "昨天晚上幸福小区二号楼的路灯坏了"


def test_small_talk_in_the_middle(flows: Flows) -> None:
    call = Caller(flows).says("路灯坏了", lamp())
    asked = call.said
    assert call.says("你是机器人吗", meaning(Intent.CHITCHAT)).said == "我是智能助手。" + asked


def test_what_was_read_back_said_once_more_is_a_yes(flows: Flows) -> None:
    call = full(flows).says("幸福小区二号楼", meaning(TICKET, slots=WHERE))
    assert isinstance(call.effects[-1], FileTicket)


def test_an_earlier_detail_is_put_right_on_the_way(flows: Flows) -> None:
    call = Caller(flows).says("路灯坏了", lamp(slots=WHERE))
    call.says("不对，是三号楼", meaning(yes=False, slots={"address": "三号楼"}))
    assert call.waits_for(ExpectKind.TIME)
    assert call.state.slot("address") == "幸福小区三号楼"


def test_keys_confirm_and_correct_the_phone(flows: Flows) -> None:
    assert isinstance(full(flows).presses("1").effects[-1], FileTicket)
    call = full(flows).presses("2")
    assert "哪里不对" in call.said
    assert call.expect.digits >= 11
    assert "13912345678" in call.presses("13912345678").said


def test_the_callers_number_is_not_asked_for(flows: Flows) -> None:
    call = full(flows)
    assert not [e for e in call.log if "电话号码" in "".join(x.text for x in e[1] if isinstance(x, Say))]
    assert "电话：13800000000" in call.said


def test_a_withheld_number_is_asked_for_once_and_not_pressed(flows: Flows) -> None:
    call = full(flows, caller="")
    assert call.waits_for(ExpectKind.PHONE)
    call.says("不留了", meaning(Intent.CHITCHAT, command=Command.SKIP))
    assert call.stands(Label.CONFIRMING)
    demand = call.says("对", YES).only(FileTicket).demand
    assert (demand.phone, demand.want_reply) == ("", False)


def test_a_number_that_is_none(flows: Flows) -> None:
    call = full(flows, caller="").says("123", meaning(slots={"phone": "123"}))
    assert "号码好像不对" in call.said
    call.presses("13912345678")
    assert call.state.slot("phone") == "13912345678"


def test_an_anonymous_caller_is_not_asked_and_leaves_no_number(flows: Flows) -> None:
    for caller in ("", "13800000000"):
        call = Caller(flows, caller=caller)
        call.says("匿名举报食堂卖过期肉", meaning(TICKET, slots={**WHERE, **WHEN, "anonymous": "匿名"}))
        assert call.stands(Label.CONFIRMING)
        assert "13800000000" not in call.said
        demand = call.says("对", YES).only(FileTicket).demand
        assert (demand.anonymous, demand.phone) == (True, "")


def test_a_question_in_the_middle_is_answered_and_the_ticket_goes_on(flows: Flows) -> None:
    call = Caller(flows).says("路灯坏了", lamp())
    asked = call.said
    call.says("社保卡丢了怎么补办", meaning(FAQ), SOCIAL_CARD)
    assert call.action is Action.ANSWER
    assert call.said.endswith(asked)
    assert call.waits_for(ExpectKind.ADDRESS)
    call.says("宠物怎么办证", meaning(FAQ))
    assert call.waits_for(ExpectKind.ADDRESS)
    call.says("幸福小区", meaning(slots={"address": "幸福小区"}))
    assert call.waits_for(ExpectKind.TIME)


def test_back_to_the_question_before(flows: Flows) -> None:
    call = Caller(flows).says("路灯坏了", lamp()).says("幸福小区", UNCLEAR)
    call.says("上一步", meaning(Intent.CHITCHAT, command=Command.BACK))
    assert call.waits_for(ExpectKind.ADDRESS)
    assert call.state.slot("address") == ""
    call.says("上一步", meaning(Intent.CHITCHAT, command=Command.BACK))
    assert isinstance(call.effects[-1], Listen)


def test_silence_in_the_middle_keeps_what_is_known(flows: Flows) -> None:
    call = Caller(flows).says("路灯坏了", lamp(slots=WHERE))
    call.is_silent(1).is_silent(2).is_silent(3).presses("2")
    assert call.waits_for(ExpectKind.TIME)


def test_silence_at_the_read_back_offers_keys(flows: Flows) -> None:
    call = full(flows).is_silent(1).is_silent(2).is_silent(3)
    assert "按1" in call.said
    assert isinstance(call.presses("1").effects[-1], FileTicket)


def test_progress_asked_in_the_middle_then_the_ticket_resumes(flows: Flows) -> None:
    call = Caller(flows).says("路灯坏了", lamp()).says("我上次的单子呢", meaning(STATUS)).finds()
    assert call.state.flow == "status"
    call.says("幸福小区路灯还没登记完", meaning(TICKET, department=CITY, slots={"address": "幸福小区"}))
    assert call.state.flow == "ticket"
    assert call.waits_for(ExpectKind.TIME)


def test_a_second_ticket_starts_empty_but_keeps_the_number(flows: Flows) -> None:
    call = full(flows, caller="").presses("13912345678").says("对", YES).stored()
    call.says("还有，井盖也丢了", meaning(TICKET, department=CITY))
    assert call.said == "请问在什么地方？"
    assert call.waits_for(ExpectKind.ADDRESS)
    call.says("人民路口", meaning(slots={"address": "人民路口"})).says(
        "今天", meaning(slots={"time": "今天"})
    )
    demand = call.says("对", YES).only(FileTicket).demand
    assert demand.phone == "13912345678"
    assert "路灯" not in demand.content


def test_a_joined_ticket_is_told_as_such(flows: Flows) -> None:
    receipt = TicketReceipt(TicketNo("20261120000007"), None, RECEIPT.due_at, appended=True)
    call = full(flows).says("对", YES).stored(receipt)
    assert "并入" in call.said
    assert "20261120000007" in call.said
    assert call.action is Action.TICKET_CREATED


def test_a_store_that_fails_is_tried_again_then_a_person(flows: Flows) -> None:
    call = full(flows).says("对", YES).fails("ticket.store")
    assert "再试一次" in call.said
    assert isinstance(call.effects[-1], FileTicket)
    call.fails("ticket.store")
    assert "路灯坏了" in call.handover.summary
    assert "幸福小区" in call.handover.summary


def test_a_store_that_works_the_second_time(flows: Flows) -> None:
    assert "20261124000072" in full(flows).says("对", YES).fails("db.locked").stored().said


def test_urgency_and_secrecy_reach_the_ticket(flows: Flows) -> None:
    call = Caller(flows).says(
        "水管爆了，请保密",
        meaning(TICKET, urgency=Urgency.URGENT, slots={**WHERE, **WHEN, "confidential": "保密"}),
    )
    demand = call.says("对", YES).only(FileTicket).demand
    assert (demand.urgency, demand.confidential) == (Urgency.URGENT, True)


def test_the_dialled_line_is_kept(flows: Flows) -> None:
    call = Caller(flows, dialled="12315", channel="web")
    call.says("卖假货", meaning(TICKET, slots={**WHERE, **WHEN})).says("对", YES)
    demand = call.only(FileTicket).demand
    assert (demand.origin_hotline, demand.channel) == ("12315", "web")


def test_the_question_nobody_could_answer_becomes_a_consultation(flows: Flows) -> None:
    call = Caller(flows).says("宠物殡葬怎么办理", meaning(FAQ)).says("登记吧", meaning(choice=0))
    demand = call.says("对", YES).only(FileTicket).demand
    assert demand.appeal_type is AppealType.CONSULT
    assert demand.content == "来电人咨询：宠物殡葬怎么办理。"


def test_a_ticket_filed_while_something_worse_happened(flows: Flows) -> None:
    call = full(flows).says("对", YES)
    call.says("着火了", meaning(Intent.EMERGENCY_119, certain=True))
    assert call.handover.emergency == "119"
    call.stored()
    assert call.handover.emergency == "119"  # the person is still what we wait for
    assert call.log[-1][0].at == AT


def test_long_stories_get_short_titles(flows: Flows) -> None:
    story = "我家楼下那个烧烤店每天晚上营业到凌晨两点油烟直接往我家里飘孩子根本没法睡觉反映好多次没人管"
    call = Caller(flows).says(story, meaning(TICKET, department=CITY, slots={**WHERE, **WHEN}))
    demand = call.says("对", YES).only(FileTicket).demand
    assert len(demand.title) <= 30
    assert "我" not in demand.content.replace("自我", "")
    assert "孩子根本没法睡觉" in demand.content


def test_to_stay_nameless_may_be_said_at_any_question(flows: Flows) -> None:
    nameless = meaning(slots={"anonymous": "匿名"})
    for earlier in ((), (meaning(slots=WHERE), meaning(slots=WHEN))):
        call = Caller(flows).says("举报有人非法卖烟花", meaning(TICKET, appeal_type=AppealType.REPORT))
        assert "可以说匿名" in call.said
        for told in earlier:
            call.says("、".join(slot.span for slot in told.slots.values()), told)
        asked = call.said
        call.says("匿名", nameless)
        assert call.action is not Action.REPAIR
        assert call.said.startswith("我们接着刚才的。")
        if earlier:
            assert "13800000000" in asked
            assert "13800000000" not in call.said
            assert "方式：匿名" in call.said
            demand = call.says("对", YES).only(FileTicket).demand
            assert (demand.anonymous, demand.confidential, demand.phone) == (True, True, "")


@pytest.mark.parametrize("said", ["登记吧", "那我要登记一下", "我还是想登记", "那就麻烦帮我登记一下吧"])
def test_what_was_asked_can_be_registered(flows: Flows, said: str) -> None:
    call = Caller(flows).says("社保卡丢了怎么补办", meaning(FAQ), SOCIAL_CARD)
    call.says(said, meaning(FAQ, confidence=0.5))
    assert call.state.flow == "ticket"
    assert call.state.slot("what") == "社保卡丢了怎么补办"
