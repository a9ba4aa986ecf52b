"""A rehearsal goes as the real call does: the same words, acts and states to the same inputs."""

import re
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from voicebot.adapters.virtual_time import run_virtual
from voicebot.bootstrap.brain import load_brain
from voicebot.bootstrap.chat import ChatOptions, open_chat
from voicebot.calls.brain import Brain
from voicebot.core.handover import HandoverOutcome
from voicebot.dialogue.trying.rehearsal import Hangup, Keys, Rehearsal, Say, Silence
from voicebot.dialogue.trying.world import Outcomes, Search, UsualWorld

ROOT = Path(__file__).parents[3]
NOW = datetime(2026, 11, 24, 9, 30, tzinfo=ZoneInfo("Asia/Shanghai"))
MADE = re.compile(r"\d{14}|\d+月\d+日\d+点(\d+分)?")
"""Ticket numbers and deadlines: the ticket desk's business."""

Given = Say | Keys | Silence | Hangup
Heard = tuple[str, str | None, str, str]

pytestmark = pytest.mark.integration


def words(text: str) -> list[Given]:
    """Inputs in short form: what is said, `/1` keys, `_6` seconds of silence, `!` hang up."""
    given: list[Given] = []
    for part in text.split():
        match part[0]:
            case "/":
                given.append(Keys(part[1:]))
            case "_":
                given.append(Silence(float(part[1:])))
            case "!":
                given.append(Hangup())
            case _:
                given.append(Say(part))
    return given


CALLS = [
    "社保卡丢了怎么补办 没解决 算了 没有了 /5",
    "幸福小区3号楼的路灯坏了 昨天晚上 不对 是五号楼 对 没有了 两分",
    "我要反映问题 路灯不亮 人民路18号 不知道 对 没有了 不用了",
    "_3 _3 _5 你好 _6 _6 _20 _9",
    "阿巴阿巴 乌拉乌拉",
    "慢一点 再说一遍 社保卡丢了怎么补办 详细一点 好 !",
    "/3 /000007# /2",
    "我要撤单",
    "有股煤气味 没有 社保卡丢了怎么补办",
    "我家着火了",
    "/8 社保卡丢了怎么补办 _9 _30",
    "无人机怎么登记 /1 今天天气怎么样 谢谢 再见 /3",
]


def masked(text: str) -> str:
    return MADE.sub("…", text)


def in_chat(given: Sequence[Given], data: Path, seat: HandoverOutcome) -> list[Heard]:
    async def talk() -> list[Heard]:
        async with open_chat(ChatOptions(ROOT, data, now=NOW, seat=seat)) as chat:
            replies = [await chat.greeting()]
            for one in given:
                if replies[-1].ended:
                    break
                replies.append(await chat.put(one))
        return [(masked(r.text), r.action, "" if r.ended else r.state, r.step) for r in replies]

    return run_virtual(talk())


def rehearsed(brain: Brain, given: Sequence[Given], seat: HandoverOutcome) -> list[Heard]:
    world = UsualWorld(Outcomes(person=(seat,), find=(Search.NONE,)))
    call = Rehearsal(brain.flows, brain.comprehend, at=NOW, world=world)
    for one in given:
        if call.ended:
            break
        call.put(one)
    return [
        (
            masked(turn.said),
            turn.action,
            "" if turn.ended else turn.state.label,
            f"{turn.state.flow}.{turn.state.node}",
        )
        for turn in call.turns
    ]


@pytest.fixture(scope="module")
def brain() -> Brain:
    return load_brain(ROOT)


@pytest.mark.parametrize("seat", [HandoverOutcome.COMPLETED, HandoverOutcome.NO_ANSWER])
def test_a_rehearsal_goes_as_the_call_does(
    brain: Brain, tmp_path: Path, seat: HandoverOutcome, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("voicebot.bootstrap.chat.load_brain", lambda root: brain)  # read once for all calls
    for number, text in enumerate(CALLS):
        given = words(text)
        assert rehearsed(brain, given, seat) == in_chat(given, tmp_path / str(number), seat), text
