"""Our voice: what was heard, where it resumes, how it ducks, how it pauses. On virtual time."""

import asyncio
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pytest

from tests.calls.kit import until
from tests.fakes.line import FakeLine
from tests.fakes.speech import FakeSynthesizer
from tests.virtual_time import SHANGHAI_MORNING, VirtualClock, on_virtual_time
from voicebot.calls.options import CallOptions
from voicebot.calls.sound import level
from voicebot.calls.speaker import CHUNK, Speaker
from voicebot.core.audio import AudioChunk
from voicebot.core.errors import VoicebotError
from voicebot.core.ids import LanguageTag

TEXT = "社保卡丢失以后，请带身份证到网点，当场就可以补办。"
FIRST, SECOND, THIRD = "社保卡丢失以后，", "请带身份证到网点，", "当场就可以补办。"


@dataclass
class Ear:
    """Implements `Listener`."""

    failures: list[str] = field(default_factory=list)
    spoken: list[bool] = field(default_factory=list)

    def speaking(self, on: bool, interruptible: bool) -> None:
        self.spoken.append(on)

    def sent(self, chunk: AudioChunk, dbfs: float) -> None:
        pass

    def voice_failed(self, error: VoicebotError) -> None:
        self.failures.append(error.code)


@dataclass
class Stage:
    clock: VirtualClock
    line: FakeLine
    voice: FakeSynthesizer
    ear: Ear
    speaker: Speaker

    async def quiet(self) -> None:
        await until(lambda: not self.speaker.busy)

    def said(self) -> np.ndarray[Any, np.dtype[np.int16]]:
        return np.frombuffer(self.line.heard_pcm(), "<i2")


@asynccontextmanager
async def stage() -> AsyncIterator[Stage]:
    clock = VirtualClock(SHANGHAI_MORNING)
    line, voice, ear = FakeLine(clock), FakeSynthesizer(), Ear()
    await line.answer()
    async with asyncio.TaskGroup() as group:

        def spawn(work: Coroutine[Any, Any, Any]) -> asyncio.Task[Any]:
            return group.create_task(work)

        speaker = Speaker(line, voice, CallOptions(), clock, spawn, ear)
        running = spawn(speaker.run())
        try:
            yield Stage(clock, line, voice, ear, speaker)
        finally:
            running.cancel()


@on_virtual_time
async def test_all_that_was_said_was_heard() -> None:
    async with stage() as on:
        await on.speaker.say(TEXT)
        await on.quiet()
        assert on.speaker.take_heard() == TEXT
        assert on.ear.spoken == [True, False]


@on_virtual_time
async def test_after_a_false_stop_it_goes_on_from_the_clause_it_was_cut_in() -> None:
    async with stage() as on:
        await on.speaker.say(TEXT)
        await asyncio.sleep(2.6)  # 1.4 s of the first and its pause, 1.05 s of the second
        await on.speaker.stop()
        heard = on.speaker.take_heard()
        assert heard.startswith(FIRST + SECOND[:4])
        assert len(heard) < len(FIRST + SECOND)
        on.speaker.resume()
        await on.quiet()
        assert on.speaker.take_heard() == SECOND + THIRD


@on_virtual_time
async def test_a_stop_between_clauses_repeats_nothing() -> None:
    async with stage() as on:
        await on.speaker.say(TEXT)
        await asyncio.sleep(1.4 + 0.1)
        await on.speaker.stop()
        assert on.speaker.take_heard() == FIRST
        on.speaker.resume()
        await on.quiet()
        assert on.speaker.take_heard() == SECOND + THIRD


@on_virtual_time
async def test_what_was_cut_off_is_forgotten_when_something_else_is_said() -> None:
    async with stage() as on:
        await on.speaker.say(TEXT)
        await asyncio.sleep(0.5)
        await on.speaker.stop()
        on.speaker.take_heard()
        on.speaker.forget()
        on.speaker.resume()
        await on.speaker.say("好的，请说。")
        await on.quiet()
        assert on.speaker.take_heard() == "好的，请说。"


@on_virtual_time
async def test_ducking_is_twelve_decibels_within_a_packet_and_does_not_click() -> None:
    async with stage() as on:
        await on.speaker.say(TEXT)
        await asyncio.sleep(0.5)
        before, at = on.line.heard[-1], on.clock.monotonic()
        on.speaker.duck(True)
        await asyncio.sleep(0.3)
        after = [each for each in on.line.heard if each.at > before.at]
        ducked = next(each for each in after if level(each.chunk) <= level(before.chunk) - 12)
        assert ducked.at - (before.at + CHUNK) <= CHUNK + 1e-6, "one packet of ramp"
        assert before.at - at < 0.1, "no more than the line's lead is out already"
        on.speaker.duck(False)
        await asyncio.sleep(0.2)
        assert level(on.line.heard[-1].chunk) == pytest.approx(level(before.chunk), abs=0.5)
        samples = on.said().astype(float) / 32768
        assert np.abs(np.diff(samples[400:])).max() < 0.03, "steps are those of the tone itself"


@on_virtual_time
async def test_the_fixed_part_plays_while_the_rest_is_made() -> None:
    async with stage() as on:
        on.voice.ahead = {"已经登记在案，"}
        on.voice.delay = 1.2
        began = on.clock.monotonic()
        await on.speaker.say("已经登记在案，工单号20261124000072，请您记下来。")
        await on.quiet()
        assert on.line.heard[0].at - began < 0.05
        assert on.voice.said[0] == "已经登记在案，"
        edges = [each.at + each.chunk.seconds for each in on.line.heard]
        gaps = [later.at - edge for edge, later in zip(edges, on.line.heard[1:], strict=False)]
        assert max(gaps) < 1e-6, "one unbroken stream, pauses included"


@on_virtual_time
async def test_pauses_grow_more_than_words_in_slow_speech() -> None:
    async def silences(rate: float) -> float:
        async with stage() as on:
            on.speaker.settings = replace(on.speaker.settings, rate=rate)
            await on.speaker.say(TEXT)
            await on.quiet()
            zero = "".join("0" if sample == 0 else "1" for sample in on.said())
            return sum(len(run) for run in zero.split("1") if len(run) > 80) / 8000

    usual, slow = await silences(1.0), await silences(0.75)
    assert slow / usual == pytest.approx(1 / 0.75**2, rel=0.1)


@on_virtual_time
async def test_a_language_nobody_speaks_is_passed_over_without_an_apology() -> None:
    async with stage() as on:
        on.voice.failing = {"English"}
        on.voice.code = "tts.language"
        await on.speaker.say("按1，普通话。")
        await on.speaker.say("For English, press 9.", language=LanguageTag("en"))
        await on.quiet()
        assert on.speaker.take_heard() == "按一，普通话。"
        assert on.ear.failures == ["tts.language"]
