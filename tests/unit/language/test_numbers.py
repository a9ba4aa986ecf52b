"""Numbers both ways."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voicebot.language import numbers


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("两百五十", 250), ("一万二", 12000), ("三千五", 3500),
        ("一百二", 120), ("一百零二", 102), ("十五", 15),
        ("二〇二六", 2026), ("3万", 30000), ("1.5万", 15000), ("一亿两千万", 120_000_000), ("十", 10),
        ("0110", 110),
        ("两千零五", 2005), ("幺幺零", 110), ("一万零五百", 10500),
    ],
)  # fmt: skip
def test_to_int(text: str, value: int) -> None:
    assert numbers.to_int(text) == value


@pytest.mark.parametrize("text", ["", "路灯", "十路", "三百二十一五", "1" * 40])
def test_what_is_no_number(text: str) -> None:
    assert numbers.to_int(text) is None


@given(st.integers(min_value=0, max_value=10**9))
def test_spoken_numbers_are_read_back(number: int) -> None:
    assert numbers.to_int(numbers.spoken(number)) == number


@pytest.mark.parametrize(
    ("text", "digits"),
    [
        ("一三八 零零幺二 3456", "13800123456"), ("138-0000-0000", "13800000000"),
        ("尾号一三八三个八", "138888"),
        ("洞拐幺", "071"), ("嗯", ""), ("两个五一个三", "53"),
    ],
)  # fmt: skip
def test_dictated(text: str, digits: str) -> None:
    assert numbers.dictated(text).endswith(digits)


def test_runs_know_their_place() -> None:
    text = "我电话是幺三八零零幺二三四五六谢谢"
    (run,) = numbers.digit_runs(text)
    assert text[run.start : run.end] == "幺三八零零幺二三四五六"
    assert run.digits == "13800123456"


@given(st.text(alphabet="0123456789零一二三四五六七八九十百千万个点 -路灯", max_size=60))
def test_reading_is_total(text: str) -> None:
    for run in numbers.digit_runs(text):
        assert 0 <= run.start < run.end <= len(text)
        assert run.digits.isdigit()
    numbers.to_int(text)


def test_spelled() -> None:
    assert numbers.spelled("12345") == "幺二三四五"


def test_too_large_to_say() -> None:
    with pytest.raises(ValueError, match="too large"):
        numbers.spoken(10**12)
