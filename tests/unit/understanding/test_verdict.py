"""How complete a text is, and whether it is our own echo."""

import pytest

from voicebot.core.utterance import Expect, ExpectKind
from voicebot.understanding import Understander

OPEN = Expect()


@pytest.mark.parametrize(
    "text",
    [
        "我想问一下",
        "那个",
        "就是",
        "然后",
        "因为",
        "我家在",
        "我要投诉",
        "我想反映一下",
        "嗯",
        "我们小区的路灯坏了然后",
        "请问一下",
    ],
)
def test_broken_off(understander: Understander, text: str) -> None:
    assert understander.verdict(text, OPEN).completeness <= 0.3


@pytest.mark.parametrize(
    "text",
    ["社保卡丢了", "社保卡丢了。", "请问异地就医", "公积金租房", "我想问一下居住证", "驾驶证到期了"],
)
def test_a_topic_without_a_question_leaves_more_to_come(understander: Understander, text: str) -> None:
    assert understander.verdict(text, OPEN).completeness < 0.4


@pytest.mark.parametrize(
    "text",
    ["社保卡丢了怎么补办", "转人工", "谢谢再见", "我家着火了", "医保怎么报销", "工资拖欠三个月了应该找谁"],
)
def test_whole(understander: Understander, text: str) -> None:
    assert understander.verdict(text, OPEN).completeness >= 0.8


@pytest.mark.parametrize(
    "text",
    ["我们小区的路灯坏了三天了", "楼上装修太吵了", "垃圾好几天没有清理", "身份降流了"],
)
def test_who_tells_something_may_go_on(understander: Understander, text: str) -> None:
    assert 0.4 <= understander.verdict(text, OPEN).completeness <= 0.55


def test_a_greeting_alone_leaves_everything_to_come(understander: Understander) -> None:
    assert understander.verdict("喂你好", OPEN).completeness <= 0.3


@pytest.mark.parametrize("text", ["嗯", "嗯嗯", "好的", "对对对", "哦，这样啊。", "明白了"])
def test_words_of_assent_over_our_voice(understander: Understander, text: str) -> None:
    answer = "社保卡丢失后请到社保网点办理。"
    assert understander.verdict(text, OPEN, answer).backchannel == 1.0
    assert understander.verdict(text, OPEN).backchannel == 0.0
    assert understander.verdict(text, Expect(ExpectKind.YES_NO), answer).backchannel == 0.0


@pytest.mark.parametrize("text", ["等一下", "转人工", "不对", "停", "那需要带什么材料", "多少钱"])
def test_words_that_take_the_floor(understander: Understander, text: str) -> None:
    assert understander.verdict(text, OPEN, "社保卡丢失后请到社保网点办理。").backchannel == 0.0


@pytest.mark.parametrize(
    ("text", "whole"),
    [("幺三八零零", False), ("138 0013", False), ("幺三八零零幺二三四五六", True), ("88665544", True)],
)
def test_a_phone_number_ends_at_its_length(understander: Understander, text: str, whole: bool) -> None:
    verdict = understander.verdict(text, Expect(ExpectKind.PHONE))
    assert verdict.kind is ExpectKind.PHONE
    assert (verdict.completeness > 0.8) is whole


def test_digits_and_places_ask_for_patience(understander: Understander) -> None:
    assert understander.verdict("我的电话是138", OPEN).kind is ExpectKind.DIGITS
    assert understander.verdict("在翠湖路", OPEN).kind is ExpectKind.ADDRESS


def test_short_answers_are_whole_when_asked_for(understander: Understander) -> None:
    assert understander.verdict("对", Expect(ExpectKind.YES_NO)).completeness >= 0.8


def test_echo(understander: Understander) -> None:
    saying = "请问您反映的问题发生在什么地方，请说区、街道和门牌号。"
    assert understander.verdict("反应的问题发生在什么地方", OPEN, saying).echo_likeness >= 0.8
    assert understander.verdict("我们小区停水两天了没人管", OPEN, saying).echo_likeness <= 0.6
    assert understander.verdict("好的", OPEN, "好的，已登记").echo_likeness == 0.0
