"""`voicebot serve` and `voicebot doctor` as an administrator runs them, with the real parts."""

import json
import os
import queue
import re
import select
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from voicebot.adapters.models.select import choose_recognition
from voicebot.adapters.models.store import ModelStore
from voicebot.core.errors import VoicebotError

ROOT = Path(__file__).parents[3]
VOICEBOT = [str(Path(sys.executable).with_name("voicebot"))]
LINE_READY = "电话 line: 就绪"

pytestmark = [pytest.mark.integration, pytest.mark.timeout(240)]


@pytest.fixture(scope="module")
def models() -> Path:
    """The models that `make test` pulled."""
    folder = ROOT / "data" / "models"
    try:
        choose_recognition(ModelStore(folder, {}))
    except VoicebotError as error:
        pytest.skip(f"no recognition model: {error.message}")
    return folder


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@pytest.fixture(scope="module")
def environment(models: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    first = 41000 + os.getpid() % 4000 * 2
    return {
        **os.environ,
        "VOICEBOT_DATA": str(tmp_path_factory.mktemp("hotline")),
        "VOICEBOT_STT__MODELS": str(models),
        "VOICEBOT_TTS__MODELS": str(models),
        "VOICEBOT_SIP__LISTEN": f"127.0.0.1:{free_port()}",
        "VOICEBOT_SIP__RTP_PORTS": json.dumps([first, first + 200]),
        "VOICEBOT_HTTP__HOST": "127.0.0.1",
        "VOICEBOT_HTTP__PORT": str(free_port()),
        "VOICEBOT_HTTP__HTTPS_PORT": str(free_port()),
        "VOICEBOT_HTTP__LINE_PORT": str(free_port()),
        "VOICEBOT_RENDER_AHEAD": "false",
        "VOICEBOT_LOG__LEVEL": "WARNING",
        "VOICEBOT_DRAIN": "2",
    }


class Serve:
    """A running `voicebot serve`; its lines can be waited for."""

    def __init__(self, environment: dict[str, str]) -> None:
        self.process = subprocess.Popen(
            [*VOICEBOT, "serve"],
            cwd=ROOT,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self.lines: list[str] = []
        self._new: queue.Queue[str | None] = queue.Queue()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self._new.put(line)
        self._new.put(None)

    def until(self, words: str, seconds: float = 90) -> str:
        """The next line that holds `words`."""
        while (line := self._new.get(timeout=seconds)) is not None:
            self.lines.append(line)
            if words in line:
                return line
        pytest.fail(f"ended without saying {words}:\n{''.join(self.lines)}")

    def pid_of(self, part: str) -> int:
        """As last started."""
        found = re.findall(rf"{part}: 启动 starting \(pid (\d+)\)", "".join(self.lines))
        return int(found[-1])

    def end(self) -> int:
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(60)


@pytest.fixture(scope="module")
def serve(environment: dict[str, str]) -> Iterator[Serve]:
    running = Serve(environment)
    try:
        running.until("热线已就绪")
        yield running
    finally:
        if running.process.poll() is None:
            running.end()


def doctor(environment: dict[str, str]) -> tuple[int, dict[str, Any]]:
    done = subprocess.run(
        [*VOICEBOT, "doctor", "--json"],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        timeout=120,
        text=True,
    )
    assert done.stdout, done.stderr
    report: dict[str, Any] = json.loads(done.stdout)
    return done.returncode, report


def test_doctor_makes_a_call(serve: Serve, environment: dict[str, str]) -> None:
    code, report = doctor(environment)
    states = {finding["name"]: finding["state"] for finding in report["findings"]}
    assert code in (0, 1), report  # 1 with the fallback model, which is worth a warning
    assert report["exit"] == code
    for stage in ("synthesise", "answer", "greeting", "hang_up"):
        assert states[f"call.{stage}"] == "ok", report
    for stage in ("reply", "recognise"):  # a busy machine may be slow, but it must answer
        assert states[f"call.{stage}"] in ("ok", "degraded"), report
    heard = next(f["detail"] for f in report["findings"] if f["name"] == "call.recognise")
    assert len(heard) > len("听到：") + 5


def test_a_killed_line_comes_back(serve: Serve) -> None:
    killed = serve.pid_of("line")
    os.kill(killed, signal.SIGKILL)
    serve.until(LINE_READY)
    assert serve.pid_of("line") != killed


def test_a_taken_port_is_said_in_one_line(serve: Serve, environment: dict[str, str], tmp_path: Path) -> None:
    other = environment | {"VOICEBOT_DATA": str(tmp_path)}
    done = subprocess.run(
        [*VOICEBOT, "serve"], cwd=ROOT, env=other, capture_output=True, timeout=120, text=True
    )
    assert done.returncode == 1
    assert "Traceback" not in done.stderr + done.stdout
    last = done.stderr.strip().splitlines()[-1]
    assert last.startswith("[serve.part_failed]")


def test_stopping_leaves_nothing_behind(serve: Serve) -> None:
    handles = [
        os.pidfd_open(serve.pid_of(part)) for part in ("line", "web", "recognition", "synthesis", "bus")
    ]
    assert serve.end() == 0
    for handle in handles:
        assert select.select([handle], [], [], 5)[0], "a process lives on"
        os.close(handle)


def test_doctor_without_a_hotline(environment: dict[str, str]) -> None:
    code, report = doctor(environment)
    assert code == 2
    assert report["findings"][-1]["remedy"]
