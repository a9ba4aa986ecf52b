"""Trial calls: inputs kept, made again in another text, told in words."""

from dataclasses import replace
from functools import cache
from pathlib import Path

from tests.fakes.clocks import MORNING
from voicebot.adapters.files.content import read_texts
from voicebot.bootstrap.brain import BrainMaker, user_shelf
from voicebot.calls.brain import Brain
from voicebot.dialogue.trying.rehearsal import Hangup, Keys, Say, Silence
from voicebot.dialogue.trying.world import Filing, Outcomes
from voicebot.web.flows.rehearsing import TrialCall, effect_words, given_words, meaning_words, rehearse

ROOT = Path(__file__).parents[4]
LAMP = TrialCall("ticket").then(Say("小区门口的路灯不亮了")).then(Say("人民路八号")).then(Say("昨天晚上"))


@cache
def brain() -> Brain:
    return BrainMaker(shelf=user_shelf()).from_texts(read_texts(ROOT))


def words(call: TrialCall) -> list[str]:
    made = rehearse(brain(), call, MORNING)
    assert made is not None
    return [word for turn in made.turns for word in effect_words(turn)]


def test_the_same_inputs_give_the_same_call_and_one_may_be_taken_back() -> None:
    whole = rehearse(brain(), LAMP, MORNING)
    shorter = rehearse(brain(), LAMP.back(), MORNING)
    assert whole is not None
    assert shorter is not None
    assert whole.turns[: len(shorter.turns)] == shorter.turns
    assert len(whole.turns) == 4
    assert LAMP.again().inputs == ()


def test_what_it_does_is_told_and_follows_the_outcomes() -> None:
    assert any(word.startswith("登记工单：") for word in words(LAMP.then(Keys("1"))))
    failing = replace(LAMP, outcomes=Outcomes(ticket=(Filing.FAILED,))).then(Keys("1"))
    assert any(word.startswith("转接") for word in words(failing))


def test_a_flow_that_is_gone_has_no_call() -> None:
    assert rehearse(brain(), TrialCall("nobody"), MORNING) is None


def test_it_may_begin_with_the_greeting() -> None:
    made = rehearse(brain(), TrialCall(""), MORNING)
    assert made is not None
    assert "请问您要办什么事" in made.turns[0].said


def test_inputs_and_meanings_in_words() -> None:
    assert [given_words(one) for one in (Say("你好"), Keys("1#"), Silence(6.0), Hangup(), None)] == [
        *("你好", "按键 1#", "不出声 6 秒", "挂断", ""),
    ]
    made = rehearse(brain(), LAMP, MORNING)
    assert made is not None
    assert made.turns[1].meaning is not None
    assert meaning_words(made.turns[1].meaning).startswith("要登记")


def test_circumstances_of_the_call() -> None:
    night = replace(TrialCall(""), at=MORNING.replace(hour=3, tzinfo=None), caller="", dialled="12345")
    made = rehearse(brain(), night, MORNING)
    assert made is not None
    assert made.turns[0].at == MORNING.replace(hour=3)
    assert made.turns[0].state.caller == ""
