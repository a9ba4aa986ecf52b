"""The process boundary: a killed worker, one that hangs, one that talks rubbish, too much work."""

import asyncio
import contextlib
import os
import signal
import sys
import threading
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from voicebot.adapters.stt.engine import Decoded
from voicebot.adapters.stt.recogniser import WorkerRecogniser
from voicebot.adapters.stt.service import STREAMS, RecognitionService
from voicebot.adapters.worker.frames import Frame, encode
from voicebot.adapters.worker.link import WorkerLink
from voicebot.adapters.worker.probe import probe
from voicebot.adapters.worker.server import Service, serve
from voicebot.core.audio import AudioChunk, silence
from voicebot.core.errors import VoicebotError
from voicebot.core.ids import CallId
from voicebot.core.utterance import Expect

pytestmark = pytest.mark.integration

CALL = CallId("c1")


@dataclass
class GatedEngine:
    """Says how many bytes it was fed; decodes only while `gate` is open."""

    name: str = "gated"
    model: str = "none"
    note: str = ""
    streaming: bool = False
    gate: threading.Event = field(default_factory=threading.Event)
    decoded: list[int] = field(default_factory=list)
    begun: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))

    def open(self, rate: int) -> "GatedStream":
        return GatedStream(self)


class GatedStream:
    def __init__(self, engine: GatedEngine) -> None:
        self._engine = engine
        self._fed = 0

    def feed(self, pcm: bytes) -> None:
        self._fed += len(pcm)

    def decode(self, expect: Expect, *, final: bool, cancelled: Callable[[], bool]) -> Decoded:
        self._engine.begun.release()
        assert self._engine.gate.wait(10)
        if self._fed == 13 * 2:
            raise RuntimeError("the engine trips over this one")
        self._engine.decoded.append(self._fed)
        return Decoded(str(self._fed), 0.5)

    def reset(self) -> None:
        self._fed = 0

    def close(self) -> None:
        self._fed = -1


@contextlib.asynccontextmanager
async def serving(service: Service, path: Path) -> AsyncIterator[None]:
    async with asyncio.TaskGroup() as group:
        task = group.create_task(serve(service, path))
        try:
            yield
        finally:
            task.cancel()


@pytest.fixture
async def engine() -> AsyncIterator[GatedEngine]:
    engine = GatedEngine()
    engine.gate.set()
    yield engine
    engine.gate.set()


@pytest.fixture
async def recogniser(engine: GatedEngine, tmp_path: Path) -> AsyncIterator[WorkerRecogniser]:
    service = RecognitionService(engine, workers=1, queue=2)
    async with (
        serving(service, tmp_path / "s"),
        WorkerRecogniser(tmp_path / "s", patience=5, timeout=5).running() as recogniser,
    ):
        await recogniser.ready()
        yield recogniser


def sound(samples: int) -> AudioChunk:
    return AudioChunk(bytes(2 * samples), 8_000)


async def test_status_tells_engine_model_and_note(recogniser: WorkerRecogniser) -> None:
    hearing = recogniser.open(CALL, 8_000)
    hearing.feed(sound(10))
    await hearing.transcribe(Expect(), final=True)
    status = recogniser.status()
    assert (status.connected, status.engine, status.model, status.note) == (True, "gated", "none", "")


async def test_a_stale_speculative_decode_is_dropped_and_its_sound_kept(
    recogniser: WorkerRecogniser, engine: GatedEngine
) -> None:
    engine.gate.clear()
    other, mine = recogniser.open(CALL, 8_000), recogniser.open(CALL, 8_000)
    other.feed(sound(5))
    blocking = asyncio.ensure_future(other.transcribe(Expect(), final=True))
    await asyncio.to_thread(engine.begun.acquire, timeout=5)
    mine.feed(sound(10))
    early = asyncio.ensure_future(mine.transcribe(Expect(), final=False))
    await asyncio.sleep(0)
    mine.feed(sound(10))
    final = asyncio.ensure_future(mine.transcribe(Expect(), final=True))
    with pytest.raises(VoicebotError, match=r"stt\.busy"):
        await early
    assert recogniser.backlog() > 0
    engine.gate.set()
    assert (await final).text == "40"
    assert (await blocking).text == "10"
    assert engine.decoded == [10, 40]


async def test_beyond_the_queue_callers_are_refused_at_once(
    recogniser: WorkerRecogniser, engine: GatedEngine
) -> None:
    engine.gate.clear()
    hearings = [recogniser.open(CALL, 8_000) for _ in range(5)]
    for hearing in hearings:
        hearing.feed(sound(4))
    first = asyncio.ensure_future(hearings[0].transcribe(Expect(), final=True))
    await asyncio.to_thread(engine.begun.acquire, timeout=5)
    others = [asyncio.ensure_future(h.transcribe(Expect(), final=True)) for h in hearings[1:]]
    done, _ = await asyncio.wait(others, timeout=5, return_when=asyncio.FIRST_COMPLETED)
    assert done
    engine.gate.set()
    results = await asyncio.gather(first, *others, return_exceptions=True)
    refused = [r for r in results if isinstance(r, VoicebotError)]
    assert [r.code for r in refused] == ["stt.busy"] * 2
    assert all(r.retryable for r in refused)


