"""edge-tts against a stand-in on loopback: every way it fails ends in `tts.failed`, soon."""

import asyncio
from collections.abc import AsyncIterator
from typing import ClassVar

import edge_tts.communicate
import numpy as np
import pytest

from tests.integration.speech.edge_server import SECONDS, EdgeServer
from voicebot.adapters.tts.edge import EdgeEngine
from voicebot.adapters.tts.engine import Sound
from voicebot.adapters.tts.voices import Choir, NetworkVoice, Rendered, Voice
from voicebot.core.errors import VoicebotError
from voicebot.core.ids import MANDARIN

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
            await render(choir, "您好", public=True)
    assert len(server.asked) == 2


async def render(choir: Choir, text: str, *, public: bool) -> Rendered:
    return await choir.render(
        text, engine="", voice="", rate=1.0, sample_rate=8_000, background=False, public=public
    )


class Local:
    """A voice on this host that says anything."""

    remote: ClassVar = False
    languages: ClassVar = {MANDARIN: ""}

    async def speak(self, text: str, voice: str, rate: float, *, background: bool) -> Sound:
        return Sound(np.full(8_000, 0.1, np.float32), 8_000)


async def test_what_is_personal_stays_on_this_host(server: EdgeServer) -> None:
    voices: dict[str, Voice] = {"edge": NetworkVoice(1.5, 0.8), "local": Local()}
    choir = Choir(voices, failures=2, rest=60.0)
    assert (await render(choir, "已经登记，", public=True)).engine == "edge"
    assert (await render(choir, "电话幺三八、零零幺三、八零零零，", public=False)).engine == "local"
    assert len(server.asked) == 1
    allowed = Choir(voices, failures=2, rest=60.0, personal=True)
    assert (await render(allowed, "电话幺三八、零零幺三、八零零零，", public=False)).engine == "edge"


async def test_without_a_local_voice_what_is_personal_is_not_said(server: EdgeServer) -> None:
    with pytest.raises(VoicebotError, match="个人信息"):
        await render(Choir({"edge": NetworkVoice(1.5, 0.8)}, failures=2, rest=60.0), "张三", public=False)
    assert server.asked == []


async def test_a_reply_in_which_the_service_stalls_goes_on_in_the_next_voice(server: EdgeServer) -> None:
    choir = Choir({"edge": NetworkVoice(0.8, 0.3), "local": Local()}, failures=2, rest=60.0, now=lambda: 0.0)
    by = []
    for number in range(5):
        server.mode = "ok" if number == 0 else "stall"
        by.append((await render(choir, f"第{number}句，", public=True)).engine)
    assert by == ["edge", "local", "local", "local", "local"]
    assert len(server.asked) == 3, "after two failures it is left alone"


async def test_sound_that_trickles_in_is_not_waited_for(server: EdgeServer) -> None:
    server.mode = "trickle"
    async with asyncio.timeout(3):
        with pytest.raises(VoicebotError, match="没有送完"):
            await EdgeEngine(first=0.5, stall=0.3, limit=0.6).speak("您好", "", 1.0)
