"""The contract of `Line` on both WebSocket lines, with far ends that play in real time."""

import asyncio
import audioop
import base64
import contextlib
import json
import time
from abc import ABC, abstractmethod
from collections import deque
from collections.abc import AsyncIterator, Callable
from typing import Any

import numpy as np
import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from tests.contract.test_line import CHECKS, Check, run_check
from tests.integration.web.kit import PATIENCE, WallClock, serving
from tests.integration.web.test_ws_media_stream import SID, media, start
from voicebot.adapters.websocket.app import line_app
from voicebot.adapters.websocket.options import WebSocketOptions
from voicebot.calls.ports import Line
from voicebot.core.clock import Clock

pytestmark = pytest.mark.integration

TICK = 0.02


class FarEnd(ABC):
    """A client with a microphone and a loudspeaker that both run in real time; a `Stage`."""

    slack = 0.15
    can_hold = False
    rate: int
    start_with: int
    """Frames gathered before sound begins."""

    def __init__(self, socket: ClientConnection, line: Line) -> None:
        self.socket = socket
        self.line = line
        self.clock: Clock = WallClock()
        self.speech = b""
        self.queue: deque[tuple[bytes, Any]] = deque()
        self.playing = False
        self.waited = 0
        self.total = 0
        self.loud = 0

    @property
    def frame(self) -> int:
        return round(self.rate * TICK)

    async def speaks(self, pcm: bytes) -> None:
        self.speech += pcm

    async def holds(self, held: bool) -> None:
        raise AssertionError("no hold on a WebSocket")

    def heard(self) -> int:
        return self.loud

    async def run(self) -> None:
        """Lives until the connection is closed."""
        ticking = asyncio.create_task(self._tick())
        with contextlib.suppress(ConnectionClosed):
            async for data in self.socket:
                await self.take(data)
        ticking.cancel()
        with contextlib.suppress(asyncio.CancelledError, ConnectionClosed):
            await ticking

    async def _tick(self) -> None:
        due = time.monotonic()
        while True:
            frame, self.speech = self.speech[: 2 * self.frame], self.speech[2 * self.frame :]
            await self.send_sound(frame.ljust(2 * self.frame, b"\0"))
            await self._play()
            due += TICK
            await asyncio.sleep(max(0.0, due - time.monotonic()))

    async def _play(self) -> None:
        self.waited = self.waited + 1 if self.queue else 0
        if not self.playing and (len(self.queue) >= self.start_with or self.waited > 5):
            self.playing = True
        if not self.playing:
            return
        if not self.queue:
            self.playing = False
            return
        pcm, mark = self.queue.popleft()
        self.total += len(pcm) // 2
        self.loud += int(np.count_nonzero(np.frombuffer(pcm, "<i2")))
        await self.report(mark)

    @abstractmethod
    async def take(self, data: str | bytes) -> None: ...

    @abstractmethod
    async def send_sound(self, pcm: bytes) -> None: ...

    @abstractmethod
    async def report(self, mark: Any) -> None: ...

    @abstractmethod
    async def presses(self, keys: str) -> None: ...

    @abstractmethod
    async def hangs_up(self) -> None: ...


class Page(FarEnd):
    """As the phone page behaves."""

    rate = 16_000
    start_with = 4
    reported = 0

    async def take(self, data: str | bytes) -> None:
        if isinstance(data, bytes):
            self.queue.append((data, None))
        elif json.loads(data)["type"] == "flush":
            self.queue.clear()
            await self.say(type="played", samples=self.total)

    async def send_sound(self, pcm: bytes) -> None:
        await self.socket.send(pcm)

    async def report(self, mark: Any) -> None:
        if self.total - self.reported >= self.rate // 20 or not self.queue:
            self.reported = self.total
            await self.say(type="played", samples=self.total)

    async def presses(self, keys: str) -> None:
        for key in keys:
            await self.say(type="digit", digit=key)

    async def hangs_up(self) -> None:
        await self.say(type="hangup")

    async def say(self, **message: object) -> None:
        await self.socket.send(json.dumps(message))


class Provider(FarEnd):
    """As Twilio behaves: marks come back when the sound before them was played, or was cleared."""

    rate = 8_000
    start_with = 1

    async def take(self, data: str | bytes) -> None:
        message = json.loads(data)
        match message["event"]:
            case "media":
                pcm = audioop.ulaw2lin(base64.b64decode(message["media"]["payload"]), 2)
                self.queue.append((pcm, None))
            case "mark":
                name = message["mark"]["name"]
                if self.queue:
                    self.queue[-1] = (self.queue[-1][0], name)
                else:
                    await self.report(name)
            case "clear":
                cleared = [mark for _, mark in self.queue]
                self.queue.clear()
                for mark in cleared:
                    await self.report(mark)

    async def send_sound(self, pcm: bytes) -> None:
        await self.socket.send(media(pcm))

    async def report(self, mark: Any) -> None:
        if mark is not None:
            await self.say(event="mark", streamSid=SID, mark={"name": mark})

    async def presses(self, keys: str) -> None:
        for key in keys:
            await self.say(event="dtmf", streamSid=SID, dtmf={"digit": key})

    async def hangs_up(self) -> None:
        await self.say(event="stop", streamSid=SID)

    async def say(self, **message: object) -> None:
        await self.socket.send(json.dumps(message))


@contextlib.asynccontextmanager
async def staged(
    path: str, first: str, far_end: Callable[[ClientConnection, Line], FarEnd]
) -> AsyncIterator[FarEnd]:
    """A call that stands, and its far end."""
    lines: asyncio.Queue[Line] = asyncio.Queue()
    done = asyncio.Event()

    async def on_call(line: Line) -> None:
        await line.answer()
        await lines.put(line)
        await done.wait()

    async with (
        serving(line_app(on_call, WebSocketOptions(), WallClock())) as port,
        connect(f"ws://127.0.0.1:{port}{path}", compression=None, proxy=None) as socket,
    ):
        await socket.send(first)
        async with asyncio.timeout(PATIENCE):
            stage = far_end(socket, await lines.get())
        running = asyncio.create_task(stage.run())
        try:
            yield stage
        finally:
            done.set()
            await socket.close()
            await running


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
async def test_phone_page(check: Check) -> None:
    async with staged("/ws/call", '{"type":"start"}', Page) as stage:
        await run_check(check, stage)


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
async def test_provider_stream(check: Check) -> None:
    async with staged("/ws/media-stream", start(), Provider) as stage:
        await run_check(check, stage)
