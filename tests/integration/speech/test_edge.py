"""edge-tts against a stand-in on loopback: every way it fails ends in `tts.failed`, soon."""

import asyncio
from collections.abc import AsyncIterator

import edge_tts.communicate
import pytest

from tests.integration.speech.edge_server import SECONDS, EdgeServer
from voicebot.adapters.tts.edge import EdgeEngine
from voicebot.adapters.tts.voices import Choir, NetworkVoice
from voicebot.core.errors import VoicebotError

pytestmark = pytest.mark.integration


@pytest.fixture
async def server(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[EdgeServer]:
    server = EdgeServer()
    runner = await server.start()
    monkeypatch.setattr(edge_tts.communicate, "WSS_URL", server.url)
    yield server
    server.release()
    await runner.cleanup()


async def test_speaks(server: EdgeServer) -> None:
    sound = await EdgeEngine().speak("您好", "", 0.75)
    assert abs(sound.samples.size / sound.rate - SECONDS) < 0.2
    assert "rate='-25%'" in server.asked[0]
    assert "zh-CN, XiaoxiaoNeural" in server.asked[0]


@pytest.mark.parametrize("mode", ["refused", "silent", "drop", "stall"])
async def test_every_failure_is_one_error_and_comes_soon(server: EdgeServer, mode: str) -> None:
    server.mode = mode
    async with asyncio.timeout(5):
        with pytest.raises(VoicebotError) as failure:
            await EdgeEngine(first=0.8, stall=0.3).speak("您好", "", 1.0)
    assert failure.value.code == "tts.failed"
    assert failure.value.retryable


async def test_nobody_listens(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(edge_tts.communicate, "WSS_URL", "ws://127.0.0.1:9/edge?TrustedClientToken=t")
    with pytest.raises(VoicebotError, match=r"tts\.failed"):
        await EdgeEngine().speak("您好", "", 1.0)


async def test_a_choir_of_only_edge_leaves_it_alone_after_two_failures(server: EdgeServer) -> None:
    server.mode = "silent"
    choir = Choir({"edge": NetworkVoice(0.5, 0.3)}, failures=2, rest=60.0, now=lambda: 0.0)
    for _ in range(4):
        with pytest.raises(VoicebotError, match=r"tts\.failed"):
            await choir.render("您好", engine="", voice="", rate=1.0, sample_rate=8_000, background=False)
    assert len(server.asked) == 2
