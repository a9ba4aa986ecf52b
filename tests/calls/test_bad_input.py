"""What callers, lines and engines should not do, and what the caller hears of it. On virtual time.

Complaints about systems like ours, and the tests of them here (over the wire and with the real engines:
tests/integration/e2e/test_rough_calls.py, whose table completes this one):

| complaint | test |
|---|---|
| keeps talking after barge-in | `test_turn_taking.py::test_an_interruption_ducks_then_stops_us`, `test_what_was_cut_off_is_not_waited_for` |
| echo of its own voice interrupts it | `test_turn_taking.py::test_our_own_echo_is_not_heard` |
| 嗯 stops the bot | `test_turn_taking.py::test_a_backchannel_only_ducks_and_we_go_on` |
| dead air after a failed step | `test_a_store_that_fails_is_told_at_once`, `test_recognition_that_stalls_is_bridged_then_a_person_is_rung` |
| calls that never hang up | `test_any_caller.py::test_any_call_ends_and_is_no_defect`, `test_music_ends_the_call_politely`, `test_a_television_is_not_listened_to_for_ever`, `test_noise_now_and_then_is_silence`, `test_the_longest_call_ends_with_words`, `test_a_talk_with_a_person_ends_too`, `test_conversation.py::test_silence_is_prompted_then_the_call_ends_politely` |
| stutter from the second or third call in one process | `test_the_third_call_sounds_like_the_first` |
| leaks | `test_thirty_calls_of_a_tenth_of_a_second_then_a_normal_one` (tasks, streams) |
| failed transfers that strand the caller | `test_people.py::test_nobody_answers_the_caller_is_told_and_called_back` and those after it |
| DTMF lost | `test_a_key_in_the_middle_of_a_word` |
| good calls rejected as flood | `test_thirty_calls_of_a_tenth_of_a_second_then_a_normal_one` |
| voice provider outage | `test_a_voice_that_stalls_is_bridged_and_told`, `test_without_any_voice_the_call_still_ends_and_keys_work` |
"""  # noqa: E501 - a table

import asyncio
from dataclasses import replace
from typing import Final

import numpy as np
import pytest

from tests.calls.kit import Scene, calling, until, voice
from tests.calls.test_reception import Desk, spoken
from tests.fakes.line import FakeLine
from tests.peers.sounds import longest_silence, music, touch_tones
from tests.virtual_time import on_virtual_time
from voicebot.adapters.sip.options import SipOptions
from voicebot.calls.options import CallOptions
from voicebot.core.errors import VoicebotError
from voicebot.core.handover import HandoverOutcome
from voicebot.speech.clauses import plan

QUESTION: Final = "社保卡丢了怎么补办"
DEAD_AIR: Final = 3.0
"""Seconds after which silence of ours is a fault, while it is our turn."""
BOUND: Final = 300.0
"""Seconds in which a call without anybody in it is over."""


def waited(scene: Scene, start: float, end: float) -> float:
    """The longest silence of ours in that time."""
    return longest_silence([(each.at, each.chunk.pcm) for each in scene.line.heard], start, end)


def ahead() -> set[str]:
    """Clauses of the sentences that every hotline renders ahead."""
    return {clause.text for sentence in CallOptions().sentences for clause in plan(sentence)}


async def left_alone(scene: Scene) -> float:
    """Waits until the call ends by itself; how long it lasted."""
    began = scene.clock.monotonic()
    await asyncio.wait_for(asyncio.shield(scene.call), 2 * BOUND)
    return scene.clock.monotonic() - began


# ── sound that is no caller ─────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("made_up", ["", "谢谢大家", "请不吝点赞"])
@pytest.mark.parametrize("slow", [0.0, 1.5])
def test_music_ends_the_call_politely(made_up: str, slow: float) -> None:
    """The detector takes it for speech, whatever the recogniser makes of it."""

    @on_virtual_time
    async def run() -> None:
        async with calling() as scene:
            scene.recogniser.say(*[made_up] * 100)
            scene.recogniser.delay = slow
            scene.line.says(music(BOUND))
            assert await left_alone(scene) < BOUND
            assert scene.store.tickets == {}
            assert not scene.line.transferred
        assert "再见" in scene.said[-1]
        assert scene.kept.turns[-1].heard.endswith("再见。")
        assert any("按键" in text or "按1" in text for text in scene.said)
        assert not any(turn.article for turn in scene.kept.turns)

    run()


