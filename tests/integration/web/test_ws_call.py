"""`/ws/call` over real sockets, with scripted calls behind it."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace

import pytest

from tests.integration.web.kit import PATIENCE, Phone, WallClock, phone, serving
from voicebot.adapters.websocket.app import line_app
from voicebot.adapters.websocket.options import WebSocketOptions
from voicebot.adapters.websocket.pacing import STEP
from voicebot.calls.ports import AudioIn, DigitIn, HungUp, Line, LineEvent, TextIn
from voicebot.core.audio import AudioChunk

pytestmark = pytest.mark.integration

OPTIONS = WebSocketOptions(resume_within=PATIENCE)


class Script:
    """A call that answers, notes every event, and then does as it is told."""

    def __init__(self, act: Callable[[Line], Awaitable[None]] | None = None) -> None:
        self.events: list[LineEvent] = []
        self.lines: list[Line] = []
        self.over = asyncio.Event()
        self._act = act
        self._news = asyncio.Condition()

    async def __call__(self, line: Line) -> None:
        self.lines.append(line)
        await line.answer()
        acting = None if self._act is None else asyncio.ensure_future(self._act(line))
        try:
            async for event in line.events():
                async with self._news:
                    self.events.append(event)
                    self._news.notify_all()
        finally:
            if acting is not None:
                acting.cancel()
                with contextlib.suppress(asyncio.CancelledError):
                    await acting
            self.over.set()

    async def until(self, true: Callable[[list[LineEvent]], bool]) -> None:
        async with asyncio.timeout(PATIENCE), self._news:
            await self._news.wait_for(lambda: true(self.events))

    async def reason(self) -> str:
        """Waits for the end of the call."""
        async with asyncio.timeout(PATIENCE):
            await self.over.wait()
        last = self.events[-1]
        assert isinstance(last, HungUp)
        return last.reason


@contextlib.asynccontextmanager
async def calling(
    script: Script, options: WebSocketOptions = OPTIONS, **start: object
) -> AsyncIterator[tuple[Phone, int]]:
    """A phone that has been answered, and the port."""
    async with serving(line_app(script, options, WallClock())) as port, phone(port) as client:
        await client.say(type="start", **start)
        await client.message("ready")
        yield client, port


def tone(seconds: float, sample: int = 1000) -> AudioChunk:
    return AudioChunk(sample.to_bytes(2, "little", signed=True) * round(seconds * 16_000), 16_000)


async def test_a_call_from_start_to_hangup() -> None:
    script = Script()
    async with calling(script, caller="13800000000") as (client, _):
        ready = await client.message("ready")
        info = script.lines[0].info
        assert (info.caller, info.channel, info.rate, info.dialled) == ("13800000000", "web", 16_000, "12345")
        assert ready["call_id"] == info.call_id
        assert ready["resume"]
        assert ready["resume"] != info.call_id
        await client.speak(sample=7, frames=3)
        await client.say(type="digit", digit="0")
        await client.say(type="text", text="路灯坏了")
        await script.until(lambda events: len(events) >= 5)
        await client.say(type="hangup")
        assert await script.reason() == "caller"
        assert (await client.message("ended"))["reason"] == "caller"
        assert await client.ended() == 1000
    heard = [event for event in script.events if isinstance(event, AudioIn)]
    assert b"".join(event.chunk.pcm for event in heard) == (7).to_bytes(2, "little") * 960
    assert DigitIn("0") in script.events
    assert TextIn("路灯坏了") in script.events


async def test_our_sound_is_paced_and_complete() -> None:
    async def talk(line: Line) -> None:
        for _ in range(25):
            await line.send(tone(0.04))
        await line.hang_up("done")

    script = Script(talk)
    async with calling(script) as (client, _):
        assert await client.ended() == 1000
        assert (await client.message("ended"))["reason"] == "us"
        assert len(client.sound) == 32_000
        assert {size for _, size in client.frames} == {640}
        began = client.frames[0][0]
        arrived = [at - began for at, _ in client.frames]
        lead = max((i + 1) * 0.02 - at for i, at in enumerate(arrived))
        assert lead <= 0.12, f"{lead:.3f} s ahead of real time"
        assert 0.85 <= arrived[-1] <= 1.3
    assert await script.reason() == "us"


async def test_flush_stops_sound_and_tells_the_client() -> None:
    flushed: list[int] = []

    async def talk(line: Line) -> None:
        sending = asyncio.ensure_future(line.send(tone(5.0)))
        await script.until(lambda events: DigitIn("1") in events)
        await line.flush()
        flushed.append(line.played())
        await sending
        await line.caption("bot", "好的", final=True)

    script = Script(talk)
    async with calling(script) as (client, _):
        await client.until(lambda p: len(p.frames) >= 10)
        await client.say(type="digit", digit="1")
        await client.message("flush")
        before = len(client.frames)
        await client.message("caption", who="bot", text="好的", final=True)
        assert len(client.frames) == before, "nothing sounds after a flush"
        assert flushed[0] <= 320 * before
        await client.say(type="hangup")
        await client.ended()


async def test_played_is_what_the_client_says() -> None:
    async def talk(line: Line) -> None:
        await line.send(tone(0.2))

    script = Script(talk)
    async with calling(script) as (client, _):
        await client.until(lambda p: len(p.sound) == 6400)
        await client.say(type="played", samples=1234)
        await client.say(type="digit", digit="2")
        await script.until(lambda events: DigitIn("2") in events)
        assert 1234 <= script.lines[0].played() <= 1234 + STEP * 16_000
        await client.say(type="hangup")
        await client.ended()


async def test_captions_and_states_reach_the_screen() -> None:
    async def show(line: Line) -> None:
        await line.state("listening")
        await line.caption("caller", "路灯", final=False)

    async with calling(Script(show)) as (client, _):
        await client.message("state", state="listening")
        await client.message("caption", who="caller", text="路灯", final=False)
        await client.say(type="hangup")
        await client.ended()


async def test_a_dropped_connection_comes_back_to_the_same_call() -> None:
    go_on = asyncio.Event()

    async def talk(line: Line) -> None:
        await line.state("thinking")
        await go_on.wait()
        await line.caption("bot", "您还在吗", final=True)
        await line.send(tone(0.4))

    script = Script(talk)
    async with calling(script) as (client, port):
        ready = await client.message("ready")
        client.socket.transport.abort()
        await client.ended()
        go_on.set()
        async with phone(port) as again:
            await again.say(type="start", resume=ready["resume"])
            assert await again.message("ready") == ready
            await again.message("state", state="thinking")
            await again.message("caption", text="您还在吗")
            await again.until(lambda p: len(p.sound) == 12_800)
            await again.speak()
            await script.until(lambda events: any(isinstance(event, AudioIn) for event in events))
            await again.say(type="hangup")
            assert await script.reason() == "caller"
            assert await again.ended() == 1000
        async with phone(port) as late:
            await late.say(type="start", resume=ready["resume"])
            assert (await late.message("error"))["code"] == "resume.unknown"
            assert await late.ended() == 4404
    assert len(script.lines) == 1


async def test_a_second_connection_takes_the_call_over() -> None:
    script = Script()
    async with calling(script) as (client, port):
        ready = await client.message("ready")
        async with phone(port) as again:
            await again.say(type="start", resume=ready["resume"])
            assert await client.ended() == 4409
            await again.message("ready", call_id=ready["call_id"])
            await again.say(type="hangup")
            assert await script.reason() == "caller"


async def test_nobody_comes_back() -> None:
    script = Script()
    async with calling(script, replace(OPTIONS, resume_within=0.2)) as (client, _):
        client.socket.transport.abort()
        assert await script.reason() == "lost"


async def test_the_call_id_is_no_key_to_the_call() -> None:
    async with calling(Script()) as (client, port):
        ready = await client.message("ready")
        async with phone(port) as stranger:
            await stranger.say(type="start", resume=ready["call_id"])
            assert (await stranger.message("error"))["code"] == "resume.unknown"
        await client.say(type="hangup")
        await client.ended()


async def test_bad_messages_are_answered_and_the_call_goes_on() -> None:
    script = Script()
    async with calling(script) as (client, _):
        await client.socket.send(b"short")
        await client.message("error", code="frame.size")
        await client.socket.send("{nonsense")
        await client.message("error", code="message.not_json")
        await client.say(type="dance")
        await client.message("error", code="message.unknown_type")
        await client.say(type="start", caller="")
        await client.message("error", code="start.repeated")
        await client.say(type="digit", digit="5")
        await script.until(lambda events: DigitIn("5") in events)
        await client.say(type="hangup")
        assert await script.reason() == "caller"


async def test_a_client_that_only_sends_nonsense_is_closed() -> None:
    script = Script()
    async with calling(script, replace(OPTIONS, max_errors=5)) as (client, _):
        with contextlib.suppress(Exception):
            for _ in range(6):
                await client.socket.send(b"?")
        assert await client.ended() == 1008
        assert await script.reason() == "error"


async def test_a_flood_is_dropped() -> None:
    script = Script()
    async with calling(script) as (client, _):
        await client.speak(frames=170)
        await client.message("error", code="rate.exceeded")
        await script.until(lambda events: len(events) >= 150)
        await client.say(type="hangup")
        await script.reason()
    assert sum(isinstance(event, AudioIn) for event in script.events) < 170


async def test_an_oversize_message_ends_the_connection_only() -> None:
    script = Script()
    async with calling(script) as (client, port):
        ready = await client.message("ready")
        await client.socket.send(bytes(100_000))
        assert await client.ended() == 1009
        async with phone(port) as again:
            await again.say(type="start", resume=ready["resume"])
            await again.message("ready")
            await again.say(type="hangup")
            assert await script.reason() == "caller"


@pytest.mark.parametrize(
    ("first", "error", "close"),
    [
        ('{"type":"digit","digit":"1"}', "start.missing", 4408),
        ("{", "message.not_json", 1008),
        (b"x", "frame.size", 1008),
        ('{"type":"start","caller":"x"}', "message.invalid", 1008),
    ],
)
async def test_a_wrong_first_message_gets_no_call(first: str | bytes, error: str, close: int) -> None:
    script = Script()
    async with serving(line_app(script, OPTIONS, WallClock())) as port, phone(port) as client:
        await client.socket.send(first)
        assert (await client.message("error"))["code"] == error
        assert await client.ended() == close
    assert script.lines == []


async def test_no_start_in_time() -> None:
    options = replace(OPTIONS, start_within=0.1)
    async with serving(line_app(Script(), options, WallClock())) as port, phone(port) as client:
        assert await client.ended() == 4408


async def test_all_lines_busy() -> None:
    async with calling(Script(), replace(OPTIONS, max_calls=1)) as (client, port):
        async with phone(port) as second:
            await second.say(type="start")
            assert (await second.message("error"))["code"] == "line.busy"
            assert await second.ended() == 1013
        await client.say(type="hangup")
        await client.ended()


async def test_a_call_that_fails_ends_and_the_next_one_works() -> None:
    calls = 0

    async def fail(line: Line) -> None:
        nonlocal calls
        calls += 1
        await line.answer()
        raise RuntimeError("deliberate")

    async with serving(line_app(fail, OPTIONS, WallClock())) as port:
        for _ in range(2):
            async with phone(port) as client:
                await client.say(type="start")
                await client.message("ended")
                assert await client.ended() == 1000
    assert calls == 2


async def test_the_longest_call() -> None:
    script = Script()
    async with calling(script, replace(OPTIONS, max_seconds=0.3)) as (client, _):
        assert await script.reason() == "max_duration"
        assert await client.ended() == 1000
