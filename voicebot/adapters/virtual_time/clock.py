"""The port `Clock` on virtual time."""

import asyncio
import contextlib
from collections.abc import Coroutine
from datetime import datetime, timedelta
from typing import Any, TypeVar

from voicebot.adapters.virtual_time.loop import VirtualLoop

T = TypeVar("T")


class VirtualClock:
    """Wall time that starts at `start` and advances with the loop.

    Args:
        start: aware; its time zone is that of every later reading.
        loop: default: the running loop, which must be a `VirtualLoop`.
    """

    def __init__(self, start: datetime, loop: VirtualLoop | None = None) -> None:
        if start.tzinfo is None:
            raise ValueError("start must carry a time zone")
        running = loop or asyncio.get_running_loop()
        if not isinstance(running, VirtualLoop):
            raise TypeError("VirtualClock needs a VirtualLoop")
        self._start = start
        self._loop = running
        self._began = running.time()

    def now(self) -> datetime:
        return self._start + timedelta(seconds=self._loop.time() - self._began)

    def monotonic(self) -> float:
        return self._loop.time()

    def hold(self) -> contextlib.AbstractContextManager[None]:
        """See `VirtualLoop.hold`."""
        return self._loop.hold()

    async def settled(self) -> None:
        """See `VirtualLoop.settled`."""
        await self._loop.settled()


def run_virtual(main: Coroutine[Any, Any, T]) -> T:
    """`asyncio.run` on a `VirtualLoop`."""
    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        return runner.run(main)
