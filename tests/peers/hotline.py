"""The whole hotline as a child process: `voicebot serve` with real parts on free ports of loopback.

    with Hotline(folder) as hotline:                # ready for calls
        async with hotline.api() as api: await api.calls()
        hotline.part_pid("line"), hotline.rss("line"), hotline.log()
    # SIGTERM, exit code 0, no process left

A test folder shares one through the session fixture `running_hotline`; import it in a conftest.
"""

import asyncio
import contextlib
import json
import os
import re
import select
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

import httpx
import pytest

from tests.peers.ports import free_port
from voicebot.adapters.models.select import choose_recognition
from voicebot.adapters.models.store import ModelStore
from voicebot.adapters.stt.recogniser import WorkerRecogniser
from voicebot.core.audio import AudioChunk
from voicebot.core.errors import VoicebotError
from voicebot.core.ids import CallId
from voicebot.core.utterance import Expect

ROOT: Final = Path(__file__).parents[2]
MODELS: Final = ROOT / "data" / "models"
VOICEBOT: Final = (str(Path(sys.executable).with_name("voicebot")),)
PARTS: Final = ("line", "web", "recognition", "synthesis", "bus")
CONTENT: Final = ("ivr_flows", "knowledge_base")
PASSWORD: Final = "e2e-only-12345"
START_WITHIN: Final = 90.0
STOP_WITHIN: Final = 60.0
RING: Final = 6.0
"""Seconds that the seat is rung."""


async def eventually(condition: Callable[[], bool], seconds: float = 20.0) -> None:
    """Waits for what no event tells of; TimeoutError after `seconds`."""
    async with asyncio.timeout(seconds):
        while not condition():  # noqa: ASYNC110
            await asyncio.sleep(0.05)


