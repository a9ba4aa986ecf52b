"""What goes to the party complained about holds nothing of the caller, not in parts either."""

import re
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.fakes.lives import NO, born
from voicebot.core.meaning import AppealType
from voicebot.tickets.party_view import party_view
from voicebot.tickets.privacy import conceal
from voicebot.tickets.scrub import scrub, street
from voicebot.tickets.ticket import Contact, Ticket

CN = "零一二三四五六七八九"
phones = st.from_regex(r"1[3-9][0-9]{9}", fullmatch=True) | st.from_regex(r"0[1-9][0-9]{9}", fullmatch=True)
names = st.text(alphabet="王李欧阳小明娜建国伟强刘芳路灯地点要求", min_size=2, max_size=4)
identities = st.from_regex(r"[1-9][0-9]{16}[0-9X]", fullmatch=True)


def spoken(number: str) -> str:
    return "".join(CN[int(c)] if c.isdigit() else c for c in number)


def spaced(number: str) -> str:
    return f"{number[:3]} {number[3:7]}-{number[7:]}"


@st.composite
def stories(draw: st.DrawFn) -> tuple[Contact, tuple[str, ...], str]:
    """A caller, hidden numbers, and a text in which they stand in any writing."""
    contact = Contact(draw(names), draw(phones), draw(phones))
    hidden = tuple(draw(st.lists(phones | identities, max_size=2)))
    written = [f(n) for n in (contact.phone, contact.caller, *hidden) for f in (str, spoken, spaced)]
    written += [
        contact.name,
        contact.name[:2],
        contact.name[-2:],
        contact.phone[-4:],
        "我叫",
        "路灯坏了",
        "，",
    ]
    words = draw(st.lists(st.sampled_from(written) | st.text(alphabet="路灯坏了0123456789，。", max_size=6)))
    text = "".join(words)
    return contact, hidden, conceal(text)[0] if draw(st.booleans()) else text


def digits(text: str) -> str:
    table = str.maketrans("零〇幺一二两三四五六七八九", "0011223456789")
    return re.sub(r"[ \-，,、]", "", text.translate(table))


def leaks(text: str, contact: Contact, hidden: tuple[str, ...]) -> list[str]:
    plain = digits(text)
    numbers = (contact.phone, contact.caller, *hidden)
    found = [n[i : i + 4] for n in numbers for i in range(len(n) - 3) if n[i : i + 4].isdigit()]
    parts = [contact.name[i : i + 2] for i in range(len(contact.name) - 1)]
    return [p for p in found if p in plain] + [p for p in parts if p in text]


def ticket_of(text: str, **changes: Any) -> Ticket:
    fields = ("title", "content", "address", "object", "occurred", "district", "category")
    values: dict[str, Any] = dict.fromkeys(fields, text)
    values |= {"name_mask": "王**", "phone_mask": "138****8000"}
    return replace(born()[0], **(values | changes))


@given(stories(), st.sampled_from(AppealType), st.booleans(), st.booleans())
def test_nothing_of_the_caller_is_in_it(
    story: tuple[Contact, tuple[str, ...], str], appeal: AppealType, confidential: bool, anonymous: bool
) -> None:
    contact, hidden, text = story
    ticket = ticket_of(text, appeal_type=appeal, confidential=confidential, anonymous=anonymous)
    assert leaks(party_view(ticket, contact, hidden), contact, hidden) == []


@given(st.text(alphabet="我家的事很吵每天晚上睡不着", min_size=4, max_size=40))
def test_of_a_secret_ticket_no_word_of_the_story_is_in_it(story: str) -> None:
    ticket = replace(
        born()[0], content=f"「{story}」", title=f"「{story}」", evidence=(("x", story),), confidential=True
    )
    assert f"「{story}" not in party_view(ticket, Contact())


@given(
    st.sampled_from(["长江路", "阳光小区", "学府街道"]),
    st.integers(1, 99),
    st.integers(1, 9),
    st.integers(101, 3299),
    st.sampled_from(["{0}号楼{1}单元{2}室", "{0}-{1}-{2}", "{0}栋{2}", "{0}号", "{0}幢{1}单元{2}", "B座{2}"]),
)
def test_the_door_of_a_secret_ticket_is_left_out(where: str, a: int, b: int, c: int, form: str) -> None:
    door = form.format(a, b, c)
    ticket = replace(born()[0], address=where + door, object=where + door, district="", occurred="昨天")
    for secret in (replace(ticket, confidential=True), replace(ticket, appeal_type=AppealType.REPORT)):
        text = party_view(secret, Contact())
        assert where in text
        assert not re.search(r"[0-9]", text)


def test_what_it_says() -> None:
    ticket = replace(
        born()[0],
        appeal_type=AppealType.COMPLAINT,
        category="城市管理/噪声/夜间施工",
        object="某某建设公司",
        district="河东区",
        address="长江路12号",
        occurred="昨晚十一点",
        content="诉求人王**反映夜间施工扰民，电话138****8000，要求停工。",
    )
    text = party_view(ticket, Contact("王小明", "13800008000"))
    for wanted in ("夜间施工", "某某建设公司", "河东区长江路12号", "昨晚十一点", "要求停工"):
        assert wanted in text
    for unwanted in ("王", "8000", "138", NO):
        assert unwanted not in text
    quiet = party_view(replace(ticket, confidential=True), Contact("王小明", "13800008000"))
    assert "河东区长江路\n" in quiet
    assert "停工" not in quiet


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        ("幺三八零零零零八零零零打给我", "＊＊＊＊＊＊＊＊＊＊＊打给我"),
        ("１３８００００８０００", "＊" * 11),
        ("尾号8000", "尾号＊＊＊＊"),
        ("八点开始，一共三个人", "八点开始，一共三个人"),
        ("王 小明", "＊ ＊＊"),
    ],
)
def test_other_writings(text: str, clean: str) -> None:
    assert scrub(text, ["王小明"], ["13800008000"]) == clean


def test_streets_stay() -> None:
    assert street("三元路与五一大道路口") == "三元路与五一大道路口"
