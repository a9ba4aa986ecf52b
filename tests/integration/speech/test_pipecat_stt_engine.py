"""The bridge to pipecat's speech-to-text services: small ones of both kinds, and pipecat's own Whisper."""

import contextlib
import importlib.util
import os
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.peers.pipecat_services import SegmentStt
from tests.peers.tones import tones
from voicebot.adapters.stt.options import PipecatSttOptions, SttOptions
from voicebot.adapters.stt.pipecat_service import LiveTurn, PipecatEngine, WholeTurn
from voicebot.adapters.stt.worker import load_engine
from voicebot.core.audio import AudioChunk, silence
from voicebot.core.errors import VoicebotError
from voicebot.core.utterance import Expect

pytestmark = pytest.mark.integration

SEGMENT = "tests.peers.pipecat_services.SegmentStt"
STREAM = "tests.peers.pipecat_services.StreamingStt"


@contextlib.contextmanager
def engine_of(service: str, answer: float = 4.0, **options: Any) -> Iterator[PipecatEngine]:
    engine = PipecatEngine(PipecatSttOptions(service, options, allow_remote=True, answer=answer, settle=0.1))
    try:
        yield engine
    finally:
        engine.close()


def say(turn: LiveTurn | WholeTurn, chunk: AudioChunk) -> None:
    for at in range(0, len(chunk.pcm), 640):
        turn.feed(chunk.pcm[at : at + 640])


def text_of(turn: LiveTurn | WholeTurn, *, final: bool = True) -> str:
    return turn.decode(Expect(), final=final, cancelled=lambda: False).text


KINDS: list[tuple[str, Mapping[str, Any]]] = [(SEGMENT, {}), (STREAM, {}), (STREAM, {"marks": False})]


@pytest.mark.parametrize(("service", "options"), KINDS)
@pytest.mark.parametrize("rate", [8_000, 16_000])
def test_it_hears_one_turn_after_the_other(service: str, options: Mapping[str, Any], rate: int) -> None:
    with engine_of(service, **options) as engine:
        turn = engine.open(rate)
        say(turn, tones("路坏了", rate))
        assert text_of(turn) == "路坏了"
        turn.reset()
        say(turn, tones("坏了", rate))
        assert text_of(turn) == "坏了"
        turn.close()


@pytest.mark.parametrize(("service", "options"), KINDS)
def test_a_caller_who_goes_on_is_heard_as_one_turn(service: str, options: Mapping[str, Any]) -> None:
    with engine_of(service, **options) as engine:
        turn = engine.open(8_000)
        say(turn, tones("路", 8_000))
        assert text_of(turn) == "路"
        say(turn, tones("坏了", 8_000))
        assert text_of(turn) == "路坏了"


def test_a_service_for_whole_utterances_is_shared_and_finds_no_words_in_silence() -> None:
    before = SegmentStt.made
    with engine_of(SEGMENT) as engine:
        assert not engine.streaming
        turns = [engine.open(8_000) for _ in range(5)]
        for turn, text in zip(turns, ("路", "坏", "了", "路了", "了路"), strict=True):
            say(turn, tones(text, 8_000))
        assert [text_of(turn) for turn in turns] == ["路", "坏", "了", "路了", "了路"]
        noise = engine.open(8_000)
        noise.feed(b"\x40\x01\xc0\xfe" * 8_000)  # a hiss, not silence
        assert text_of(noise) == ""
        quiet = engine.open(8_000)
        say(quiet, silence(1, 8_000))
        assert text_of(quiet) == ""
    assert SegmentStt.made == before + 1


def test_a_streaming_service_writes_while_it_is_fed() -> None:
    with engine_of(STREAM) as engine:
        assert engine.streaming
        turn = engine.open(8_000)
        say(turn, tones("路坏了", 8_000))
        deadline = time.monotonic() + 5
        while not (early := text_of(turn, final=False)) and time.monotonic() < deadline:
            pass
        assert early
        assert "路坏了".startswith(early)
        assert text_of(turn) == "路坏了"


