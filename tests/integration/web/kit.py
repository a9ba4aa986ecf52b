"""Real servers on loopback, and a client of `/ws/call`."""

import asyncio
import contextlib
import json
import socket
import time
from collections.abc import AsyncIterator, Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import uvicorn
from fastapi import FastAPI
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from voicebot.adapters.websocket.app import server_config
from voicebot.adapters.websocket.protocol import FRAME_BYTES

PATIENCE = 10.0
"""Seconds a test waits for what must come."""


class WallClock:
    """The machine's own time."""

    def now(self) -> datetime:
        return datetime.now(UTC)

    def monotonic(self) -> float:
        return time.monotonic()


class TestServer(uvicorn.Server):
    """A server inside the test's loop; says when it is up and leaves signals alone."""

    __test__ = False

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.up = asyncio.Event()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.up.set()


@contextlib.asynccontextmanager
async def serving(
    app: FastAPI, configure: Callable[[FastAPI], uvicorn.Config] = server_config
) -> AsyncIterator[int]:
    """Serves `app` on a free port of loopback; the port."""
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    config = configure(app)
    config.timeout_graceful_shutdown = 1
    server = TestServer(config)
    task = asyncio.create_task(server.serve(sockets=[listener]))
    try:
        async with asyncio.timeout(PATIENCE):
            await server.up.wait()
        yield listener.getsockname()[1]
    finally:
        server.should_exit = True
        await task


class Phone:
    """A client of `/ws/call`: reads on by itself and lets the test wait for what came."""

    def __init__(self, socket: ClientConnection) -> None:
        self.socket = socket
        self.messages: list[dict[str, Any]] = []
        self.sound = bytearray()
        self.frames: list[tuple[float, int]] = []
        """(arrival, bytes) of each binary message."""
        self.closed: int | None = None
        self._news = asyncio.Condition()

    async def read(self) -> None:
        with contextlib.suppress(ConnectionClosed):
            async for data in self.socket:
                async with self._news:
                    if isinstance(data, bytes):
                        self.frames.append((time.monotonic(), len(data)))
                        self.sound += data
                    else:
                        self.messages.append(json.loads(data))
                    self._news.notify_all()
        async with self._news:
            self.closed = self.socket.close_code
            self._news.notify_all()

    async def until(self, true: Callable[["Phone"], bool]) -> None:
        """Waits until `true(self)`."""
        async with asyncio.timeout(PATIENCE), self._news:
            await self._news.wait_for(lambda: true(self))

    async def message(self, kind: str, **fields: object) -> dict[str, Any]:
        """Waits for a message of this type (and these fields); the newest such."""

        def fits(message: dict[str, Any]) -> bool:
            return message["type"] == kind and all(message.get(k) == v for k, v in fields.items())

        await self.until(lambda p: any(fits(m) for m in p.messages))
        return next(m for m in reversed(self.messages) if fits(m))

    async def say(self, **message: object) -> None:
        await self.socket.send(json.dumps(message))

    async def speak(self, sample: int = 1, frames: int = 1) -> None:
        """Frames whose every sample is `sample`."""
        for _ in range(frames):
            await self.socket.send(sample.to_bytes(2, "little", signed=True) * (FRAME_BYTES // 2))

    async def ended(self) -> int:
        """Waits for the end of the connection; its close code."""
        await self.until(lambda p: p.closed is not None)
        assert self.closed is not None
        return self.closed


@contextlib.asynccontextmanager
async def phone(port: int, path: str = "/ws/call", **options: Any) -> AsyncIterator[Phone]:
    """A connected phone that has not said ``start`` yet."""
    async with connect(f"ws://127.0.0.1:{port}{path}", compression=None, proxy=None, **options) as socket:
        client = Phone(socket)
        reader = asyncio.create_task(client.read())
        try:
            yield client
        finally:
            await socket.close()
            await reader
