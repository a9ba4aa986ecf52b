"""Kokoro as a voice of ours: understood, slower when asked, honest when something is missing."""

import sys
from pathlib import Path

import pytest

from tests.integration.speech.conftest import model_folder
from tests.integration.speech.scoring import syllable_error
from voicebot.adapters.models.manifest import KOKORO
from voicebot.adapters.stt.whisper import WhisperEngine
from voicebot.adapters.tts.kokoro import KokoroEngine
from voicebot.adapters.tts.polish import polish
from voicebot.adapters.tts.voices import VERSIONS
from voicebot.core.errors import VoicebotError
from voicebot.core.utterance import Expect
from voicebot.speech.verbalise import verbalise

pytestmark = pytest.mark.integration
pytest.importorskip("misaki.zh", reason="misaki reads hanzi for Kokoro; it is in the extra kokoro")

SENTENCE = "社保卡丢失后，请带身份证到就近的社保网点办理补卡。"


@pytest.fixture(scope="module")
def engine() -> KokoroEngine:
    return KokoroEngine(model_folder(KOKORO), threads=2)


def test_it_is_understood(engine: KokoroEngine, whisper_folder: Path) -> None:
    stream = WhisperEngine(whisper_folder).open(16_000)
    stream.feed(polish(engine.speak(verbalise(SENTENCE), "", 1.0), 16_000).pcm)
    heard = stream.decode(Expect(), final=True, cancelled=lambda: False)
    assert syllable_error(verbalise(SENTENCE), verbalise(heard.text)) < 0.15


def test_slower_takes_longer_and_other_voices_are_other_voices(engine: KokoroEngine) -> None:
    normal = polish(engine.speak("请稍等", "", 1.0), 8_000)
    slow = polish(engine.speak("请稍等", "", 0.75), 8_000)
    man = polish(engine.speak("请稍等", "zm_yunxi", 1.0), 8_000)
    assert 1.1 < slow.seconds / normal.seconds < 1.7
    assert man.pcm != normal.pcm
    with pytest.raises(VoicebotError, match=r"tts\.failed"):
        engine.speak("请稍等", "nobody", 1.0)


def test_nothing_to_say_is_no_sound_and_its_version_is_known(engine: KokoroEngine) -> None:
    assert engine.speak("", "", 1.0).samples.size == 0
    assert VERSIONS["kokoro"] == engine.version


def test_without_its_package_the_remedy_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "misaki.zh", None)
    with pytest.raises(VoicebotError, match=r"tts\.missing.*pip install"):
        KokoroEngine(model_folder(KOKORO))
