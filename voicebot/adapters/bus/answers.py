"""How a request is answered, the same on every bus: a handler's failure reaches whoever asked."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final

import structlog

from voicebot.core.errors import VoicebotError
from voicebot.operations.bus import Handler

log = structlog.get_logger(__name__)

CONCURRENT: Final = 64
"""Requests that one server works on at once; more wait in order."""


@dataclass(frozen=True, slots=True)
class Reply:
    """What goes back; `code` is "" when the handler succeeded, else `body` is the message."""

    body: bytes
    code: str = ""
    retryable: bool = False

    def unwrap(self) -> bytes:
        """Raises the handler's `VoicebotError` on the asking side."""
        if self.code:
            raise VoicebotError(self.code, self.body.decode(), retryable=self.retryable)
        return self.body


async def answer(subject: str, handler: Handler, body: bytes) -> Reply:
    """Runs `handler`; never raises but for cancellation."""
    try:
        return Reply(await handler(body))
    except VoicebotError as error:
        return Reply(error.message.encode(), error.code, error.retryable)
    except Exception as error:  # a job loop: one bad request must not end the service
        log.exception("bus.handler_failed", subject=subject)
        return Reply(type(error).__name__.encode(), "bus.handler_failed")


class Workers:
    """Handler runs in progress, at most `CONCURRENT`, all cancelled and awaited by `close`."""

    def __init__(self) -> None:
        self._slots = asyncio.Semaphore(CONCURRENT)
        self._tasks: set[asyncio.Task[None]] = set()

    async def start(self, job: Callable[[], Awaitable[None]]) -> None:
        """Returns once `job` runs, which may take a while when all slots are taken."""
        await self._slots.acquire()
        task = asyncio.create_task(self._run(job))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _run(self, job: Callable[[], Awaitable[None]]) -> None:
        try:
            await job()
        finally:
            self._slots.release()

    async def close(self) -> None:
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
