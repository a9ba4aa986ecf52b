"""Who picked up a call that we made."""

import pytest

from tests.fakes.clocks import MORNING
from voicebot.core.answer import ArticleHit, NoAnswer
from voicebot.core.ids import ArticleId
from voicebot.core.meaning import Intent, Meaning
from voicebot.core.utterance import Utterance
from voicebot.dialogue.events import Heard
from voicebot.dialogue.pickup import is_machine

NOTHING = NoAnswer(ArticleHit(ArticleId("KB009"), "x", None, 0.1))


def said(text: str, seconds: float = 0.0, intent: Intent = Intent.UNCLEAR) -> Heard:
    return Heard(Utterance(text, started=1.0, ended=1.0 + seconds), Meaning(intent, 0.9), NOTHING, MORNING)


@pytest.mark.parametrize(
    "text",
    [
        "您好您拨打的用户暂时无法接通请稍后再拨",
        "请在嘀的一声后留言",
        "您好我是机主的智能助理请问您找他有什么事",
        "您拨打的电话已关机",
        "对不起您拨打的号码是空号",
        "这里是语音信箱",
        "机主不方便接听您的来电我可以帮您转达",
    ],
)
def test_machines(text: str) -> None:
    assert is_machine(said(text, 3.0))


@pytest.mark.parametrize(
    "text",
    [
        "喂",
        "喂你好",
        "你好哪位",
        "我现在不方便接电话",
        "他不在我是他爱人",
        "我在开会晚点再打",
        "是我你说",
        "等一下我接个电话",
    ],
)
def test_people(text: str) -> None:
    assert not is_machine(said(text, 2.5))


def test_nobody_says_hello_for_so_long() -> None:
    assert is_machine(said("欢迎致电云江科技有限公司请直拨分机号查号请拨零", 7.0))


def test_who_is_in_danger_is_no_machine() -> None:
    assert not is_machine(said("着火了我们家着火了快来人在幸福小区三号楼五单元", 8.0, Intent.EMERGENCY_119))
