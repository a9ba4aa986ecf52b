import doctest

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voicebot.tickets import numbers, privacy
from voicebot.tickets.privacy import conceal, mask_name, mask_phone, plain_phone


def test_examples_in_the_docstrings() -> None:
    for module in (privacy, numbers):
        assert doctest.testmod(module).failed == 0


@pytest.mark.parametrize(
    ("text", "clean", "found"),
    [
        ("打13800008000", "打138****8000", ("13800008000",)),
        ("打138 0000 8000 吧", "打138****8000 吧", ("13800008000",)),
        ("打+8613800008000", "打+138****8000", ("13800008000",)),
        ("幺三九，幺幺幺幺，二二二二", "139****2222", ("13911112222",)),
        ("座机0288-8886666", "座机028****6666", ("02888886666",)),
        ("身份证11010519491231002X", "身份证1****************X", ("11010519491231002X",)),
        ("工单20261124000072", "工单20261124000072", ()),
        ("2026年11月24日一二三四五六七八九十", "2026年11月24日一二三四五六七八九十", ()),
        ("花了1380000元", "花了1380000元", ()),
        ("", "", ()),
    ],
)
def test_conceal(text: str, clean: str, found: tuple[str, ...]) -> None:
    assert conceal(text) == (clean, found)


def test_names() -> None:
    assert conceal("王小明说王小明来过", "王小明")[0] == "王**说王**来过"
    assert conceal("王先生", "王")[0] == "王先生"
    assert mask_name("欧阳") == "欧阳**"


@pytest.mark.parametrize(
    ("number", "digits"),
    [
        ("sip:13800008000", "13800008000"),
        ("0086 13800008000", "13800008000"),
        ("028-88886666", "02888886666"),
        ("anonymous", ""),
        ("8613800008000", "13800008000"),
        ("幺三八零零零零八零零零", "13800008000"),
        ("8600001", "8600001"),
    ],
)
def test_plain_phone(number: str, digits: str) -> None:
    assert plain_phone(number) == digits


@given(st.from_regex(r"1[3-9][0-9]{9}", fullmatch=True), st.text(alphabet="在路上的灯不亮，。ab", max_size=8))
def test_no_mobile_number_survives(number: str, around: str) -> None:
    clean, found = conceal(around + number + around)
    assert number not in clean
    assert found == (number,)
    assert conceal(clean) == (clean, ())


@given(st.text(alphabet="0123456789", max_size=20))
def test_a_mask_keeps_the_length_and_hides_most(number: str) -> None:
    mask = mask_phone(number)
    assert len(mask) == len(number)
    assert sum(c != "*" for c in mask) <= 7
