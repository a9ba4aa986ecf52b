"""The caller's words as a note."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voicebot.dialogue.notes import (
    TITLE_LENGTH,
    content,
    has_substance,
    is_announcement,
    plain,
    second_person,
    shorten,
    third_person,
    title,
    without,
)


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("喂您好我想反映一下路灯坏了", "路灯坏了"),
        ("我想反映一下就是那个路灯坏了", "路灯坏了"),
        ("那个，就是，我们小区停水了", "我们小区停水了"),
        ("我要投诉楼上装修", "楼上装修"),
        ("帮我登记一下井盖丢了", "帮我登记一下井盖丢了"),
        ("你好我要反映个问题，公交车不停站", "公交车不停站"),
        ("路灯坏了。", "路灯坏了"),
        ("我要投诉", "我要投诉"),
    ],
)
def test_plain(said: str, kept: str) -> None:
    assert plain(said) == kept


@pytest.mark.parametrize(
    "said",
    [
        "我要投诉",
        "我想反映个问题",
        "帮我登记一下",
        "你好我要提个意见",
        "嗯",
        "我有件事要反映",
        "给我建个工单吧",
        "我要表扬",
    ],
)
def test_an_announcement_has_no_substance(said: str) -> None:
    assert not has_substance(said)


@pytest.mark.parametrize("said", ["我要投诉楼上装修", "路灯坏了", "喂你好我们这停水了", "物业不管事"])
def test_a_matter_has_substance(said: str) -> None:
    assert has_substance(said)


@pytest.mark.parametrize(
    ("said", "note", "read"),
    [
        ("我家楼下路灯坏了", "其家楼下路灯坏了", "您家楼下路灯坏了"),
        ("我们小区停水了", "其小区停水了", "您小区停水了"),
        ("咱们单位不发工资", "其单位不发工资", "您单位不发工资"),
        ("他打了我", "他打了来电人", "他打了您"),
        ("我市的规定", "我市的规定", "我市的规定"),
    ],
)
def test_persons(said: str, note: str, read: str) -> None:
    assert third_person(said) == note
    assert second_person(said) == read


def test_the_matter_without_place_and_time() -> None:
    assert without("昨天晚上幸福小区的路灯坏了", ("幸福小区", "昨天晚上")) == "路灯坏了"
    assert without("幸福小区停水", ("幸福小区停水",)) == "幸福小区停水"
    assert without("停水", ("",)) == "停水"
    assert without("拖欠工资，公司在科技路88号，匿名", ("科技路88号",)) == "拖欠工资"


@pytest.mark.parametrize(
    "said", ["还有一个问题", "我想咨询一下", "我再问个事", "我有个事情想问一下", "我要反映一下情况"]
)
def test_announcements(said: str) -> None:
    assert is_announcement(said)


@pytest.mark.parametrize("said", ["路灯坏了", "社保卡问题", "我想问社保卡", "问题是停水", "好", ""])
def test_no_announcements(said: str) -> None:
    assert not is_announcement(said)


def test_titles() -> None:
    assert title("我们小区路灯坏了", "幸福小区") == "幸福小区路灯坏了"
    assert title("", "") == "来电诉求"
    assert title("停水了", "") == "停水了"


def test_notes_hold_the_details_once() -> None:
    details = (("地点", "幸福小区"), ("时间", ""), ("反映对象", "物业"))
    assert content("反映", "幸福小区停水了", details) == "来电人反映：幸福小区停水了。反映对象：物业。"
    assert content("咨询", "", ()) == "来电人咨询：未说明具体事项。"


def test_shorten_cuts_between_clauses() -> None:
    assert shorten("第一句话很长，第二句话也很长", 10) == "第一句话很长"
    assert shorten("没有标点的一句很长的话", 5) == "没有标点的"
    assert shorten("短", 5) == "短"


@given(st.text(max_size=120), st.text(max_size=60))
def test_a_title_is_never_empty_nor_too_long(what: str, address: str) -> None:
    made = title(what, address)
    assert 0 < len(made) <= TITLE_LENGTH


@given(st.text(alphabet="我们咱俺你的家小区路灯坏了，国市", max_size=30))
def test_no_first_person_in_a_note(text: str) -> None:
    rest = third_person(text)
    for kept in ("自我", "我国", "我市", "我省"):
        rest = rest.replace(kept, "")
    assert not set(rest) & set("我俺咱")
