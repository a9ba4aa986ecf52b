"""Calls through both processes' apps: client → web → line."""

import base64
import contextlib
import json
from collections.abc import AsyncIterator

import pytest
from websockets.exceptions import InvalidStatus

from tests.integration.web.kit import WallClock, phone, serving
from tests.integration.web.test_ws_call import OPTIONS, Script, tone
from tests.integration.web.test_ws_media_stream import SID, start
from tests.unit.web.fakes import Web
from voicebot.adapters.websocket.app import line_app
from voicebot.calls.ports import AudioIn, Line
from voicebot.web.app import server_config

pytestmark = pytest.mark.integration


@contextlib.asynccontextmanager
async def hotline(script: Script, **options: object) -> AsyncIterator[tuple[int, Web]]:
    """Both servers; the public port."""
    async with serving(line_app(script, OPTIONS, WallClock())) as line_port:
        web = Web(line_url=f"ws://127.0.0.1:{line_port}", **options)  # type: ignore[arg-type]
        async with serving(web.app, server_config) as port:
            yield port, web


async def test_a_whole_call_passes_both_ways() -> None:
    async def talk(line: Line) -> None:
        await line.state("speaking")
        for _ in range(10):
            await line.send(tone(0.04))

    script = Script(talk)
    async with hotline(script) as (port, _), phone(port) as client:
        await client.say(type="start", caller="")
        await client.message("state", state="speaking")
        await client.speak(sample=9, frames=5)
        await client.until(lambda p: len(p.sound) == 12_800)
        await script.until(lambda events: sum(isinstance(e, AudioIn) for e in events) == 5)
        await client.say(type="hangup")
        assert await script.reason() == "caller"
        await client.message("ended", reason="caller")
        assert await client.ended() == 1000


async def test_a_call_is_resumed_through_the_relay() -> None:
    script = Script()
    async with hotline(script) as (port, _):
        async with phone(port) as client:
            await client.say(type="start")
            ready = await client.message("ready")
            client.socket.transport.abort()
            await client.ended()
        async with phone(port) as again:
            await again.say(type="start", resume=ready["resume"])
            assert await again.message("ready") == ready
            await again.say(type="hangup")
            assert await script.reason() == "caller"
    assert len(script.lines) == 1


async def test_close_codes_of_the_line_reach_the_client() -> None:
    async with hotline(Script()) as (port, _), phone(port) as client:
        await client.say(type="start", resume="unknown")
        await client.message("error", code="resume.unknown")
        assert await client.ended() == 4404


async def test_an_oversize_message_stops_at_the_door() -> None:
    async with hotline(Script()) as (port, _), phone(port) as client:
        await client.say(type="start")
        ready = await client.message("ready")
        await client.socket.send(bytes(100_000))
        assert await client.ended() == 1009
        async with phone(port) as again:
            await again.say(type="start", resume=ready["resume"])
            await again.message("ready")
            await again.say(type="hangup")


async def test_without_a_line_process_the_caller_is_told() -> None:
    web = Web()
    async with serving(web.app, server_config) as port, phone(port) as client:
        error = await client.message("error")
        assert error["code"] == "line.unavailable"
        assert await client.ended() == 1013


async def test_when_the_line_process_dies_the_client_may_come_back() -> None:
    script = Script()
    async with contextlib.AsyncExitStack() as line_process:
        line_port = await line_process.enter_async_context(serving(line_app(script, OPTIONS, WallClock())))
        web = Web(line_url=f"ws://127.0.0.1:{line_port}")
        async with serving(web.app, server_config) as port, phone(port) as client:
            await client.say(type="start")
            await client.message("ready")
            await line_process.aclose()
            assert await client.ended() == 1012


async def test_a_page_of_another_site_gets_no_call() -> None:
    async with hotline(Script(), allowed_origins=("https://city.test",)) as (port, _):
        with pytest.raises(InvalidStatus) as refused:
            async with phone(port, origin="https://evil.test"):
                pass
        assert refused.value.response.status_code == 403
        for origin in (f"http://127.0.0.1:{port}", "https://city.test"):
            async with phone(port, origin=origin) as client:
                await client.say(type="start")
                await client.message("ready")
                await client.say(type="hangup")
                await client.ended()


async def test_one_machine_cannot_take_all_lines() -> None:
    async with hotline(Script(), calls_per_source=1) as (port, _):
        async with phone(port) as client:
            await client.say(type="start")
            await client.message("ready")
            with pytest.raises(InvalidStatus):
                async with phone(port):
                    pass
            await client.say(type="hangup")
            await client.ended()
        async with phone(port) as client:
            await client.say(type="start")
            await client.message("ready")
            await client.say(type="hangup")


async def test_the_stream_door_needs_the_providers_secret() -> None:
    script = Script()
    async with hotline(script, media_secret="s3cret") as (port, web):
        for path in ("/ws/media-stream", "/ws/media-stream?token=wrong"):
            with pytest.raises(InvalidStatus) as refused:
                async with phone(port, path):
                    pass
            assert refused.value.response.status_code == 403
        basic = "Basic " + base64.b64encode(b"p:s3cret").decode()
        for path, headers in (
            ("/ws/media-stream?token=s3cret", {}),
            ("/ws/media-stream", {"Authorization": basic}),
        ):
            async with phone(port, path, additional_headers=headers) as client:
                await client.socket.send(start(caller="13800000000"))
                await client.socket.send(json.dumps({"event": "stop", "streamSid": SID}))
                assert await client.ended() == 1000
        async with web.client() as api:
            assert (await api.get("/metrics")).status_code == 401
    assert [line.info.caller for line in script.lines] == ["13800000000"] * 2
