"""A service added by YAML alone, and the flow for hours of overload."""

from datetime import timedelta

import pytest

from tests.flows.caller import (
    NO,
    PERSON,
    SOCIAL_CARD,
    UNCLEAR,
    YES,
    Caller,
    catalogue,
    meaning,
    shipped_texts,
)
from voicebot.core.handover import HandoverOutcome
from voicebot.core.ids import FlowName
from voicebot.core.meaning import Command, Intent
from voicebot.core.problem import ContentError
from voicebot.core.utterance import ExpectKind
from voicebot.dialogue import Flows, Label, load_flows, start, step
from voicebot.dialogue.effects import FileTicket, Listen, Say
from voicebot.dialogue.events import CallStarted, Keyed, NoInput

MOVE_A_CAR = """
flow: move_car
title: 挪车
numbers: ["114"]
words: [挪车, 车挡]
start: where_from
slots: {what: 事情, plate: 车牌, address: 地点}
defaults:
  no_input: [请说话。]
  no_match: [没听清。]
  help: [这里登记挪车。]
steps:
  where_from:
    kind: branch
    on: channel
    cases: [{is: web, next: web}]
    otherwise: plate
  web:
    kind: say
    prompt: 您正在{city}网页上通话，由{owner}受理。
    next: plate
  plate:
    kind: ask
    slot: plate
    prompt: "{hotline}挪车服务，请说车牌号。"
    next: who
  who:
    kind: ask
    expect: choice
    prompt: 车挡了出口，还是占了车位？
    choices:
      - {label: 挡了出口, key: "1", next: note}
      - {label: 占了车位, key: "2", next: note}
  note:
    kind: set
    slots: {what: "车牌{plate}的车需要挪开"}
    next: file
  file:
    kind: ticket
    do: create
    done: told
    failed: sorry
  told:
    kind: say
    action: ticket_created
    prompt: 已经通知，编号{ticket_no}。
    next: bye
  sorry:
    kind: say
    prompt: 没有办成，请拨110。
    next: bye
  bye:
    kind: end
"""


@pytest.fixture(scope="module")
def city() -> Flows:
    return load_flows({**shipped_texts(), "ivr_flows/挪车.yaml": MOVE_A_CAR}, catalogue())


def test_its_number_leads_there(city: Flows) -> None:
    assert city.for_number("114") == FlowName("move_car")
    call = Caller(city, dialled="114")
    assert call.said == "云江12345挪车服务，请说车牌号。"
    assert "由云江市政务服务和数据管理局受理" in Caller(city, dialled="114", channel="web").said


def test_the_whole_service(city: Flows) -> None:
    call = Caller(city, dialled="114").says("云A一二三四五", UNCLEAR)
    assert call.waits_for(ExpectKind.CHOICE)
    call.presses("2")
    demand = call.only(FileTicket).demand
    assert "云A一二三四五" in demand.content
    assert demand.origin_hotline == "114"
    assert call.stored().over


def test_its_words_lead_there(city: Flows) -> None:
    asked = meaning(Intent.FAQ)
    for what in (meaning(Intent.TICKET), UNCLEAR, asked, meaning(Intent.OUT_OF_SCOPE)):
        assert "请说车牌号" in Caller(city).says("我要挪车", what).said
    assert "12333" in Caller(city).says("撞车后可以先挪车吗", asked, SOCIAL_CARD).said  # that is known
    assert "请说车牌号" not in Caller(city).says("我的挪车工单到哪一步了", meaning(Intent.TICKET_STATUS)).said
    call = Caller(city).says("挪车", UNCLEAR).says("云A一二三四五", UNCLEAR).presses("1").stored()
    assert "还有其他问题吗" in call.said
    assert Caller(city).says("路灯坏了", meaning(Intent.TICKET)).says("挪车", UNCLEAR).state.flow == "ticket"


