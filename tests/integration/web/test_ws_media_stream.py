"""`/ws/media-stream`: a provider's stream, spoken by a stand-in for Twilio."""

import asyncio
import audioop
import base64
import contextlib
import json
from collections.abc import AsyncIterator

import pytest

from tests.integration.web.kit import Phone, WallClock, phone, serving
from tests.integration.web.test_ws_call import OPTIONS, Script
from voicebot.adapters.websocket.app import line_app
from voicebot.adapters.websocket.pacing import STEP
from voicebot.calls.ports import AudioIn, DigitIn, Line
from voicebot.core.audio import AudioChunk

pytestmark = pytest.mark.integration

SID = "MZ0001"


def start(**custom: str) -> str:
    return json.dumps(
        {
            "event": "start",
            "sequenceNumber": "1",
            "streamSid": SID,
            "start": {
                "streamSid": SID,
                "callSid": "CA0001",
                "accountSid": "AC0001",
                "tracks": ["inbound"],
                "customParameters": custom,
                "mediaFormat": {"encoding": "audio/x-mulaw", "sampleRate": 8000, "channels": 1},
            },
        }
    )


def media(pcm: bytes) -> str:
    payload = base64.b64encode(audioop.lin2ulaw(pcm, 2)).decode()
    return json.dumps({"event": "media", "streamSid": SID, "media": {"track": "inbound", "payload": payload}})


def sound(client: Phone) -> bytes:
    """All sound the provider was sent, as PCM."""
    payloads = [m["media"]["payload"] for m in client.messages if m.get("event") == "media"]
    return b"".join(audioop.ulaw2lin(base64.b64decode(payload), 2) for payload in payloads)


def marks(client: Phone) -> list[str]:
    return [m["mark"]["name"] for m in client.messages if m.get("event") == "mark"]


@contextlib.asynccontextmanager
async def streaming(script: Script, **custom: str) -> AsyncIterator[Phone]:
    async with (
        serving(line_app(script, OPTIONS, WallClock())) as port,
        phone(port, "/ws/media-stream") as client,
    ):
        await client.socket.send('{"event":"connected","protocol":"Call","version":"1.0.0"}')
        await client.socket.send(start(**custom))
        yield client


def pcm(sample: int, samples: int) -> bytes:
    return sample.to_bytes(2, "little", signed=True) * samples


async def test_both_ways_digits_marks_and_stop() -> None:
    async def talk(line: Line) -> None:
        await line.send(AudioChunk(pcm(8000, 1600), 8000))

    script = Script(talk)
    async with streaming(script, caller="+8613800000000", dialled="12315") as client:
        await client.until(lambda p: len(sound(p)) == 3200)
        assert sound(client) == audioop.ulaw2lin(audioop.lin2ulaw(pcm(8000, 1600), 2), 2)
        info = script.lines[0].info
        assert (info.caller, info.dialled, info.channel, info.rate) == ("13800000000", "12315", "phone", 8000)
        await client.until(lambda p: marks(p)[-1:] == ["0:1600"])
        await client.say(event="mark", streamSid=SID, mark={"name": "0:800"})
        await client.socket.send(media(pcm(-4000, 160)))
        await client.say(event="dtmf", streamSid=SID, dtmf={"track": "inbound_track", "digit": "0"})
        await script.until(lambda events: len(events) >= 2)
        assert 800 <= script.lines[0].played() <= 800 + STEP * 8000
        await client.say(event="stop", streamSid=SID)
        assert await script.reason() == "caller"
    heard = next(event for event in script.events if isinstance(event, AudioIn))
    assert heard.chunk.pcm == audioop.ulaw2lin(audioop.lin2ulaw(pcm(-4000, 160), 2), 2)
    assert DigitIn("0") in script.events


async def test_flush_clears_and_marks_that_come_back_for_it_do_not_count() -> None:
    async def talk(line: Line) -> None:
        sending = asyncio.ensure_future(line.send(AudioChunk(pcm(5, 40_000), 8000)))
        await script.until(lambda events: DigitIn("1") in events)
        await line.flush()
        await sending

    script = Script(talk)
    async with streaming(script) as client:
        await client.until(lambda p: len(marks(p)) >= 10)
        await client.say(event="mark", streamSid=SID, mark={"name": "0:160"})
        await client.say(event="dtmf", streamSid=SID, dtmf={"digit": "1"})
        await client.until(lambda p: any(m.get("event") == "clear" for m in p.messages))
        for name in marks(client):
            await client.say(event="mark", streamSid=SID, mark={"name": name})
        await client.say(event="dtmf", streamSid=SID, dtmf={"digit": "2"})
        await script.until(lambda events: DigitIn("2") in events)
        assert 160 <= script.lines[0].played() <= 160 + STEP * 8000
        await client.say(event="stop", streamSid=SID)
        await script.reason()


async def test_nonsense_does_not_end_the_call() -> None:
    script = Script()
    async with streaming(script) as client:
        for bad in (
            "{",
            "[]",
            '{"event":7}',
            '{"event":"media","media":{"payload":"%%%"}}',
            '{"event":"media","media":{"payload":[1]}}',
            '{"event":"media","media":5}',
            '{"event":"dtmf","dtmf":{"digit":"xx"}}',
            '{"event":"mark","mark":{"name":"9:9:9"}}',
            '{"event":"mark"}',
            '{"event":"unheard_of"}',
            b"binary",
        ):
            await client.socket.send(bad)
        await client.say(event="dtmf", streamSid=SID, dtmf={"digit": "3"})
        await script.until(lambda events: DigitIn("3") in events)
        await client.socket.close()
        assert await script.reason() == "lost"


@pytest.mark.parametrize(
    "first",
    [
        "nonsense",
        '{"event":"media"}',
        '{"event":"start"}',
        '{"event":"start","start":{}}',
        start().replace("audio/x-mulaw", "audio/opus"),
        start().replace("8000", "16000"),
    ],
)
async def test_a_stream_that_does_not_start_right_is_closed(first: str) -> None:
    async with (
        serving(line_app(Script(), OPTIONS, WallClock())) as port,
        phone(port, "/ws/media-stream") as client,
    ):
        await client.socket.send(first)
        assert await client.ended() == 1008
