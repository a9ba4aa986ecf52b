"""How text is made comparable."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voicebot.knowledge.text import LONGEST, Vocabulary, near, sounds

WORDS = Vocabulary(
    fillers=frozenset({"请问", "那个"}),
    synonyms={"社会保障卡": "社保卡", "弄丢了": "丢", "丢了": "丢"},
    frames=frozenset({"怎么", "哪里"}),
)


@pytest.mark.parametrize(
    ("said", "normal"),
    [
        ("请问，那个社会保障卡弄丢了…怎么补？", "社保卡丢怎么补"),
        ("ＡＢＣ 15天", "abc十五天"),
        ("打12345", "打一二三四五"),
        ("满60岁 10年 05", "满六十岁十年零五"),
        ("请问", "请问"),
        ("😀\x00\n", ""),
    ],
)
def test_normal_text(said: str, normal: str) -> None:
    assert WORDS.normal(said) == normal


def test_frames_are_light() -> None:
    assert WORDS.light("怎么补卡") == [True, True, False, False]


@pytest.mark.parametrize(
    ("heard", "meant"),
    [("zhang", "zan"), ("shi", "si"), ("ning", "lin"), ("nv", "lv"), ("n", "n"), ("e", "e")],
)
def test_sounds_that_are_mixed_up_are_one(heard: str, meant: str) -> None:
    assert near(heard) == meant


@given(st.text(max_size=300))
def test_both_channels_have_the_same_positions(text: str) -> None:
    normal = WORDS.normal(text)
    assert len(normal) <= LONGEST
    assert len(sounds(normal)) == len(normal) == len(WORDS.light(normal))


@given(st.text(max_size=300))
def test_normal_text_stays_normal(text: str) -> None:
    plain = Vocabulary()
    assert plain.normal(plain.normal(text)) == plain.normal(text)
