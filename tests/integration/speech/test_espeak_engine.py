"""espeak-ng: the voice of last resort, in Mandarin and English; engines by the languages they speak."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest

from tests.integration.speech.english import english_heard
from voicebot.adapters.tts.engine import Sound
from voicebot.adapters.tts.local import LocalVoice
from voicebot.adapters.tts.options import TtsOptions
from voicebot.adapters.tts.polish import polish
from voicebot.adapters.tts.voices import Choir, load_voices
from voicebot.core.errors import VoicebotError
from voicebot.core.ids import MANDARIN, LanguageTag

pytestmark = pytest.mark.integration
pytest.importorskip("espeakng_loader", reason="espeak-ng is in the extra espeak")

ENGLISH = LanguageTag("en")
FRENCH = LanguageTag("fr")


class Only:
    """Speaks one language, as a hum; remembers the voices it was asked for."""

    name = "only"
    version = "1"

    def __init__(self, language: LanguageTag, voice: str = "") -> None:
        self.languages: Mapping[LanguageTag, str] = {language: voice}
        self.asked: list[str] = []

    def speak(self, text: str, voice: str, rate: float) -> Sound:
        self.asked.append(voice)
        return Sound(np.full(8_000, 0.1, np.float32), 8_000)


async def said_by(choir: Choir, language: LanguageTag, voice: str = "") -> str:
    made = await choir.render(
        "Hello", engine="", voice=voice, rate=1.0, sample_rate=8_000, background=False, language=language
    )
    assert made.audio.seconds > 0.3
    return made.engine


def test_it_speaks_both_languages_at_the_wanted_pace() -> None:
    from voicebot.adapters.tts.espeak import EspeakEngine

    engine = EspeakEngine()
    normal, slow = (polish(engine.speak("请问您要办什么事", "", rate), 8_000) for rate in (1.0, 0.75))
    assert 1.1 < slow.seconds / normal.seconds < 1.6
    assert 0.5 < polish(engine.speak("Please hold the line.", "en-us", 1.0), 8_000).seconds < 3
    assert EspeakEngine().speak("您好", "", 1.0).samples.size, "a second one shares the library"
    with pytest.raises(VoicebotError, match=r"tts\.failed.*nobody"):
        engine.speak("您好", "nobody", 1.0)


def test_its_english_is_understood(whisper_folder: Path) -> None:
    from voicebot.adapters.tts.espeak import EspeakEngine

    chunk = polish(EspeakEngine().speak("Please call the police station.", "en-us", 1.0), 16_000)
    assert "police" in english_heard(whisper_folder, chunk).lower()


async def test_a_clause_goes_to_an_engine_that_speaks_its_language() -> None:
    chinese, english = Only(MANDARIN), Only(ENGLISH, "amy")
    choir = Choir({"a": LocalVoice(chinese), "b": LocalVoice(english)}, failures=2, rest=60)
    assert await said_by(choir, MANDARIN, "xiaobei") == "a"
    assert await said_by(choir, ENGLISH, "xiaobei") == "b"
    assert (chinese.asked, english.asked) == (["xiaobei"], ["amy"])
    with pytest.raises(VoicebotError, match=r"tts\.language.*fr"):
        await said_by(choir, FRENCH)


async def test_by_name_from_the_settings() -> None:
    choir = Choir(load_voices(TtsOptions(engine="espeak", fallbacks=())), failures=2, rest=60)
    assert await said_by(choir, ENGLISH) == "espeak"
    assert await said_by(choir, MANDARIN) == "espeak"
