"""不对，是三号楼."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.flows.caller import meaning
from voicebot.core.meaning import Intent
from voicebot.dialogue.corrections import corrected, merge_address, whole_address


@pytest.mark.parametrize(
    ("text", "span", "whole"),
    [
        ("在金桂苑小区5栋楼下", "金桂苑", "金桂苑小区5栋楼下"),
        ("金桂苑5栋2单元501", "金桂苑", "金桂苑5栋2单元501"),
        ("人民路12号门口有个坑", "人民路12号", "人民路12号门口"),
        ("金桂苑那边路灯坏了", "金桂苑", "金桂苑"),
        ("金桂苑3天没人管", "金桂苑", "金桂苑"),
        ("幸福小区二号楼", "幸福小区二号楼", "幸福小区二号楼"),
        ("别处", "金桂苑", "金桂苑"),
    ],
)
def test_an_address_keeps_its_finer_parts(text: str, span: str, whole: str) -> None:
    assert whole_address(text, span) == whole


ALL = ("address", "time", "phone", "what")


@pytest.mark.parametrize(
    ("old", "new", "merged"),
    [
        ("幸福小区二号楼", "三号楼", "幸福小区三号楼"),
        ("幸福小区二号楼三单元", "三号楼", "幸福小区三号楼三单元"),
        ("幸福小区", "三号楼", "幸福小区三号楼"),
        ("幸福小区2栋", "3栋2单元", "幸福小区3栋2单元"),
        ("幸福小区二号楼", "阳光花园", "阳光花园"),
        ("幸福小区二号楼", "阳光花园一号楼", "阳光花园一号楼"),
        ("", "三号楼", "三号楼"),
        ("人民路12号", "14号", "人民路14号"),
    ],
)
def test_merge_address(old: str, new: str, merged: str) -> None:
    assert merge_address(old, new) == merged


@given(st.text(max_size=20), st.text(max_size=20))
def test_the_new_words_are_always_in_it_or_replace_all(old: str, new: str) -> None:
    merged = merge_address(old, new)
    assert merged == new or len(merged) <= len(old) + len(new)


@pytest.mark.parametrize(
    ("text", "yes", "slots", "found"),
    [
        ("不对，是三号楼", False, {}, {"address": "三号楼"}),
        ("不是的应该是5单元", False, {}, {"address": "5单元"}),
        ("错了电话是13912345678", False, {}, {"phone": "13912345678"}),
        ("不对", False, {}, {}),
        ("不对，时间是前天", False, {"time": "前天"}, {"time": "前天"}),
        ("三号楼", None, {"address": "三号楼"}, {"address": "三号楼"}),
        ("对，就是三号楼", True, {}, {}),
        ("嗯", None, {}, {}),
        ("不对，名字错了", False, {"name": "王"}, {}),
    ],
)
def test_corrected(text: str, yes: bool | None, slots: dict[str, str], found: dict[str, str]) -> None:
    assert corrected(meaning(Intent.CHITCHAT, yes=yes, slots=slots), text, ALL) == found


def test_only_what_was_read_back_can_be_corrected() -> None:
    denial = meaning(Intent.CHITCHAT, yes=False)
    assert corrected(denial, "不对，是三号楼", ("phone",)) == {}
    assert corrected(denial, "不对是13912345678", ("time",)) == {}
