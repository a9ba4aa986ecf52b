"""Keeps the record of one call without making the caller wait for it."""

import asyncio
from collections.abc import Awaitable, Callable

import structlog

from voicebot.calls.ports import Journal, LineInfo
from voicebot.calls.records import TurnRecord
from voicebot.core.clock import Clock
from voicebot.core.errors import VoicebotError
from voicebot.core.ids import CallId

log = structlog.get_logger(__name__)

ENTRIES = 500
RETRY = 0.5


class Scribe:
    """Writes in order, in the background; a failing store is tried again, never felt in the call.

    What could not be written by the end of the call is logged as lost, record by record.
    """

    def __init__(self, journal: Journal, call_id: CallId, clock: Clock) -> None:
        self._journal = journal
        self._call_id = call_id
        self._clock = clock
        self._todo: asyncio.Queue[Callable[[], Awaitable[None]]] = asyncio.Queue(ENTRIES)
        self._current: Callable[[], Awaitable[None]] | None = None

    async def opened(self, info: LineInfo, flow: str) -> None:
        """Written before the call is answered; a store that fails does not stop the call."""
        try:
            await self._journal.opened(info, flow)
        except VoicebotError as error:
            log.error("call not recorded", code=error.code, error=error.message)

    def turn(self, record: TurnRecord) -> None:
        self._put(lambda: self._journal.turn(self._call_id, record))

    def rated(self, score: int) -> None:
        self._put(lambda: self._journal.rated(self._call_id, score))

    def _put(self, entry: Callable[[], Awaitable[None]]) -> None:
        if self._todo.full():
            log.error("record dropped: the store has not answered for too long")
            return
        self._todo.put_nowait(entry)

    async def run(self) -> None:
        """Writes until cancelled."""
        while True:
            self._current = await self._todo.get()
            written = await self._write(self._current)
            while not written:
                await asyncio.sleep(RETRY)
                written = await self._write(self._current)
            self._current = None

    async def _write(self, entry: Callable[[], Awaitable[None]]) -> bool:
        try:
            await entry()
        except VoicebotError as error:
            log.error("record not written", code=error.code, error=error.message)
            return not error.retryable
        return True

    async def closed(self, reason: str, state: str, recording: str | None) -> None:
        """Writes what is left, then the end of the call."""
        if self._current:
            await self._write(self._current)
        while not self._todo.empty():
            await self._write(self._todo.get_nowait())
        await self._write(lambda: self._journal.closed(self._call_id, reason, state, recording))
