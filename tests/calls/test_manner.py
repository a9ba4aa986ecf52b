"""A manner and a language reach the voice, the recogniser and the waits of a whole call."""

import asyncio

from tests.calls.kit import Scene, calling, until, voice
from tests.virtual_time import on_virtual_time
from voicebot.calls.options import SeatOptions
from voicebot.core.handover import HandoverOutcome

QUESTION = "社保卡丢了怎么补办"


def voices(scene: Scene, part: str) -> set[tuple[float, str]]:
    """(rate, language) of every clause with `part` in it."""
    pairs = zip(scene.synthesizer.said, scene.synthesizer.voices, strict=True)
    return {(voice.rate, voice.language) for text, voice in pairs if part in text}


async def silence_until_a_word(scene: Scene) -> float:
    """Seconds from the end of our speech to our next words, the caller being silent."""
    began, said = scene.clock.monotonic(), len(scene.said)
    await until(lambda: len(scene.said) > said)
    return scene.clock.monotonic() - began


@on_virtual_time
async def test_a_patient_call_speaks_slowly_and_waits_longer() -> None:
    async with calling() as scene:
        await scene.until_we_listen()
        await scene.says("说慢一点", 0.8)
        assert {rate for rate, _ in voices(scene, "我说慢一点")} == {0.8}
        assert await silence_until_a_word(scene) > 7.5
        await scene.until_we_listen()
        await scene.says("正常语速", 0.8)
        assert await silence_until_a_word(scene) < 6.0
    assert {rate for rate, _ in voices(scene, "正常语速")} == {1.0}


@on_virtual_time
async def test_a_patient_call_lets_the_caller_pause_longer() -> None:
    waits = []
    for first in (QUESTION, "说慢一点"):
        async with calling() as scene:
            await scene.until_we_listen()
            await scene.says(first, 1.0)
            scene.starts_saying(QUESTION, 1.2)
            await asyncio.sleep(1.2)
            ended, before = scene.clock.monotonic(), len(scene.line.states)
            await until(lambda line=scene.line, n=before: "thinking" in line.states[n:])  # type: ignore[misc]
            waits.append(scene.clock.monotonic() - ended)
    assert waits[1] > waits[0] + 0.2


async def says_word_by_word(scene: Scene, seconds: float) -> None:
    """The question in so many seconds, with a breath after each half second of it."""
    scene.recogniser.say(QUESTION)
    word = voice(0.35) + bytes(2 * int(0.15 * scene.line.info.rate))
    scene.line.says(word * round(seconds / 0.5))
    await asyncio.sleep(seconds + 1.5)
    await scene.until_we_listen()


@on_virtual_time
async def test_slow_callers_are_noticed_by_the_measured_tempo() -> None:
    for seconds, noticed in ((5.0, True), (2.5, False)):  # nine syllables
        async with calling() as scene:
            await scene.until_we_listen()
            for _ in range(2):
                await says_word_by_word(scene, seconds)
            assert any("我说慢一点" in text for text in scene.said) is noticed


@on_virtual_time
async def test_english_is_spoken_and_awaited() -> None:
    seats = SeatOptions({"外语/en": "sip:english", "外语": "sip:foreign", "*": "sip:seat"})
    async with calling(seats=seats) as scene:
        scene.dialer.outcome = HandoverOutcome.NO_ANSWER
        await scene.until_we_listen()
        await scene.says("English", 0.8)
        await until(lambda: any("May we call you back" in text for text in scene.said))
        assert [target for target, _ in scene.dialer.dialled] == ["sip:english"]
        assert voices(scene, "Please hold") == {(1.0, "en")}
        await scene.until_we_listen()
        scene.recogniser.delay = 2.5
        scene.starts_saying("对", 0.8)
        await scene.ends()
        assert {"One moment please.", "I'm working on it. One moment please."} & set(scene.said)
        expected, _ = scene.recogniser.asked[-1]
        assert expected.language == "en"
        assert expected.choices
        (ticket,) = scene.store.tickets.values()
        assert "英语" in ticket.content
        assert "Goodbye" in scene.said[-1]
