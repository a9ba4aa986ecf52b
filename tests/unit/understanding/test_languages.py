"""The language a caller asks for, or plainly speaks; and what is only a word about a language."""

import pytest

from voicebot.core.meaning import Command, Intent
from voicebot.core.utterance import Expect, ExpectKind
from voicebot.understanding import Understander


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("英语", "en"),
        ("我要英语服务", "en"),
        ("你们有会说英语的人吗", "en"),
        ("转英语人工", "en"),
        ("请说英文", "en"),
        ("外语", "en"),
        ("Do you speak English?", "en"),
        ("hello, I need help", "en"),
        ("I don't speak Chinese", "en"),
        ("I lost my passport", "en"),
        ("英格力士", "en"),
        ("哈喽艾尼德海尔普", "en"),
        ("度优斯皮克英格力士", "en"),
        ("我听不懂中文", "en"),
        ("粤语", "yue"),
        ("可以讲广东话吗", "yue"),
        ("我只会说闽南话", "nan"),
        ("我不会说普通话", "zh-x-local"),
        ("有没有会讲方言的", "zh-x-local"),
        ("藏语服务", "bo"),
        ("维吾尔语", "ug"),
        ("韩语", "ko"),
        ("中文", "zh"),
        ("说中文吧", "zh"),
        ("请说普通话", "zh"),
        ("speak Chinese please", "zh"),
    ],
)
def test_a_language_is_asked_for(understander: Understander, text: str, language: str) -> None:
    assert understander.understand(text).language == language


@pytest.mark.parametrize(
    "text",
    [
        "英语四级怎么报名",
        "我想问英语等级考试报名",
        "外语学校怎么报名",
        "孩子的英语老师收礼",
        "hello",
        "hello hello",
        "ok thank you",
        "你好",
        "我要投诉小区路灯坏了",
        "wo yao tou su",
        "因为路灯坏了",
        "",
    ],
)
def test_a_mention_is_no_wish(understander: Understander, text: str) -> None:
    assert understander.understand(text).language is None


def test_the_intent_is_judged_as_ever(understander: Understander) -> None:
    assert understander.understand("转英语人工").intent is Intent.HUMAN
    assert understander.understand("Do you speak English").language == "en"


@pytest.mark.parametrize(
    ("text", "command"),
    [
        ("啊？", Command.REPEAT),
        ("什么", Command.REPEAT),
        ("啊什么", Command.REPEAT),
        ("我年纪大了", Command.SLOWER),
        ("长者模式", Command.SLOWER),
        ("正常语速", Command.FASTER),
        ("说快一点", Command.FASTER),
        ("退出长者模式", Command.FASTER),
    ],
)
def test_words_about_our_manner(understander: Understander, text: str, command: Command) -> None:
    assert understander.understand(text).command is command


@pytest.mark.parametrize("text", ["啊", "为什么", "快点处理", "什么时候能办好", "我爸年纪大了想申请上门认证"])
def test_words_that_only_look_so(understander: Understander, text: str) -> None:
    assert understander.understand(text).command is None


TWO = Expect(ExpectKind.CHOICE, choices=("登记", "人工"))


@pytest.mark.parametrize("number", [0, 1])
@pytest.mark.parametrize(
    "form", ["{d}", "{n}", "选{n}", "按{n}", "按{d}", "第{n}个", "第{d}个", "{n}号键", "我选{n}", "按一下{n}"]
)
def test_choices_by_key(understander: Understander, form: str, number: int) -> None:
    text = form.format(d=number + 1, n="一二"[number])
    assert understander.understand(text, expect=TWO).choice == number


def test_pressing_alone_is_no_choice(understander: Understander) -> None:
    assert understander.understand("按一下三", expect=TWO).choice is None
    assert understander.understand("怎么按", expect=TWO).choice is None


@pytest.mark.parametrize(("text", "yes"), [("yes", True), ("yes please", True), ("no", False)])
def test_yes_and_no_in_english(understander: Understander, text: str, yes: bool) -> None:
    assert understander.understand(text, expect=Expect(ExpectKind.YES_NO)).yes is yes
