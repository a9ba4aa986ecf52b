"""Keeps the record of one call without making the caller wait for it."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable

import structlog

from voicebot.calls.ports import Journal, LineInfo
from voicebot.calls.records import TurnRecord
from voicebot.core.clock import Clock
from voicebot.core.errors import VoicebotError
from voicebot.core.ids import CallId
from voicebot.dialogue.effects import NoteUnanswered
from voicebot.dialogue.told import Told
from voicebot.operations.talk_lines import TalkLine

log = structlog.get_logger(__name__)

ENTRIES = 500
RETRY = 0.5
LAST_TRY = 10.0
"""Seconds after the end of a call in which a store that fails may recover."""

Entry = Callable[[], Awaitable[None]]


class Scribe:
    """Writes in order, in a task of its own; a failing store is tried again, never felt in the call.

    What could not be written in time is logged as lost.
    """

    def __init__(self, journal: Journal, call_id: CallId, clock: Clock) -> None:
        self._journal = journal
        self._call_id = call_id
        self._clock = clock
        self._todo: asyncio.Queue[Entry | None] = asyncio.Queue(ENTRIES)
        self._task: asyncio.Task[None] | None = None

    def opened(self, info: LineInfo, flow: str, content: str) -> None:
        """The first entry; starts the writing."""
        self._task = asyncio.create_task(self._run())
        self._put(lambda: self._journal.opened(info, flow, content))

    def turn(self, record: TurnRecord, told: tuple[Told, ...]) -> None:
        self._put(lambda: self._journal.turn(self._call_id, record, told))

    def spoken(self, line: TalkLine) -> None:
        self._put(lambda: self._journal.spoken(line))

    def rated(self, score: int) -> None:
        self._put(lambda: self._journal.rated(self._call_id, score))

    def unanswered(self, noted: NoteUnanswered) -> None:
        self._put(lambda: self._journal.unanswered(self._call_id, noted))

    async def closed(self, reason: str, state: str, recording: str | None) -> None:
        """The last entry; returns when all is written or given up."""
        self._put(lambda: self._journal.closed(self._call_id, reason, state, recording))
        self._put(None)
        if self._task is None:
            return
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(LAST_TRY):
                await self._task
        if self._todo.qsize():
            log.error("records lost: the store did not answer", records=self._todo.qsize())

    def _put(self, entry: Entry | None) -> None:
        if self._todo.full():
            log.error("record dropped: the store has not answered for too long")
            return
        self._todo.put_nowait(entry)

    async def _run(self) -> None:
        while (entry := await self._todo.get()) is not None:
            written = await self._write(entry)
            while not written:
                await asyncio.sleep(RETRY)
                written = await self._write(entry)

    async def _write(self, entry: Entry) -> bool:
        try:
            await entry()
        except VoicebotError as error:
            log.error("record not written", code=error.code, error=error.message)
            return not error.retryable
        return True
