"""A trunk on a free port of loopback for each test."""

import asyncio
import contextlib
import dataclasses
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime
from time import monotonic
from typing import Final

import pytest

from tests.peers.ports import free_port
from voicebot.adapters.sip.options import SipOptions
from voicebot.adapters.sip.trunk import OnMissed, SipTrunk
from voicebot.calls.ports import Line, LineEvent


class SystemClock:
    def now(self) -> datetime:
        return datetime.now(UTC)

    def monotonic(self) -> float:
        return monotonic()


CLOCK: Final = SystemClock()

OPTIONS: Final = SipOptions(listen="127.0.0.1:5060", rtp_ports=(30000, 39999), jitter="off")
"""Each test gets its own port."""


async def wait_for(condition: Callable[[], bool], seconds: float = 5.0) -> None:
    """Polls `condition`, for what no event tells of; fails after `seconds`."""
    async with asyncio.timeout(seconds):
        while not condition():  # noqa: ASYNC110
            await asyncio.sleep(0.01)


class Desk:
    """Takes the calls of a trunk and keeps their lines and events for the test."""

    def __init__(self, trunk: SipTrunk, uri: str) -> None:
        self.trunk = trunk
        self.uri = uri
        self.lines: list[Line] = []
        self.events: list[list[LineEvent]] = []
        self.talk: Callable[[Line], Awaitable[None]] | None = None
        """What is done on each answered line while its events are read."""
        self.answers = True
        self._answered = asyncio.Event()

    async def on_call(self, line: Line) -> None:
        kept: list[LineEvent] = []
        self.lines.append(line)
        self.events.append(kept)
        async with asyncio.TaskGroup() as group:
            if self.answers:
                await line.answer()
                self._answered.set()
                if self.talk is not None:
                    group.create_task(self._talk(line))
            async for event in line.events():
                kept.append(event)

    async def _talk(self, line: Line) -> None:
        assert self.talk is not None
        await self.talk(line)

    async def line(self) -> Line:
        """The first call, once it is answered and acknowledged."""
        async with asyncio.timeout(5):
            await self._answered.wait()
        return self.lines[0]

    async def event(self, wanted: LineEvent, seconds: float = 5.0) -> None:
        """Waits until the first call has had this event."""
        await wait_for(lambda: bool(self.events) and wanted in self.events[0], seconds)


OpenDesk = Callable[..., contextlib.AbstractAsyncContextManager[Desk]]


@contextlib.asynccontextmanager
async def open_desk(*, on_missed: OnMissed | None = None, **changes: object) -> AsyncIterator[Desk]:
    """A trunk with `OPTIONS` changed by `changes`."""
    port = free_port()
    options = dataclasses.replace(OPTIONS, listen=f"127.0.0.1:{port}", **changes)  # type: ignore[arg-type]
    trunk = SipTrunk(options, CLOCK)
    desk = Desk(trunk, f"sip:12345@127.0.0.1:{port}")
    await trunk.start(desk.on_call, on_missed)
    try:
        yield desk
    finally:
        await trunk.stop()


@pytest.fixture
async def desk() -> AsyncIterator[Desk]:
    async with open_desk() as opened:
        yield opened
