"""A read-back of a flow's own slots: the caller puts one right in the same breath; it is read back again."""

import pytest

from tests.flows.caller import NO, UNCLEAR, YES, Caller, meaning
from tests.flows.test_steps import HEAD, made
from voicebot.core.meaning import Intent, Meaning
from voicebot.dialogue import Flows

SLOTS = "slots: {plate: 车牌, spot: 车位, room: 房号, visit: 日期, back: 回电}"
FLOW = (
    HEAD.replace("slots: {name: 称呼, plate: 车牌, place: 地点}", SLOTS)
    + """steps:
  plate: {kind: ask, slot: plate, prompt: 请说车牌号。, next: spot}
  spot: {kind: ask, slot: spot, expect: address, prompt: 车停在哪里？, next: room}
  room: {kind: ask, slot: room, expect: digits, digits: 4, prompt: 您的房号？, next: visit}
  visit: {kind: ask, slot: visit, expect: date, when: coming, prompt: 哪一天来办？, next: back}
  back: {kind: ask, slot: back, expect: phone, prompt: 您的电话？, next: confirm}
  confirm:
    kind: ask
    expect: yes_no
    prompt: "{recap}。对吗？"
    corrects: [plate, spot, room, visit, back]
    yes: done
    no: which
  which:
    kind: ask
    prompt: 哪里不对？
    corrects: [plate, spot, room, visit, back]
    again: true
    next: confirm
  done: {kind: end, prompt: 好的。, then: hang_up}
"""
).replace("start: a", "start: plate")


@pytest.fixture(scope="module")
def mine() -> Flows:
    return made(FLOW)


def asked(flows: Flows) -> Caller:
    """A call at the read-back."""
    call = Caller(flows, dialled="999").says("云A12345", UNCLEAR)
    call.says("幸福小区二号楼", meaning(slots={"address": "幸福小区二号楼"})).presses("1203#")
    call.presses("1201").presses("13912345678")
    assert call.state.node == "confirm"
    assert (
        "车牌：云A12345，车位：幸福小区二号楼，房号：1203，日期：2026-12-01，回电：13912345678" in call.said
    )
    return call


def denial(**slots: str) -> Meaning:
    return meaning(Intent.UNCLEAR, yes=False, slots=slots)


@pytest.mark.parametrize(
    ("said", "what", "slot", "value"),
    [
        ("不对，车牌是云B67890", denial(), "plate", "云B67890"),
        ("车牌错了，应该是云B67890", denial(), "plate", "云B67890"),
        ("不对，是三号楼", denial(address="三号楼"), "spot", "幸福小区三号楼"),
        ("车位改成人民路五号", denial(address="人民路五号"), "spot", "人民路五号"),
        ("不对，房号是一二零四", denial(), "room", "1204"),
        ("不对，是1204", denial(), "room", "1204"),
        ("不对，是13911112222", denial(phone="13911112222"), "back", "13911112222"),
        ("日期改成十二月三号", denial(time="2026-12-03"), "visit", "2026-12-03"),
    ],
)
def test_one_slot_is_put_right_and_read_back(
    mine: Flows, said: str, what: Meaning, slot: str, value: str
) -> None:
    call = asked(mine)
    before = {name: call.state.slot(name) for name in ("plate", "spot", "room", "visit", "back")}
    call.says(said, what)
    assert {name: call.state.slot(name) for name in before} == before | {slot: value}
    assert call.state.node == "confirm"
    assert value in call.said
    assert call.says("对", YES).over


def test_a_mere_no_is_asked_about(mine: Flows) -> None:
    call = asked(mine).says("不对", NO)
    assert call.said == "哪里不对？"
    call.says("车牌是云B67890", UNCLEAR)
    assert "云B67890" in call.said


def test_a_yes_changes_nothing(mine: Flows) -> None:
    call = asked(mine).says("对，车牌是云A12345", meaning(Intent.UNCLEAR, yes=True))
    assert call.over
    assert call.state.slot("plate") == "云A12345"
