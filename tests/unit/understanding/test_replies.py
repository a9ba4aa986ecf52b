"""Yes and no, choices, commands, mood."""

import pytest

from voicebot.core.meaning import Command, Intent, Mood
from voicebot.core.utterance import Expect, ExpectKind
from voicebot.understanding import Understander

YES_NO = Expect(ExpectKind.YES_NO)


@pytest.mark.parametrize(
    "text",
    [
        "是",
        "是的",
        "对",
        "对对对",
        "没错",
        "没问题",
        "好的",
        "可以",
        "行",
        "嗯",
        "嗯对",
        "要",
        "需要",
        "同意",
        "确认",
        "就是这样",
        "对的没错",
        "是啊",
        "嗯是的",
        "可以的",
        "好嘞",
        "那行吧",
        "对是这个地址",
    ],
)
def test_yes(understander: Understander, text: str) -> None:
    assert understander.understand(text, expect=YES_NO).yes is True


@pytest.mark.parametrize(
    "text",
    [
        "不是",
        "不对",
        "不要",
        "不用了",
        "不行",
        "没有",
        "错了",
        "不是的",
        "不对不对",
        "算了",
        "不需要",
        "不同意",
        "不是这个地址",
        "嗯不对",
        "没有了",
        "不用谢谢",
        "不太对",
    ],
)
def test_no(understander: Understander, text: str) -> None:
    assert understander.understand(text, expect=YES_NO).yes is False


@pytest.mark.parametrize("text", ["路灯坏了没人修", "社保卡怎么补办", "我要投诉", "红旗小区三号楼", ""])
def test_neither(understander: Understander, text: str) -> None:
    assert understander.understand(text).yes is None


@pytest.mark.parametrize(
    ("text", "index"),
    [
        ("登记工单", 0),
        ("第二个", 1),
        ("我选第一个", 0),
        ("转人工", 1),
        ("人工", 1),
        ("登级公单", 0),
        ("二", 1),
        ("选三", 2),
        ("查进度", 2),
        ("路灯", None),
        ("九", None),
    ],
)
def test_choice(understander: Understander, text: str, index: int | None) -> None:
    expect = Expect(ExpectKind.CHOICE, choices=("登记工单", "转人工", "查进度"))
    assert understander.understand(text, expect=expect).choice == index


@pytest.mark.parametrize(
    ("text", "command"),
    [
        ("再说一遍", Command.REPEAT),
        ("没听清", Command.REPEAT),
        ("你说什么", Command.REPEAT),
        ("慢一点", Command.SLOWER),
        ("你说太快了", Command.SLOWER),
        ("声音大一点", Command.LOUDER),
        ("听不见", Command.LOUDER),
        ("等一下", Command.WAIT),
        ("等我找一下", Command.WAIT),
        ("返回", Command.BACK),
        ("你能做什么", Command.HELP),
        ("详细说说", Command.MORE),
        ("再见", Command.GOODBYE),
        ("没别的事了", Command.GOODBYE),
        ("谢谢", Command.THANKS),
        ("你好", Command.GREETING),
        ("我说错了", Command.CORRECT),
        ("跳过", Command.SKIP),
        ("不知道", Command.SKIP),
    ],
)
def test_command(understander: Understander, text: str, command: Command) -> None:
    assert understander.understand(text).command is command


@pytest.mark.parametrize(
    "text",
    ["快递员等一下就走不送上门", "谢谢你们上次修好了路灯我想再反映一个井盖", "公交车声音大一点都听不见报站"],
)
def test_a_mention_is_no_command(understander: Understander, text: str) -> None:
    assert understander.understand(text).command is None


@pytest.mark.parametrize(
    ("text", "mood"),
    [
        ("你们什么破热线气死我了", Mood.ANGRY),
        ("你听不懂人话吗", Mood.ANGRY),
        ("我实在走投无路了求求你们", Mood.DISTRESSED),
        ("路灯坏了", Mood.CALM),
    ],
)
def test_mood(understander: Understander, text: str, mood: Mood) -> None:
    assert understander.understand(text).mood is mood


def test_small_talk_keeps_its_intent(understander: Understander) -> None:
    for text in ("好的", "不用了", "谢谢", "再见", "嗯对"):
        assert understander.understand(text).intent is Intent.CHITCHAT
