"""An engine that stalls: the next one speaks, nobody waits twice, and in the end the process is renewed."""

import asyncio
import threading
from typing import ClassVar

import numpy as np
import pytest

from voicebot.adapters.tts.engine import Sound
from voicebot.adapters.tts.local import LocalVoice
from voicebot.adapters.tts.voices import Choir
from voicebot.adapters.tts.worker import SOFTWARE, leave_when_stuck
from voicebot.core.errors import VoicebotError
from voicebot.core.ids import MANDARIN, LanguageTag

pytestmark = pytest.mark.integration

ENGLISH = LanguageTag("en")
LIMIT = 0.1


class Gated:
    """A blocking engine that works only while its gate is open."""

    version = "1"
    languages: ClassVar = {MANDARIN: ""}

    def __init__(self, name: str = "gated") -> None:
        self.name = name
        self.gate = threading.Event()
        self.gate.set()
        self.said: list[str] = []

    def speak(self, text: str, voice: str, rate: float) -> Sound:
        assert self.gate.wait(10)
        self.said.append(text)
        return Sound(np.full(8_000, 0.1, np.float32), 8_000)


async def test_one_clause_waits_for_a_stalled_engine_and_the_others_do_not() -> None:
    engine = Gated()
    voice = LocalVoice(engine, LIMIT)
    engine.gate.clear()
    with pytest.raises(VoicebotError, match=r"tts\.failed.*没有反应"):
        await voice.speak("一", "", 1.0, background=False)
    assert voice.stalled
    async with asyncio.timeout(LIMIT):
        for _ in range(20):
            with pytest.raises(VoicebotError):
                await voice.speak("二", "", 1.0, background=False)
    engine.gate.set()
    while voice.stalled:  # noqa: ASYNC110 - another thread lets go of it
        await asyncio.sleep(0.001)
    assert (await voice.speak("三", "", 1.0, background=False)).samples.size
    assert engine.said == ["一", "三"]
    voice.close()


async def test_a_reply_goes_on_in_the_next_voice_when_the_first_fails_in_its_middle() -> None:
    first, second = Gated("first"), Gated("second")
    voices = {"first": LocalVoice(first, LIMIT), "second": LocalVoice(second, LIMIT)}
    choir = Choir(voices, failures=2, rest=60.0, now=lambda: 0.0)
    by = []
    for number, text in enumerate(("您好，", "请稍等，", "已经登记，", "再见。")):
        if number == 1:
            first.gate.clear()
        made = await choir.render(text, engine="", voice="", rate=1.0, sample_rate=8_000, background=False)
        assert made.audio.seconds > 0.5
        by.append(made.engine)
    assert by == ["first", "second", "second", "second"]
    assert second.said == ["请稍等，", "已经登记，", "再见。"], "no clause is lost or said twice"
    first.gate.set()
    for voice in voices.values():
        voice.close()


async def test_a_language_nobody_speaks_is_refused_for_good() -> None:
    voice = LocalVoice(Gated())
    choir = Choir({"gated": voice}, failures=2, rest=60.0)
    with pytest.raises(VoicebotError, match=r"tts\.language") as refusal:
        await choir.render(
            "Hello.", engine="", voice="", rate=1.0, sample_rate=8_000, background=False, language=ENGLISH
        )
    assert not refusal.value.retryable
    voice.close()


async def test_a_process_whose_engine_does_not_come_back_ends() -> None:
    engine = Gated()
    voice = LocalVoice(engine, LIMIT)
    engine.gate.clear()
    with pytest.raises(VoicebotError):
        await voice.speak("一", "", 1.0, background=False)
    left: list[int] = []
    async with asyncio.timeout(5):
        await leave_when_stuck([voice], stuck=0.5, leave=left.append)
    assert left == [SOFTWARE]
    engine.gate.set()
    voice.close()