@on_virtual_time
async def test_a_television_is_not_listened_to_for_ever() -> None:
    async with calling() as scene:
        scene.dialer.outcome = HandoverOutcome.NO_ANSWER
        scene.recogniser.say(*["今天的新闻"] * 100)
        scene.line.says((voice(4.0) + bytes(2 * 8000 * 2)) * 90)
        assert await left_alone(scene) < BOUND
        assert len(scene.dialer.dialled) <= 1
    assert "再见" in scene.said[-1]


@on_virtual_time
async def test_noise_now_and_then_is_silence() -> None:
    async with calling() as scene:
        await scene.until_we_listen()
        scene.line.says((voice(0.3) + bytes(round(2.7 * 8000) * 2)) * 100)
        assert await left_alone(scene) < BOUND
    assert "再见" in scene.said[-1]


# ── keys ────────────────────────────────────────────────────────────────────────────────────


@on_virtual_time
async def test_a_key_in_the_middle_of_a_word() -> None:
    """It counts at once, the half word does not, nor does its tone in the sound."""
    async with calling() as scene:
        scene.dialer.rings = 8.0
        await scene.until_we_listen()
        scene.recogniser.say("我想")
        scene.line.says(voice(0.8) + touch_tones("0") + bytes(16000))
        await asyncio.sleep(0.85)
        scene.line.press("0")
        await asyncio.sleep(6.0)
        assert len(scene.dialer.dialled) == 1
    assert [(turn.said, turn.keys) for turn in scene.kept.turns] == [("", ""), ("", "0")]


@on_virtual_time
async def test_a_key_that_ends_the_call_does_not_cut_the_goodbye() -> None:
    async with calling() as scene:
        await scene.until_we_listen()
        scene.starts_saying("再见", 0.6)
        await until(lambda: scene.line.states[-1] == "speaking" and "打分" in scene.said[-1])
        await asyncio.sleep(0.5)
        scene.line.press("5")
        await scene.ends()
    assert scene.kept.score == 5
    assert scene.kept.turns[-1].heard.endswith("再见。")


# ── engines that fail ───────────────────────────────────────────────────────────────────────


@on_virtual_time
async def test_recognition_that_stalls_is_bridged_then_a_person_is_rung() -> None:
    async with calling() as scene:
        await scene.until_we_listen()
        scene.recogniser.delay = 1000.0
        for _ in range(2):
            asked = len(scene.kept.turns)
            scene.starts_saying(QUESTION)
            await asyncio.sleep(1.5)
            ended = scene.clock.monotonic()
            await until(lambda asked=asked: len(scene.kept.turns) > asked)  # type: ignore[misc]
            await until(lambda: scene.line.states[-1] in ("listening", "waiting", "talking"))
            assert waited(scene, ended, scene.clock.monotonic()) < DEAD_AIR
        assert any("抱歉" in text for text in scene.said)
        await until(lambda: bool(scene.dialer.dialled))


@on_virtual_time
async def test_a_voice_that_stalls_is_bridged_and_told() -> None:
    async with calling() as scene:
        await scene.until_we_listen()
        scene.synthesizer.ahead = ahead()
        scene.synthesizer.stalled = True
        scene.starts_saying(QUESTION)
        await asyncio.sleep(1.5)
        ended = scene.clock.monotonic()
        await asyncio.sleep(12.0)
        said = "".join(scene.synthesizer.said)
        options = CallOptions()
        assert options.waiting in said
        assert "没能播出来" in said
        assert waited(scene, ended, ended + 5.0) < DEAD_AIR
        scene.synthesizer.stalled = False
        await scene.until_we_listen()
        await scene.says(QUESTION)
    assert "补卡" in scene.kept.turns[-1].heard


@on_virtual_time
async def test_what_was_cut_off_is_not_waited_for() -> None:
    """A key while a clause is being made: the answer to the key comes at once."""
    async with calling() as scene:
        await scene.until_we_listen()
        scene.synthesizer.ahead = ahead()
        scene.synthesizer.stalled = True
        await asyncio.sleep(0.5)
        scene.starts_saying(QUESTION)
        await asyncio.sleep(2.2)
        scene.synthesizer.stalled = False
        pressed = scene.clock.monotonic()
        scene.line.press("0")
        await asyncio.sleep(2.0)
        assert min(each.at for each in scene.line.heard if each.at > pressed) - pressed < 0.2