async def test_one_stream_too_many_costs_only_its_own_answer(recogniser: WorkerRecogniser) -> None:
    hearings = [recogniser.open(CALL, 8_000) for _ in range(STREAMS + 1)]
    for hearing in hearings:
        hearing.feed(sound(1_000))
    for hearing in hearings[:-1]:
        await hearing.transcribe(Expect(), final=True)
    with pytest.raises(VoicebotError, match=r"stt\.failed"):
        await hearings[-1].transcribe(Expect(), final=True)
    assert (await hearings[0].transcribe(Expect(), final=True)).text == "2000"
    hearings[0].close()
    late = recogniser.open(CALL, 8_000)
    late.feed(sound(2))
    assert (await late.transcribe(Expect(), final=True)).text == "4"


async def test_an_engine_that_trips_costs_one_answer(recogniser: WorkerRecogniser) -> None:
    hearing = recogniser.open(CALL, 8_000)
    hearing.feed(sound(13))
    with pytest.raises(VoicebotError, match=r"stt\.failed"):
        await hearing.transcribe(Expect(), final=True)
    hearing.restart()
    hearing.feed(sound(8))
    assert (await hearing.transcribe(Expect(), final=True)).text == "16"


async def test_a_stalled_engine_times_out(engine: GatedEngine, tmp_path: Path) -> None:
    engine.gate.clear()
    service = RecognitionService(engine, workers=1, queue=2)
    async with (
        serving(service, tmp_path / "s"),
        WorkerRecogniser(tmp_path / "s", patience=5, timeout=0.2).running() as recogniser,
    ):
        await recogniser.ready()
        hearing = recogniser.open(CALL, 8_000)
        hearing.feed(sound(4))
        with pytest.raises(VoicebotError, match=r"stt\.failed"):
            await hearing.transcribe(Expect(), final=True)
        engine.gate.set()


async def test_a_successor_takes_over_and_no_word_is_lost(engine: GatedEngine, tmp_path: Path) -> None:
    """The model is changed while two callers speak: one waits for a text, one is in mid sentence."""
    path, retire = tmp_path / "s", asyncio.Event()
    successor = GatedEngine(name="successor")
    successor.gate.set()
    async with (
        WorkerRecogniser(path, patience=5, timeout=5).running() as recogniser,
        asyncio.TaskGroup() as group,
    ):
        old = group.create_task(serve(RecognitionService(engine, workers=1, queue=2), path, retire))
        await recogniser.ready()
        engine.gate.clear()
        asking, speaking = recogniser.open(CALL, 8_000), recogniser.open(CALL, 8_000)
        asking.feed(sound(1_000))
        speaking.feed(sound(2_000))
        asked = asyncio.ensure_future(asking.transcribe(Expect(), final=True))
        await asyncio.to_thread(engine.begun.acquire, timeout=5)
        async with serving(RecognitionService(successor, workers=1, queue=2), path):
            while (await probe(path, 5)) is None or recogniser.status().engine != "successor":
                retire.set()
                await asyncio.sleep(0.01)
            assert not old.done(), "it still owes a text"
            speaking.feed(sound(500))
            heard = await speaking.transcribe(Expect(), final=True)
            assert (heard.engine, heard.text) == ("successor", "5000")
            engine.gate.set()
            assert ((await asked).engine, (await asked).text) == ("gated", "2000")
            await asyncio.wait_for(old, 5)
            asking.restart()
            asking.feed(sound(3))
            assert (await asking.transcribe(Expect(), final=True)).text == "6"


async def test_a_worker_tells_who_it_is_and_a_hung_one_does_not(engine: GatedEngine, tmp_path: Path) -> None:
    assert await probe(tmp_path / "none", 1) is None
    async with serving(RecognitionService(engine, workers=1, queue=2), tmp_path / "s"):
        while (told := await probe(tmp_path / "s", 5)) is None:  # noqa: ASYNC110
            await asyncio.sleep(0)
    assert (told["engine"], told["pid"], told["stuck_s"]) == ("gated", os.getpid(), 0)
    async with await asyncio.start_unix_server(lambda reader, writer: None, str(tmp_path / "deaf")):
        assert await probe(tmp_path / "deaf", 0.1) is None


async def test_a_decode_without_end_is_told(engine: GatedEngine, tmp_path: Path) -> None:
    engine.gate.clear()
    async with (
        serving(RecognitionService(engine, workers=1, queue=2), tmp_path / "s"),
        WorkerRecogniser(tmp_path / "s", patience=5, timeout=5).running() as recogniser,
    ):
        await recogniser.ready()
        hearing = recogniser.open(CALL, 8_000)
        hearing.feed(sound(1_000))
        asked = asyncio.ensure_future(hearing.transcribe(Expect(), final=True))
        await asyncio.to_thread(engine.begun.acquire, timeout=5)
        while not (told := await probe(tmp_path / "s", 5)) or told["stuck_s"] < 0.01:
            pass  # it has only just begun
        engine.gate.set()
        await asked
        after = await probe(tmp_path / "s", 5)
        assert after is not None
        assert (after["stuck_s"], after["decoded"]) == (0, 1)


