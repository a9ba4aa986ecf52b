"""Who speaks: interruptions, backchannels, echo, dead air. Bars in docs/benchmarks.md are measured on
tapes; here the rules are checked to the window."""

import asyncio

import pytest

from tests.calls.kit import Scene, calling, voice
from tests.virtual_time import on_virtual_time
from voicebot.calls.sound import level
from voicebot.core.audio import AudioChunk
from voicebot.core.errors import VoicebotError

QUESTION = "社保卡丢了怎么补办"


def loudness(scene: Scene, start: float, end: float) -> float:
    """Level in dBFS of what they heard in that time; silence when there was nothing."""
    parts = [each.chunk for each in scene.line.heard if start <= each.at < end]
    pcm = b"".join(part.pcm for part in parts)
    return level(AudioChunk(pcm, 8000)) if pcm else -96.0


@on_virtual_time
async def test_an_interruption_ducks_then_stops_us() -> None:
    async with calling() as scene:
        scene.recogniser.delay = 0.25
        await asyncio.sleep(2.0)
        onset = scene.clock.monotonic()
        scene.starts_saying(QUESTION)
        await asyncio.sleep(0.6)
        normal = loudness(scene, onset - 0.5, onset)
        (stopped,) = scene.line.flushes
        assert 0.34 <= stopped - onset <= 0.42
        assert loudness(scene, stopped - 0.02, stopped) <= normal - 12
        assert loudness(scene, stopped + 0.02, stopped + 1) == -96.0
        await scene.until_we_listen()
    greeting = scene.kept.turns[0]
    assert greeting.interrupted
    assert 0 < len(greeting.heard) < len(greeting.reply)


@on_virtual_time
async def test_words_stop_us_as_soon_as_they_are_known() -> None:
    async with calling() as scene:
        scene.recogniser.streaming = True
        await asyncio.sleep(2.0)
        onset = scene.clock.monotonic()
        scene.starts_saying(QUESTION)
        await asyncio.sleep(0.6)
        assert 0.14 <= scene.line.flushes[0] - onset <= 0.22


@on_virtual_time
async def test_where_a_look_costs_a_decode_nothing_is_decoded_before_a_pause() -> None:
    async with calling() as scene:
        await asyncio.sleep(2.0)
        scene.starts_saying(QUESTION)
        await asyncio.sleep(0.6)
        assert len(scene.line.flushes) == 1
        assert scene.recogniser.asked == []
        await asyncio.sleep(3.0)
        assert len(scene.recogniser.asked) == 1


@on_virtual_time
async def test_a_backchannel_only_ducks_and_we_go_on() -> None:
    async with calling() as scene:
        await asyncio.sleep(2.0)
        scene.starts_saying("嗯", 0.16)
        await asyncio.sleep(8.0)
        assert scene.line.flushes == []
    assert scene.kept.turns[0].heard.endswith("？")
    assert len(scene.kept.turns) == 1


@on_virtual_time
async def test_our_own_echo_is_not_heard() -> None:
    async with calling() as scene:
        scene.line.says(voice(4.0, level=-42.0))
        await scene.until_we_listen()
        assert scene.recogniser.asked == []


@on_virtual_time
async def test_after_a_false_stop_we_resume_where_we_were_cut() -> None:
    async with calling() as scene:
        await asyncio.sleep(2.0)
        scene.starts_saying("", 0.6)  # a long cough: nothing is recognised
        await asyncio.sleep(1.2)
        assert len(scene.line.flushes) == 1
        await scene.until_we_listen()
        spoken = len(scene.line.heard_pcm()) / 16000
        assert spoken > 5.0
        assert len(scene.said) >= 1


@on_virtual_time
async def test_a_caller_who_pauses_is_not_cut_in() -> None:
    async with calling() as scene:
        await scene.until_we_listen()
        scene.recogniser.say("我想问一下那个", QUESTION)
        scene.line.says(voice(0.8) + bytes(int(16000 * 0.9)) + voice(1.0))
        await asyncio.sleep(2.8 + 1.2)
        assert len(scene.said) == 1
        await asyncio.sleep(1.0)
        await scene.until_we_listen()
    assert [turn.said for turn in scene.kept.turns[1:]] == ["我想问一下那个"]


@on_virtual_time
async def test_a_key_stops_us_at_once() -> None:
    async with calling() as scene:
        await asyncio.sleep(2.0)
        pressed = scene.clock.monotonic()
        scene.line.press("0")
        await asyncio.sleep(0.1)
        assert scene.line.flushes[0] - pressed < 0.05


@on_virtual_time
async def test_slow_recognition_is_bridged_by_a_filler() -> None:
    async with calling() as scene:
        scene.recogniser.delay = 4.5
        await scene.until_we_listen()
        scene.starts_saying(QUESTION)
        await asyncio.sleep(1.5 + 0.2)
        ended = scene.clock.monotonic()
        await asyncio.sleep(6.0)
        await scene.until_we_listen()
        fillers = [text for text in scene.said if "我查一下" in text]
        assert len(fillers) == 1
        first = next(each.at for each in scene.line.heard if each.at > ended)
        assert first - ended < 3.0


@on_virtual_time
async def test_a_lost_recogniser_is_one_apology_and_the_call_goes_on() -> None:
    async with calling() as scene:
        await scene.until_we_listen()
        lost = VoicebotError("stt.lost", "worker died", retryable=True)
        scene.recogniser.say(lost)
        scene.line.says(voice(1.5))
        await asyncio.sleep(4.0)
        await scene.until_we_listen()
        assert [text for text in scene.said if "没有听到" in text or "再说一遍" in text]
        await scene.says(QUESTION)
        assert any("补卡" in text for text in scene.said)


@on_virtual_time
async def test_speech_that_a_draft_failed_on_is_recognised_when_the_turn_is_over() -> None:
    async with calling() as scene:
        await scene.until_we_listen()
        scene.recogniser.delay = 0.1
        await scene.says(QUESTION)
        assert any("补卡" in text for text in scene.said)
        kinds = [final for _, final in scene.recogniser.asked]
        assert kinds == [False]


@on_virtual_time
async def test_nothing_is_timed_while_the_caller_holds() -> None:
    async with calling() as scene:
        await scene.until_we_listen()
        scene.line.hold(True)
        await asyncio.sleep(60)
        assert len(scene.said) == 1
        scene.line.hold(False)
        await asyncio.sleep(6)
        assert len(scene.said) == 2


@pytest.mark.parametrize("pause", [0.3, 0.45])
def test_short_pauses_cost_one_turn(pause: float) -> None:
    @on_virtual_time
    async def run() -> None:
        async with calling() as scene:
            await scene.until_we_listen()
            scene.recogniser.say(QUESTION)
            scene.line.says(voice(0.7) + bytes(int(16000 * pause)) + voice(0.7))
            await asyncio.sleep(3.0)
            await scene.until_we_listen()
        assert [turn.said for turn in scene.kept.turns[1:]] == [QUESTION]

    run()