@on_virtual_time
async def test_without_any_voice_the_call_still_ends_and_keys_work() -> None:
    async with calling() as scene:
        scene.synthesizer.failing = {""}
        scene.dialer.outcome = HandoverOutcome.NO_ANSWER
        assert await left_alone(scene) < BOUND
        assert scene.dialer.dialled, "a person can speak"
    async with calling() as scene:
        scene.synthesizer.failing = {""}
        scene.dialer.outcome = HandoverOutcome.NO_ANSWER
        await until(lambda: bool(scene.dialer.dialled))
        await scene.until_we_listen()
        scene.line.press("0")
        await until(lambda: len(scene.dialer.dialled) == 2)


@on_virtual_time
async def test_a_store_that_fails_is_told_at_once() -> None:
    async with calling() as scene:
        await scene.until_we_listen()
        scene.store.failing = VoicebotError("db.busy", "busy", retryable=True)
        await scene.says("幸福路3号路灯坏了昨天晚上开始不亮")
        scene.starts_saying("对")
        await asyncio.sleep(1.5)
        ended = scene.clock.monotonic()
        await until(lambda: bool(scene.dialer.dialled))
        assert waited(scene, ended, scene.clock.monotonic()) < DEAD_AIR
        assert scene.store.tickets == {}
    assert any(turn.action == "transfer_human" for turn in scene.kept.turns)


# ── the longest and the shortest calls ──────────────────────────────────────────────────────


@on_virtual_time
async def test_the_longest_call_ends_with_words() -> None:
    options = CallOptions(longest=60.0)
    async with calling(options=options) as scene:
        scene.recogniser.say(*["我再想想"] * 40)
        scene.dialer.outcome = HandoverOutcome.NO_ANSWER
        scene.line.says((voice(2.0) + bytes(16000 * 5)) * 30)
        lasted = await left_alone(scene)
        assert 60.0 < lasted < 75.0
    assert scene.kept.reason == "too_long"
    assert scene.said[-1] == options.too_long
    assert scene.kept.turns[-1].heard.endswith("再见。")


@on_virtual_time
async def test_a_talk_with_a_person_ends_too() -> None:
    people: list[FakeLine] = []
    async with calling(options=CallOptions(longest=60.0)) as scene:
        scene.dialer.on_answer = people.append
        await scene.until_we_listen()
        scene.line.press("0")
        await until(lambda: bool(people))
        assert await left_alone(scene) < 75.0
        assert people[0].hang_up_reason is not None
    assert scene.kept.reason == "too_long"


def test_a_call_of_two_hours_is_ended_by_us_not_by_the_line() -> None:
    assert CallOptions().longest + 12 <= SipOptions().max_duration == 7200


@on_virtual_time
async def test_thirty_calls_of_a_tenth_of_a_second_then_a_normal_one() -> None:
    desk = Desk()
    for number in range(30):
        line = desk.line(number)
        call = desk.takes(line)
        await asyncio.sleep(0.1)
        line.hangs_up()
        await call
    assert desk.reception.running == 0
    line = desk.line(99)
    call = desk.takes(line)
    await until(lambda: bool(line.captions), 3.0)
    assert "请问您要办什么事" in spoken(line)
    line.hangs_up()
    await call
    assert 'voicebot_calls_total{reason="caller"} 31' in desk.reception.metrics()


# ── one process, many calls ─────────────────────────────────────────────────────────────────


@on_virtual_time
async def test_the_third_call_sounds_like_the_first() -> None:
    desk = Desk()
    heard = []
    for number in range(3):
        line = desk.line(number)
        call = desk.takes(line)
        await until(lambda line=line: line.states[-1:] == ["listening"])  # type: ignore[misc]
        line.hangs_up()
        await call
        begins = np.array([each.at for each in line.heard])
        ends = begins + [each.chunk.seconds for each in line.heard]
        heard.append(line.heard_pcm())
        assert float(np.max(begins[1:] - ends[:-1])) < 0.001, "a gap"
    assert heard[0] == heard[1] == heard[2]


@on_virtual_time
async def test_sound_at_a_rate_that_was_not_agreed_is_a_defect_told_to_the_caller() -> None:
    """No line of ours does that (they decode to the agreed rate); if one did, nobody else is harmed."""
    desk = Desk()
    lying = desk.line(1)
    lying._info = replace(lying.info, rate=16000)
    good = desk.line(2)
    calls = [desk.takes(lying), desk.takes(good)]
    await until(lambda: bool(good.captions))
    for line in (lying, good):
        line.hangs_up()
    await asyncio.gather(*calls)
    assert desk.reception.running == 0