async def test_a_turn_outlives_the_worker(engine: GatedEngine, tmp_path: Path) -> None:
    path = tmp_path / "s"
    async with WorkerRecogniser(path, patience=5, timeout=5).running() as recogniser:
        hearing = recogniser.open(CALL, 8_000)
        hearing.feed(sound(6))
        async with serving(RecognitionService(engine, workers=1, queue=2), path):
            await recogniser.ready()
            hearing.feed(sound(4))
            assert (await hearing.transcribe(Expect(), final=False)).text == "20"
        async with serving(RecognitionService(engine, workers=1, queue=2), path):
            hearing.feed(sound(2))
            while True:
                try:
                    heard = await hearing.transcribe(Expect(), final=True)
                    break
                except VoicebotError as error:
                    if error.code != "stt.lost":
                        raise
            assert heard.text == "24"


async def test_no_worker_is_stt_lost_and_retryable(tmp_path: Path) -> None:
    async with WorkerRecogniser(tmp_path / "none", patience=0.1).running() as recogniser:
        hearing = recogniser.open(CALL, 8_000)
        hearing.feed(sound(6))
        with pytest.raises(VoicebotError, match=r"stt\.lost") as lost:
            await hearing.transcribe(Expect(), final=True)
        assert lost.value.retryable
        assert not recogniser.status().connected


@pytest.mark.parametrize(
    "rubbish", [b"rubbish\n", encode(Frame({"op": "dance"})), encode(Frame({"op": "feed"}))]
)
async def test_a_client_that_talks_rubbish_is_cut_off_and_others_go_on(
    recogniser: WorkerRecogniser, tmp_path: Path, rubbish: bytes
) -> None:
    reader, writer = await asyncio.open_unix_connection(str(tmp_path / "s"))
    writer.write(rubbish)
    while await reader.read(65536):
        pass
    writer.close()
    await writer.wait_closed()
    hearing = recogniser.open(CALL, 8_000)
    hearing.feed(sound(3))
    assert (await hearing.transcribe(Expect(), final=True)).text == "6"


async def test_a_worker_that_talks_rubbish_is_stt_lost(tmp_path: Path) -> None:
    async def babble(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(10)
        writer.write(b"\x00\x01\x02\n")
        await reader.read()
        writer.close()

    async with await asyncio.start_unix_server(babble, str(tmp_path / "s")):
        link = WorkerLink(tmp_path / "s", "stt", patience=0.5)
        async with link.running():
            with pytest.raises(VoicebotError, match=r"stt\.lost"):
                await link.request({"op": "status"}, timeout=5)


async def test_a_killed_worker_process_fails_its_requests_and_its_successor_serves(
    whisper_folder: Path, tmp_path: Path
) -> None:
    path = tmp_path / "run" / "stt.sock"

    async def start() -> asyncio.subprocess.Process:
        return await asyncio.create_subprocess_exec(
            sys.executable, "-m", "voicebot.adapters.worker", "stt", str(path),
            "--models", str(whisper_folder.parent),
        )  # fmt: skip

    process = await start()
    try:
        async with WorkerRecogniser(path, patience=60, timeout=20).running() as recogniser:
            await recogniser.ready()
            assert recogniser.status().note == "fallback, not Vosk"
            hearing = recogniser.open(CALL, 8_000)
            hearing.feed(AudioChunk(b"\x10\x27\xf0\xd8" * 8_000, 8_000))
            asked = asyncio.ensure_future(hearing.transcribe(Expect(), final=True))
            await asyncio.sleep(0)
            process.send_signal(signal.SIGKILL)
            with pytest.raises(VoicebotError, match=r"stt\.lost"):
                await asked
            await process.wait()
            process = await start()
            assert (await hearing.transcribe(Expect(), final=True)).engine == "whisper-base"
    finally:
        process.terminate()
        await process.wait()


async def test_a_socket_path_that_is_too_long_is_a_clear_error(engine: GatedEngine, tmp_path: Path) -> None:
    service = RecognitionService(engine, workers=1, queue=2)
    with pytest.raises(VoicebotError, match=r"worker\.socket"):
        await serve(service, tmp_path / ("x" * 120) / "s")


async def test_without_a_model_the_worker_says_so_and_ends(tmp_path: Path) -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "voicebot.adapters.worker", "stt", str(tmp_path / "s"),
        "--models", str(tmp_path), stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    _, errors = await process.communicate()
    assert process.returncode == 1
    assert b"model.missing" in errors
    assert b"voicebot models pull" in errors
    assert b"Traceback" not in errors


async def test_silence_needs_no_worker() -> None:
    hearing = WorkerRecogniser(Path("nowhere")).open(CALL, 8_000)
    assert (await hearing.transcribe(Expect(), final=True)).text == ""
    with pytest.raises(ValueError, match="8000"):
        hearing.feed(silence(0.1, 16_000))
