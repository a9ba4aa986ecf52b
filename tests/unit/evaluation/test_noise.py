"""The noiser: seeded, of the right share, and by ear the same."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voicebot.cli.evaluation.noise import spoiled
from voicebot.language.characters import is_hanzi
from voicebot.language.pinyin import folded, syllables

TEXTS = [
    "社保卡丢了怎么补办",
    "翠湖路十八号三号楼的路灯坏了三天没人修",
    "我要投诉楼下烧烤店天天冒油烟",
    "医保异地就医备案在手机上怎么弄",
    "有人晕倒了快叫救护车",
] * 40


def changes(rate: float, seed: str = "a") -> float:
    texts = [f"{text}{'一' * (i % 7)}" for i, text in enumerate(TEXTS)]
    pairs = [(a, b) for text in texts for a, b in zip(text, spoiled(text, rate, seed), strict=True)]
    return sum(a != b for a, b in pairs) / sum(is_hanzi(a) for a, _ in pairs)


@pytest.mark.parametrize("rate", [0.05, 0.1, 0.2])
def test_the_share_of_errors_is_right(rate: float) -> None:
    assert changes(rate) == pytest.approx(rate, abs=0.015)


def test_nothing_changes_without_noise() -> None:
    assert changes(0.0) == 0


def test_the_same_seed_gives_the_same_errors() -> None:
    once, again, other = ([spoiled(text, 0.2, seed) for text in TEXTS] for seed in ("a", "a", "b"))
    assert once == again
    assert once != other


@pytest.mark.parametrize("text", TEXTS[:5])
def test_errors_sound_alike(text: str) -> None:
    wrong = spoiled(text, 1.0, "a")
    assert wrong != text
    for was, character, syllable in zip(text, wrong, syllables(text), strict=True):
        assert was == character or folded(syllables(character)[0]) == folded(syllable)


@given(st.text(max_size=60), st.floats(0, 1))
def test_any_text_keeps_its_length_and_what_is_no_hanzi(text: str, rate: float) -> None:
    wrong = spoiled(text, rate, "a")
    assert len(wrong) == len(text)
    assert all(a == b for a, b in zip(text, wrong, strict=True) if not is_hanzi(a))