class Api:
    """`/api/v1` with a token of the administrator."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self.client = client

    async def get(self, path: str) -> Any:
        answer = await self.client.get(path)
        answer.raise_for_status()
        return answer.json()

    async def calls(self) -> list[dict[str, Any]]:
        """Newest first, at most 200."""
        return list((await self.get("/api/v1/calls?limit=200"))["items"])

    async def ended_call(self, caller: str, seconds: float = 20.0) -> dict[str, Any]:
        """The newest call of `caller`, with turns, once it is over."""
        async with asyncio.timeout(seconds):
            while True:
                mine = [call for call in await self.calls() if _is_of(call["caller"], caller)]
                if mine and mine[0]["ended"]:
                    return dict(await self.get(f"/api/v1/calls/{mine[0]['call_id']}"))
                await asyncio.sleep(0.1)

    async def newest_call(self, channel: str) -> dict[str, Any] | None:
        """Without turns."""
        return next((call for call in await self.calls() if call["channel"] == channel), None)

    async def tickets(self) -> list[dict[str, Any]]:
        """Newest first."""
        return list((await self.get("/api/v1/tickets?limit=200"))["items"])

    async def part(self, name: str) -> dict[str, Any]:
        """What ``/readyz`` says of a part."""
        parts = (await self.client.get("/readyz")).json()["parts"]
        return dict(next(part for part in parts if part["name"] == name))


def _is_of(mask: str, number: str) -> bool:
    return mask.startswith(number[:3]) and mask.endswith(number[-4:])


def told(call: dict[str, Any]) -> str:
    """The turns of a call, one a line, to be shown by a failing test."""
    return "\n".join(
        f"{turn['index']} {turn['started_ms']}-{turn['ended_ms']}→{turn['replied_ms']} ms"
        f" {turn['transcript'] or turn['keys']!r} {turn['meaning']} {turn['action']} {turn['article'] or ''}"
        f" {turn['reply']!r}{' (cut)' if turn['interrupted'] else ''}"
        for turn in call["turns"]
    )


class Hotline:
    """`voicebot serve`, its data in `folder`.

    Args:
        changes: environment variables that win over the defaults below.
    """

    def __init__(self, folder: Path, **changes: str) -> None:
        self.data = folder / "data"
        self.content = folder / "content"
        self.sip_port, self.http_port, self.https_port, self.line_port = (free_port() for _ in range(4))
        self.seat_port = free_port()
        self._log = folder / "serve.log"
        first = 20_000 + os.getpid() % 24 * 400  # below the ports that the system gives to others
        self.environment = {
            **os.environ,
            "VOICEBOT_DATA": str(self.data),
            "VOICEBOT_STT__MODELS": str(MODELS),
            "VOICEBOT_TTS__MODELS": str(MODELS),
            "VOICEBOT_CONTENT__ROOT": str(self.content),
            "VOICEBOT_CONTENT__WATCH": "0.5",
            "VOICEBOT_SIP__LISTEN": f"127.0.0.1:{self.sip_port}",
            "VOICEBOT_SIP__RTP_PORTS": json.dumps([first, first + 398]),
            "VOICEBOT_HTTP__HOST": "127.0.0.1",
            "VOICEBOT_HTTP__PORT": str(self.http_port),
            "VOICEBOT_HTTP__HTTPS_PORT": str(self.https_port),
            "VOICEBOT_HTTP__LINE_PORT": str(self.line_port),
            "VOICEBOT_ADMIN_PASSWORD": PASSWORD,
            "VOICEBOT_SEAT__SEATS": json.dumps({"*": f"sip:8001@127.0.0.1:{self.seat_port}"}),
            "VOICEBOT_SEAT__RING": str(RING),
            # a tape tells an answer from a filler only by its words: the listener need not guess
            "VOICEBOT_CALL__FILLER_AFTER": "20",
            "VOICEBOT_DRAIN": "30",
            # fixed sentences are kept from run to run: each hotline would render them all anew
            "VOICEBOT_TTS__CACHE": str(ROOT / "data" / "cache" / "test-speech"),
            **changes,
        }
        self._process: subprocess.Popen[bytes] | None = None
        self._token = ""

    # ── life ────────────────────────────────────────────────────────────────────────────────

    def __enter__(self) -> Self:
        self.lay_out()
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(
                [*VOICEBOT, "serve"], cwd=ROOT, env=self.environment, stdout=log, stderr=subprocess.STDOUT
            )
        try:
            self._until_ready()
            self._token = self._command("account", "token", "admin", "--data", str(self.data)).strip()
        except BaseException:
            self._process.kill()  # its parts end with it
            self._process.wait()
            raise
        return self

    def lay_out(self) -> None:
        """Makes its folders, with a copy of flows and knowledge that a test may change."""
        self.data.mkdir(parents=True, exist_ok=True)
        for name in CONTENT:
            shutil.copytree(ROOT / name, self.content / name, dirs_exist_ok=True)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self.process.poll() is None:
            self.stop()

    def stop(self) -> None:
        """SIGTERM; everything ends, in order."""
        handles = [os.pidfd_open(self.part_pid(part)) for part in PARTS]
        try:
            self.terminate()
            assert self.process.wait(STOP_WITHIN) == 0, self.log()
            for name, handle in zip(PARTS, handles, strict=True):
                assert select.select([handle], [], [], 5)[0], f"{name} lives on"
        finally:
            for handle in handles:
                os.close(handle)
            if self.process.poll() is None:
                self.process.kill()
                self.process.wait()

    def terminate(self) -> None:
        self.process.send_signal(signal.SIGTERM)

    @property
    def process(self) -> subprocess.Popen[bytes]:
        assert self._process is not None
        return self._process

    def _until_ready(self) -> None:
        limit = time.monotonic() + START_WITHIN
        while time.monotonic() < limit:
            if self.process.poll() is not None:
                break
            with contextlib.suppress(httpx.TransportError):
                if httpx.get(f"{self.url}/readyz", timeout=5).status_code == 200:
                    return
            time.sleep(0.2)
        raise AssertionError(f"the hotline is not ready:\n{self.log()}")

    def _command(self, *words: str) -> str:
        done = subprocess.run(
            [*VOICEBOT, *words], cwd=ROOT, env=self.environment, capture_output=True, text=True, timeout=60
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    # ── where it is ─────────────────────────────────────────────────────────────────────────

    @property
    def sip(self) -> str:
        """What a phone dials."""
        return f"sip:12345@127.0.0.1:{self.sip_port}"

    @property
    def url(self) -> str:
        """Of pages and API; a browser gives its microphone to it, since it is this machine."""
        return f"http://127.0.0.1:{self.http_port}"

    @contextlib.asynccontextmanager
    async def api(self) -> AsyncIterator[Api]:
        headers = {"Authorization": f"Bearer {self._token}"}
        async with httpx.AsyncClient(base_url=self.url, headers=headers, timeout=20) as client:
            yield Api(client)

    async def until_ready(self, seconds: float = 60.0) -> None:
        """Until ``/readyz`` says yes (again)."""
        async with asyncio.timeout(seconds), self.api() as api:
            while (await api.client.get("/readyz")).status_code != 200:  # noqa: ASYNC110
                await asyncio.sleep(0.1)

    async def until_idle(self, seconds: float = 60.0) -> None:
        """Until the line says that no call is open."""
        async with asyncio.timeout(seconds), self.api() as api:
            while (await api.part("line"))["note"].split(";")[0] != "0 calls":  # noqa: ASYNC110
                await asyncio.sleep(0.2)

    # ── what it is doing ────────────────────────────────────────────────────────────────────

    def log(self) -> str:
        """All that it printed, its parts too."""
        return self._log.read_text(encoding="utf-8", errors="replace") if self._log.is_file() else ""

    def part_pid(self, name: str) -> int:
        """Process of ``line``, ``web``, ``recognition``, ``synthesis`` or ``bus``, as last started."""
        started = re.findall(rf"{name}: 启动 starting \(pid (\d+)\)", self.log())
        return int(started[-1])

    def rss(self, name: str) -> float:
        """Resident memory of a part in MB."""
        status = Path(f"/proc/{self.part_pid(name)}/status").read_text()
        found = re.search(r"VmRSS:\s+(\d+) kB", status)
        assert found
        return int(found[1]) / 1024

    def ticket(self, ticket_no: str) -> dict[str, Any]:
        """The stored row."""
        with contextlib.closing(sqlite3.connect(self.data / "hotline.sqlite3")) as database:
            database.row_factory = sqlite3.Row
            row = database.execute("SELECT * FROM ticket WHERE ticket_no = ?", (ticket_no,)).fetchone()
        assert row is not None, f"no ticket {ticket_no}"
        return dict(row)

    async def recognise(self, pcm: bytes, rate: int = 8000) -> str:
        """Words of s16 sound, by the running recognition worker."""
        sockets = self.data / "run" / "recognition.sock"
        async with WorkerRecogniser(sockets, patience=20, timeout=30).running() as recogniser:
            await recogniser.ready()
            hearing = recogniser.open(CallId("tape"), rate)
            hearing.feed(AudioChunk(pcm[: 25 * rate * 2], rate))
            try:
                return (await hearing.transcribe(Expect(), final=True)).text
            finally:
                hearing.close()


def no_models() -> str:
    """Why no hotline can be run here; empty when it can."""
    try:
        choose_recognition(ModelStore(MODELS, {}))
    except VoicebotError as error:
        return f"no recognition model: {error.message}"
    return ""


@pytest.fixture(scope="session")
def running_hotline(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hotline]:
    """One hotline for all tests of a folder."""
    if why := no_models():
        pytest.skip(why)
    with Hotline(tmp_path_factory.mktemp("hotline")) as hotline:
        yield hotline
