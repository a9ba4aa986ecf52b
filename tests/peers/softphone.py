"""An independent softphone (PJSIP) for tests: `Softphone` drives `softphone_process`.

    async with Softphone() as phone:
        await phone.call("sip:12345@127.0.0.1:5060", play=wav, record=tape)
        await phone.wait_for("CONFIRMED")
        await phone.digits("0")
        await phone.hang_up()

WAV files are s16 mono at 8 or 16 kHz. A phone that should ring is given `incoming` (180 to ring until
`answer`, 200 to answer at once, 486 or 603 to refuse).
"""

import asyncio
import importlib.util
import json
import sys
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

import pytest

from tests.peers.ports import free_port

HAVE_PJSIP: Final = importlib.util.find_spec("pjsua2") is not None

needs_pjsip: Final = pytest.mark.skipif(
    not HAVE_PJSIP, reason="pjsua2-python has no wheel for this Python: no independent SIP peer"
)

Event = dict[str, Any]


class Softphone:
    """One phone, one call at a time.

    Args:
        user: user part of From.
        incoming: how incoming calls are met: 180, 200, 486, 603 …
        play, record: files for a call that is answered at once.
        codecs: of ``PCMA``, ``PCMU``, ``G722``, in order.
        transport: ``udp`` or ``tcp``.
        port: of SIP; a free one when 0.
        refer: answer to a transfer: 202 calls the target, 603 declines.
    """

    def __init__(
        self,
        *,
        user: str = "13800138000",
        incoming: int = 180,
        play: Path | None = None,
        record: Path | None = None,
        codecs: tuple[str, ...] = ("PCMA", "PCMU"),
        transport: str = "udp",
        port: int = 0,
        refer: int = 202,
    ) -> None:
        self._options = {
            "user": user,
            "incoming": incoming,
            "play": str(play) if play else None,
            "record": str(record) if record else None,
            "codecs": list(codecs),
            "transport": transport,
            "port": port,
            "refer": refer,
        }
        self._process: asyncio.subprocess.Process | None = None
        self._reader: asyncio.Task[None] | None = None
        self._news = asyncio.Event()
        self.events: list[Event] = []
        self.port = 0

    @property
    def uri(self) -> str:
        """Where it can be called."""
        return f"sip:8001@127.0.0.1:{self.port}"

    async def __aenter__(self) -> Self:
        options = {
            **self._options,
            "port": self._options["port"] or free_port(),
            "media_port": free_port() // 2 * 2,
        }
        self._process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "tests.peers.softphone_process",
            json.dumps(options),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
        )
        self._reader = asyncio.create_task(self._read(), name="softphone")
        ready = await self.event(lambda event: event["event"] == "ready", 15)
        self.port = int(ready["port"])
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._process is not None
        assert self._reader is not None
        try:
            await self._do("quit")
            async with asyncio.timeout(3):
                await self._process.wait()
        except (TimeoutError, ConnectionError):
            self._process.kill()
            await self._process.wait()
        await self._reader

    async def _read(self) -> None:
        assert self._process is not None
        assert self._process.stdout is not None
        async for line in self._process.stdout:
            self.events.append(json.loads(line))
            self._news.set()

    async def _do(self, what: str, **facts: object) -> None:
        assert self._process is not None
        assert self._process.stdin is not None
        self._process.stdin.write((json.dumps({"do": what, **facts}) + "\n").encode())
        await self._process.stdin.drain()

    async def event(self, wanted: Callable[[Event], bool], seconds: float = 10.0) -> Event:
        """The first event that `wanted` accepts, old ones included."""
        async with asyncio.timeout(seconds):
            while True:
                for event in self.events:
                    if wanted(event):
                        return event
                self._news.clear()
                await self._news.wait()

    async def wait_for(self, state: str, seconds: float = 10.0) -> Event:
        """Until the call's state was ``CALLING``, ``EARLY``, ``CONFIRMED`` or ``DISCONNECTED``."""
        return await self.event(lambda event: event["event"] == "state" and event["state"] == state, seconds)

    async def rings(self, seconds: float = 10.0) -> Event:
        """Until it is called; ``message`` is the INVITE."""
        return await self.event(lambda event: event["event"] == "incoming", seconds)

    async def call(
        self,
        uri: str,
        play: Path | None = None,
        record: Path | None = None,
        headers: dict[str, str] | None = None,
    ) -> None:
        await self._do(
            "call",
            uri=uri,
            play=str(play) if play else None,
            record=str(record) if record else None,
            headers=headers or {},
        )

    async def answer(self, play: Path | None = None, record: Path | None = None) -> None:
        """Takes the ringing call."""
        await self._do("answer", play=str(play) if play else None, record=str(record) if record else None)

    async def say(self, play: Path, seconds: float = 30.0) -> None:
        """Plays a file into the running call; returns when all of it was played."""
        begun = sum(event["event"] == "played" for event in self.events)
        await self._do("say", play=str(play))
        async with asyncio.timeout(seconds):
            while sum(event["event"] == "played" for event in self.events) == begun:
                self._news.clear()
                await self._news.wait()

    async def digits(self, keys: str) -> None:
        """RFC 4733."""
        await self._do("digits", keys=keys)

    async def hold(self) -> None:
        """Returns when the far end has agreed."""
        await self._change("hold", held=True)

    async def resume(self) -> None:
        await self._change("resume", held=False)

    async def _change(self, what: str, *, held: bool) -> None:
        before = len(self.events)
        await self._do(what)
        await self.event(
            lambda event: (
                self.events.index(event) >= before and event["event"] == "media" and event["held"] is held
            )
        )

    async def hang_up(self) -> None:
        await self._do("hang_up")

    def keys(self) -> str:
        """Digits that it was sent."""
        return "".join(event["key"] for event in self.events if event["event"] == "digit")
