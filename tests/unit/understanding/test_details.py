"""Slots: verbatim spans and normalised values."""

from datetime import datetime

import pytest

from voicebot.core.utterance import Expect, ExpectKind
from voicebot.understanding import Understander

NOW = datetime(2026, 11, 24, 10, 0)


@pytest.mark.parametrize(
    ("text", "name", "span", "value"),
    [
        (
            "翠湖路十八号翠湖花园三号楼二单元五零一停水了",
            "address",
            "翠湖路十八号翠湖花园三号楼二单元五零一",
            "翠湖路18号翠湖花园3号楼2单元501",
        ),
        ("我住石桥镇，不是石桥镇，是石坝镇", "address", "石坝镇", "石坝镇"),
        ("丽景嘉元8号楼的电梯坏了", "address", "丽景嘉元8号楼", "丽景嘉园8号楼"),
        ("翠湖公园的长椅坏了", "district", "", "云湖区"),
        ("我在江北区这边路灯坏了", "district", "江北区", "江北区"),
        ("幸福路的路灯昨天晚上灭了", "time", "昨天晚上", "2026-11-23T18:00/2026-11-24T00:00"),
        ("幸福路的路灯昨天晚上灭了", "object", "路灯", "路灯"),
        ("我要投诉鑫源装饰公司不退钱", "object", "鑫源装饰公司", "鑫源装饰公司"),
        ("我的电话是幺三八零零幺二三四五六", "phone", "幺三八零零幺二三四五六", "13800123456"),
        ("打我手机138 0013 8000", "phone", "138 0013 8000", "13800138000"),
        ("座机是零二七八八八六六五五四", "phone", "零二七八八八六六五五四", "02788866554"),
        ("工单号20261120000123", "ticket_no", "20261120000123", "20261120000123"),
        ("工单尾号零零七二", "ticket_no", "零零七二", "0072"),
        ("我要举报他们卖假烟替我保密", "confidential", "替我保密", "true"),
        ("我想匿名举报", "anonymous", "匿名举报", "true"),
        ("路灯坏了修好就行不用回访", "no_callback", "不用回访", "true"),
        ("我叫王建国想投诉物业", "name", "王建国", "王建国"),
        ("免贵姓李，想反映路灯不亮", "name", "李", "李"),
        ("我打五分", "score", "五分", "5"),
        ("非常满意", "score", "非常满意", "5"),
        ("车牌云A12345的出租车拒载", "plate", "云A12345", "云A12345"),
        ("那辆云A五三七K九的车", "plate", "云A五三七K九", "云A537K9"),
        ("老板欠我三千块钱工资", "amount", "三千块钱", "三千块钱"),
        ("还欠我三万二呢", "amount", "三万二", "三万二"),
        ("我叫赵德柱反映路灯不亮", "name", "赵德柱", "赵德柱"),
        ("我姓孙联系电话幺三八零零幺二三四五六", "name", "孙", "孙"),
        ("欠我三千六百五，幺三九零零幺二四四七八", "phone", "幺三九零零幺二四四七八", "13900124478"),
        ("你可别说是我讲的", "confidential", "可别说是我讲的", "true"),
        ("兴隆棋牌室聚众赌博", "object", "兴隆棋牌室", "兴隆棋牌室"),
    ],
)
def test_slot(understander: Understander, text: str, name: str, span: str, value: str) -> None:
    slot = understander.understand(text, now=NOW).slots[name]
    assert (slot.span, slot.value) == (span, value)
    if span:
        assert text[slot.start : slot.start + len(span)] == span


@pytest.mark.parametrize(
    ("text", "request_value"),
    [
        ("帮我查一下工单办到哪一步了", "status"),
        ("工单能不能催一下", "urge"),
        ("之前反映的事再补充一点", "supplement"),
        ("我想撤销之前的投诉", "withdraw"),
        ("处理结果我不满意要重新处理", "objection"),
        ("还没人联系我上周报的", "urge"),
    ],
)
def test_what_is_asked_of_a_ticket(understander: Understander, text: str, request_value: str) -> None:
    meaning = understander.understand(text)
    assert meaning.intent == "ticket_status"
    assert meaning.slots["request"].value == request_value


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("不用保密", "confidential"),
        ("社保卡丢了怎么补办", "address"),
        ("我们小区停水了", "address"),
        ("路灯坏了", "phone"),
        ("打12345", "ticket_no"),
        ("三号楼停电三天", "score"),
        ("路面塌了一块", "amount"),
        ("现在怎么样了", "time"),
    ],
)
def test_what_is_not_there(understander: Understander, text: str, name: str) -> None:
    assert name not in understander.understand(text, now=NOW).slots


@pytest.mark.parametrize(
    ("kind", "text", "name", "value"),
    [
        (ExpectKind.SCORE, "五", "score", "5"),
        (ExpectKind.SCORE, "打个四吧", "score", "4"),
        (ExpectKind.ADDRESS, "三号楼二单元", "address", "3号楼2单元"),
        (ExpectKind.ADDRESS, "高新区", "address", "高新区"),
        (ExpectKind.PHONE, "八八六六五五四四", "phone", "88665544"),
        (ExpectKind.DIGITS, "零零七二", "ticket_no", "0072"),
        (ExpectKind.NAME, "张伟", "name", "张伟"),
    ],
)
def test_expected_answers(
    understander: Understander, kind: ExpectKind, text: str, name: str, value: str
) -> None:
    meaning = understander.understand(text, expect=Expect(kind), now=NOW)
    assert meaning.slots[name].value == value


def test_no_city_ambulance_inside_a_ticket_number(understander: Understander) -> None:
    assert understander.understand("催一下我的工单20261120000123").department is None