def test_a_word_belongs_to_one_flow() -> None:
    other = MOVE_A_CAR.replace("flow: move_car", "flow: tow").replace('"114"', '"115"')
    with pytest.raises(ContentError, match="词语「挪车」"):
        load_flows(
            {**shipped_texts(), "ivr_flows/move_car.yaml": MOVE_A_CAR, "ivr_flows/tow.yaml": other},
            catalogue(),
        )


def test_choices_by_their_words(city: Flows) -> None:
    call = Caller(city, dialled="114").says("云A一二三四五", UNCLEAR).says("是挡了出口", UNCLEAR)
    assert call.only(FileTicket)


def test_the_policy_holds_in_it(city: Flows) -> None:
    assert Caller(city, dialled="114").says("转人工", PERSON).handover.queue == "综合"
    fire = meaning(Intent.EMERGENCY_119, certain=True)
    assert Caller(city, dialled="114").says("着火了", fire).handover.emergency == "119"
    help_ = meaning(Intent.CHITCHAT, command=Command.HELP)
    assert "登记挪车" in Caller(city, dialled="114").says("怎么弄", help_).said
    silent = Caller(city, dialled="114").is_silent(1).is_silent(2).is_silent(3)
    assert "按1" in silent.said
    assert silent.is_silent(4).over


def test_it_fails_honestly(city: Flows) -> None:
    call = Caller(city, dialled="114").says("云A一二三四五", UNCLEAR).presses("1")
    call.fails("ticket.store").fails("ticket.store")
    assert "110" in call.said
    assert call.over


class Overloaded(Caller):
    """A call that begins in the flow for too many calls."""

    def __post_init__(self) -> None:
        self.state = start(self.flows, FlowName("overload"))
        self.give(CallStarted(self.call_id, self.caller, self.dialled, self.channel, self.now))


def overloaded(flows: Flows, caller: str = "13800000000") -> Overloaded:
    return Overloaded(flows, caller=caller)


def test_too_many_calls_offers_a_call_back(flows: Flows) -> None:
    call = overloaded(flows)
    assert call.expect.digits == 1
    assert call.presses("1").only(FileTicket).demand.callback_only
    assert call.stored().over


def test_too_many_calls_and_a_withheld_number(flows: Flows) -> None:
    call = overloaded(flows, caller="").presses("1")
    assert call.waits_for(ExpectKind.PHONE)
    assert call.presses("13912345678").only(FileTicket).demand.phone == "13912345678"


def test_too_many_calls_and_a_person(flows: Flows) -> None:
    call = overloaded(flows).presses("0")
    assert call.handover.queue == "综合"
    call.person(HandoverOutcome.BUSY).stored()
    assert call.expect.digits == 1


def test_too_many_calls_by_voice_and_silence(flows: Flows) -> None:
    assert overloaded(flows).says("回电吧", UNCLEAR).only(FileTicket)
    assert "按1" in overloaded(flows).says("嗯", YES).said
    assert "按1" in overloaded(flows).presses("7").said
    assert "按1" in overloaded(flows).is_silent(3).said
    assert overloaded(flows).is_silent(4).over
    assert overloaded(flows).says("不用", NO).effects


def test_every_flow_can_be_begun_and_left(flows: Flows) -> None:
    call = Caller(flows)
    for name in flows.flows:
        state = step(flows, start(flows, name), CallStarted(call.call_id, "1", "2", "text", call.now)).state
        for count in range(1, 6):
            after = step(flows, state, NoInput(count, call.now + timedelta(seconds=6 * count)))
            assert after.effects
            state = after.state
        assert state.label is Label.ENDED or state.waiting or flows.flows[state.flow].holds
        assert step(flows, state, Keyed("1", call.now)).effects


def test_words_of_the_greeting_flow(flows: Flows) -> None:
    assert flows.greeting_of(FlowName("rating")) == ""
    assert flows.greeting_of(FlowName("ticket")).startswith("好的，我来登记")
    call = Caller(flows)
    assert isinstance(call.effects[0], Say)
    assert isinstance(call.effects[-1], Listen)
