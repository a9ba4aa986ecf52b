"""What is made up is told from what was said."""

import pytest

from voicebot.adapters.stt.engine import NOTHING
from voicebot.adapters.stt.guards import Raw, echoes, judge, repeated
from voicebot.adapters.stt.simplified import simplified
from voicebot.adapters.stt.text import join_hanzi
from voicebot.adapters.stt.whisper import PROMPT


@pytest.mark.parametrize(
    ("text", "score", "no_speech", "seconds"),
    [
        ("", -0.1, 0.0, 2.0),
        ("。 …", -0.1, 0.0, 2.0),
        ("请不吝点赞 订阅 转发 打赏", -0.2, 0.1, 3.0),
        ("铁\ufffd", -0.4, 0.1, 15.0),
        ("请用简体中文。", -0.3, 0.1, 2.0),
        ("字幕由志愿者提供", -0.2, 0.1, 3.0),
        ("谢谢观看", -0.1, 0.1, 1.0),
        ("我不知道我不知道我不知道我不知道我不知道", -0.3, 0.1, 5.0),
        ("以下是12345政务服务热线的通话,请用简体中文", -0.3, 0.1, 4.0),
        ("社保卡、公积金、医保、户口、居住证、投诉", -0.3, 0.1, 4.0),
        ("嗯你说的这个事情", -1.2, 0.9, 3.0),
        ("随便什么话", -1.9, 0.1, 3.0),
        ("轻轻轻轻轻轻", -0.9, 0.68, 4.0),
        ("一句在半秒里无论如何也说不完的很长很长的话", -0.2, 0.1, 0.5),
    ],
)
def test_made_up(text: str, score: float, no_speech: float, seconds: float) -> None:
    assert judge(Raw(text, score, no_speech), seconds, PROMPT) == NOTHING


@pytest.mark.parametrize(
    "text",
    [
        "社保卡丢了怎么补办?",
        "公积金怎么提取。",
        "转人工",
        "嗯",
        "是的,没错。",
        "我的电话是13800000000",
        "零零零零零零",
        "投诉噪音扰民",
        "不是不是不是",
    ],
)
def test_said(text: str) -> None:
    heard = judge(Raw(text, -0.2, 0.3), 3.0, PROMPT)
    assert heard.text == text
    assert 0.8 < heard.confidence < 0.83


def test_a_quiet_voice_is_not_taken_for_none() -> None:
    assert judge(Raw("路灯坏了", -0.4, 0.9), 2.0, PROMPT).text == "路灯坏了"


def test_a_stutter_is_shortened() -> None:
    assert judge(Raw("啊啊啊啊啊啊啊我想问", -0.4, 0.1), 3.0, PROMPT).text == "啊我想问"


def test_two_words_of_the_prompt_are_no_echo() -> None:
    assert not echoes("社保卡公积金", "社保卡公积金医保户口居住证")
    assert echoes("社保卡公积金医保户口", "社保卡公积金医保户口居住证")


def test_spaces_between_hanzi_go() -> None:
    assert join_hanzi("社 保 卡  丢 了 2 张 abc def") == "社保卡丢了2张 abc def"
    assert join_hanzi("안녕 하세요") == "안녕 하세요"


def test_simplified() -> None:
    assert simplified("請問這個電話是轉人工嗎,著名") == "请问这个电话是转人工吗,著名"


@pytest.mark.parametrize(
    ("text", "once"),
    [
        ("不对不对不对", "不对"),
        ("行行行行", "行"),
        ("不是不是不", "不是"),
        ("不对", "不对"),
        ("社保卡社保卡", "社保卡"),
        ("", ""),
        ("谢谢", "谢谢"),
        ("好好", "好好"),
        ("不对不对地址", "不对不对地址"),
        ("谢谢你", "谢谢你"),
    ],
)
def test_an_answer_said_again_and_again_is_one(text: str, once: str) -> None:
    assert repeated(text) == once


def test_half_a_character_at_the_end_is_left_out() -> None:
    assert judge(Raw("社保卡丢了怎么补\ufffd", -0.2, 0.1), 2.0, PROMPT).text == "社保卡丢了怎么补"
