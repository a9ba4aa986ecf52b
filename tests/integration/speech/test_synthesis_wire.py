"""What a clause is asked for reaches the engines in the synthesis process."""

import asyncio
from pathlib import Path

import numpy as np
import pytest

from tests.integration.speech.test_worker import serving
from voicebot.adapters.tts.cache import CachedSynthesizer, DiskCache
from voicebot.adapters.tts.engine import Sound
from voicebot.adapters.tts.service import SynthesisService
from voicebot.adapters.tts.synthesizer import WorkerSynthesizer
from voicebot.adapters.tts.voices import Choir, Voice
from voicebot.core.errors import VoicebotError
from voicebot.core.ids import MANDARIN, LanguageTag
from voicebot.speech.ports import VoiceSettings

pytestmark = pytest.mark.integration

ENGLISH = LanguageTag("en")


class Noted:
    """A voice that notes what it said, in which voice and how fast."""

    def __init__(self, languages: dict[LanguageTag, str], *, remote: bool = False) -> None:
        self.languages = languages
        self.remote = remote
        self.said: list[tuple[str, str, float]] = []

    async def speak(self, text: str, voice: str, rate: float, *, background: bool) -> Sound:
        self.said.append((text, voice, rate))
        return Sound(np.full(8_000, 0.1, np.float32), 8_000)


async def test_language_pace_and_publicity(tmp_path: Path) -> None:
    far = Noted({MANDARIN: "", ENGLISH: "aria"}, remote=True)
    near = Noted({MANDARIN: ""})
    voices: dict[str, Voice] = {"far": far, "near": near}
    async with asyncio.TaskGroup() as group:
        choir = Choir(voices, failures=2, rest=60.0)
        service = SynthesisService(choir, group, queue=8, engines=("far", "near"))
        socket = tmp_path / "tts.sock"
        async with serving(service, socket), WorkerSynthesizer(socket).running() as link:
            fixed = {"您好，", "Hello."}.__contains__
            voice = CachedSynthesizer(link, DiskCache(tmp_path / "c", 10**6), engine="far", fixed=fixed)
            await voice.synthesise("您好，", VoiceSettings())
            await voice.synthesise("张三，", VoiceSettings(rate=0.75))
            await voice.synthesise("Hello.", VoiceSettings(language=ENGLISH))
            with pytest.raises(VoicebotError, match=r"tts\.failed"):
                await voice.synthesise("Mr. Smith.", VoiceSettings(language=ENGLISH))
            with pytest.raises(VoicebotError, match=r"tts\.language"):
                await voice.synthesise("Bonjour.", VoiceSettings(language=LanguageTag("fr")))
    assert far.said == [("您好，", "", 1.0), ("Hello.", "aria", 1.0)]
    assert near.said == [("张三，", "", 0.75)]


class Stubborn(Noted):
    """One that never comes to an end."""

    async def speak(self, text: str, voice: str, rate: float, *, background: bool) -> Sound:
        await super().speak(text, voice, rate, background=background)
        await asyncio.Event().wait()
        raise AssertionError


async def test_a_clause_nobody_waits_for_any_more_is_called_off(tmp_path: Path) -> None:
    stubborn = Stubborn({MANDARIN: ""})
    async with asyncio.timeout(5), asyncio.TaskGroup() as group:  # ends with the clause's task
        choir = Choir({"stubborn": stubborn}, failures=2, rest=60.0)
        service = SynthesisService(choir, group, queue=8, engines=("stubborn",))
        socket = tmp_path / "tts.sock"
        async with serving(service, socket), WorkerSynthesizer(socket, timeout=0.3).running() as link:
            with pytest.raises(VoicebotError, match=r"tts\.failed.*没有回答"):
                await link.synthesise("您好，", VoiceSettings())
            assert stubborn.said