@pytest.mark.parametrize(
    ("trouble", "said"), [("error", "the API said no"), ("raise", "tripped"), ("hang", "没有回答")]
)
def test_its_errors_are_ours_with_the_cause_and_the_next_turn_is_heard(trouble: str, said: str) -> None:
    with engine_of(SEGMENT, answer=0.5, trouble=trouble) as engine:
        turn = engine.open(8_000)
        say(turn, tones("坏", 8_000))
        with pytest.raises(VoicebotError, match=rf"stt\.failed.*{said}") as failed:
            text_of(turn)
        assert failed.value.retryable
        assert (failed.value.__cause__ is None) is (trouble == "hang")
        turn.reset()
        say(turn, tones("路", 8_000))
        assert text_of(turn) == "路"


def test_a_streaming_service_that_says_nothing_is_an_error_in_time() -> None:
    with engine_of(STREAM, answer=0.5, mute=True) as engine:
        turn = engine.open(8_000)
        say(turn, tones("坏", 8_000))
        with pytest.raises(VoicebotError, match=r"stt\.failed.*没有回答"):
            text_of(turn)


REFUSED: list[tuple[PipecatSttOptions, str]] = [
    (PipecatSttOptions("no.such.Module", allow_remote=True), r"stt\.missing.*no.*stt\.pipecat\.service"),
    (PipecatSttOptions("tests.peers.pipecat_services.Nobody", allow_remote=True), r"stt\.options.*没有"),
    (
        PipecatSttOptions("tests.peers.pipecat_services.NotAService", allow_remote=True),
        r"不是 STTService 的子类",
    ),
    (PipecatSttOptions(SEGMENT, {"trouble": "refuse"}, allow_remote=True), r"stt\.options.*no such trouble"),
    (PipecatSttOptions(SEGMENT, {"settings": {"volume": 3}}, allow_remote=True), r"stt\.options.*volume"),
    (
        PipecatSttOptions(SEGMENT, {"key": "env:NOT_SET_ANYWHERE"}, allow_remote=True),
        r"NOT_SET_ANYWHERE 没有设置",
    ),
    (PipecatSttOptions(SEGMENT), r"stt\.remote.*stt\.pipecat\.allow_remote"),
    (PipecatSttOptions("pipecat.services.openai.stt.OpenAISTTService"), r"stt\.remote"),
]


@pytest.mark.parametrize(("options", "said"), REFUSED)
def test_what_cannot_work_is_refused_at_start(options: PipecatSttOptions, said: str) -> None:
    with pytest.raises(VoicebotError, match=said):
        PipecatEngine(options)


def test_keys_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TONE_KEY", "secret")
    made: list[str] = []
    original = SegmentStt.__init__

    def spying(self: SegmentStt, **kwargs: Any) -> None:
        made.append(kwargs["key"])
        original(self, **kwargs)

    monkeypatch.setattr(SegmentStt, "__init__", spying)
    with engine_of(SEGMENT, key="env:TONE_KEY"):
        assert made == ["secret"]
    assert os.environ["TONE_KEY"] == "secret"


def test_the_settings_choose_it() -> None:
    options = PipecatSttOptions(SEGMENT, allow_remote=True)
    engine = load_engine(SttOptions(engine="pipecat", pipecat=options))
    assert isinstance(engine, PipecatEngine)
    assert (engine.name, engine.model) == ("pipecat", "SegmentStt")
    engine.close()


@pytest.mark.skipif(
    importlib.util.find_spec("faster_whisper") is None, reason="faster-whisper is not installed"
)
def test_pipecats_own_whisper_hears_a_caller(
    whisper_folder: Path, caller_says: Callable[[str], AudioChunk]
) -> None:
    options = {
        "device": "cpu",
        "compute_type": "int8",
        "settings": {"model": str(whisper_folder), "language": "zh"},
    }
    service = "pipecat.services.whisper.stt.WhisperSTTService"
    engine = PipecatEngine(PipecatSttOptions(service, options, answer=30))
    turn = engine.open(8_000)
    say(turn, caller_says("社保卡丢了怎么补办"))
    assert set("社保卡") & set(text_of(turn))
    engine.close()
