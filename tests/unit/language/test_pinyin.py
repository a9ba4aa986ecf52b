"""Near sounds and searching by sound."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voicebot.language import pinyin
from voicebot.language.characters import is_hanzi, plain


def test_syllables_are_toneless_and_one_per_character() -> None:
    assert pinyin.syllables("社保A卡 12") == ("she", "bao", "a", "ka", "1", "2")


@pytest.mark.parametrize(
    ("a", "b", "at_most"),
    [("zi", "zhi", 0.2), ("nan", "lan", 0.25), ("xin", "xing", 0.2), ("fu", "hu", 0.3)],
)
def test_near_sounds_are_near(a: str, b: str, at_most: float) -> None:
    assert 0 < pinyin.distance(a, b) <= at_most


def test_distant_sounds_are_far() -> None:
    assert pinyin.distance("deng", "shui") == 1.0


@given(st.sampled_from(sorted(pinyin.KNOWN_SYLLABLES)), st.sampled_from(sorted(pinyin.KNOWN_SYLLABLES)))
def test_distance_is_a_bounded_symmetric_measure(a: str, b: str) -> None:
    assert 0.0 <= pinyin.distance(a, b) <= 1.0
    assert pinyin.distance(a, b) == pinyin.distance(b, a)
    assert (pinyin.distance(a, b) == 0.0) == (a == b)


def test_folding_joins_what_dialects_join() -> None:
    assert pinyin.folded("shan") == pinyin.folded("sang")
    assert pinyin.folded("niu") == pinyin.folded("liu")
    assert pinyin.folded("ang") != pinyin.folded("eng")


@pytest.mark.parametrize(
    ("phrase", "text", "span"),
    [
        ("社保卡", "我的射宝卡丢了", "射宝卡"),
        ("路灯不亮", "那个路登不亮了", "路登不亮"),
        ("云湖区", "在 永湖区 那边", "永湖区"),
        ("社保卡", "社 保，卡", "社 保，卡"),
    ],
)
def test_find_returns_the_span_of_the_original_text(phrase: str, text: str, span: str) -> None:
    found = pinyin.find(phrase, text)
    assert found is not None
    assert text[found.start : found.end] == span


def test_find_keeps_its_tolerance() -> None:
    assert pinyin.find("社保卡", "今天天气不错") is None
    assert pinyin.find("", "今天") is None


def test_typed_pinyin_is_cut_into_syllables() -> None:
    assert pinyin.typed("shebaoka") == ("she", "bao", "ka")
    assert pinyin.typed("hello") is None
    assert pinyin.typed("x" * 100) is None


def test_plain_simplifies_in_place() -> None:
    assert plain("雲江ＡＢ１２\n路燈不亮") == "云江ab12 路灯不亮"


@given(st.text(max_size=200))
def test_plain_never_moves_a_character(text: str) -> None:
    assert len(plain(text)) == len(text)
    assert plain(plain(text)) == plain(text)


@given(st.text(max_size=60), st.text(max_size=12))
def test_find_is_total(text: str, phrase: str) -> None:
    found = pinyin.find(phrase, text)
    assert found is None or 0 <= found.start < found.end <= len(text)


def test_hanzi() -> None:
    assert is_hanzi("云")
    assert not is_hanzi("a")
