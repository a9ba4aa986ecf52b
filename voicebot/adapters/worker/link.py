"""The client's end: a connection to a worker, made again whenever the worker comes back or a successor
takes over."""

import asyncio
import contextlib
import itertools
from collections.abc import AsyncIterator, Callable, Mapping
from pathlib import Path
from typing import Any, Final

import structlog

from voicebot.adapters.worker.frames import Decoder, Frame, encode
from voicebot.core.errors import VoicebotError

_log = structlog.get_logger(__name__)

RETRY: Final = 0.1
"""Seconds between tries to reach a worker that is not there."""
PENDING: Final = 256
"""Requests that may wait for an answer."""
RETIRING: Final = "retiring"
"""Event of a worker that has a successor: it answers what it was asked, and wants nothing new."""


class _Conversation:
    """One connection to one worker process; its requests end with it."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer
        self.waiting: dict[int, asyncio.Future[Frame]] = {}
        self.retiring = asyncio.Event()

    def answer(self, number: int, frame: Frame) -> None:
        # a cancelled request is not there any more; its answer is of no use
        if (future := self.waiting.pop(number, None)) is None or future.done():
            return
        if code := frame.header.get("error"):
            message, retryable = str(frame.header.get("message", "")), bool(frame.header.get("retryable"))
            future.set_exception(VoicebotError(str(code), message, retryable=retryable))
        else:
            future.set_result(frame)

    def fail(self, error: VoicebotError) -> None:
        for future in self.waiting.values():
            if not future.done():
                future.set_exception(error)
        self.waiting.clear()

    def post(self, header: Mapping[str, Any], payload: bytes = b"") -> bool:
        if self.writer.is_closing():
            return False
        self.writer.write(encode(Frame(header, payload)))
        return True

    async def close(self) -> None:
        self.writer.close()
        with contextlib.suppress(OSError):
            await self.writer.wait_closed()


class WorkerLink:
    """Requests and answers over the socket at `path`; belongs to one event loop.

    Args:
        family: ``stt`` or ``tts``; begins the codes of the errors.
        patience: seconds a request waits for a worker that is being restarted.
        on_event: called with frames that answer nothing (status).
    """

    def __init__(
        self,
        path: Path,
        family: str,
        *,
        patience: float = 2.0,
        on_event: Callable[[Frame], None] = lambda frame: None,
    ) -> None:
        self._path = path
        self._family = family
        self._patience = patience
        self._on_event = on_event
        self._numbers = itertools.count(1)
        self._current: _Conversation | None = None
        self._talks: set[asyncio.Task[None]] = set()
        self._connected = asyncio.Event()
        self.generation = 0
        """Grows with each new connection: what an earlier worker knew is gone."""

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator["WorkerLink"]:
        """Keeps the connection while the block runs."""
        # no TaskGroup: it would wrap what the block raises
        keeper = asyncio.create_task(self._keep(), name=f"{self._family}-link")
        try:
            yield self
        finally:
            tasks = [keeper, *self._talks]
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    @property
    def connected(self) -> bool:
        return self._current is not None

    def lost(self) -> VoicebotError:
        return VoicebotError(f"{self._family}.lost", "语音进程中断，正在重启", retryable=True)

    async def _keep(self) -> None:
        """Connects; again when the worker is gone, or (beside it) when it says that it retires."""
        while True:
            try:
                conversation = _Conversation(*await asyncio.open_unix_connection(str(self._path)))
            except OSError:
                await asyncio.sleep(RETRY)
                continue
            talk = asyncio.create_task(self._converse(conversation), name=f"{self._family}-talk")
            self._talks.add(talk)
            talk.add_done_callback(self._talks.discard)
            retiring = asyncio.create_task(conversation.retiring.wait())
            try:
                await asyncio.wait({talk, retiring}, return_when=asyncio.FIRST_COMPLETED)
            finally:
                retiring.cancel()
            if talk.done():
                await asyncio.sleep(RETRY)

    async def _converse(self, conversation: _Conversation) -> None:
        self._current = conversation
        self.generation += 1
        _log.info("worker.connected", family=self._family, generation=self.generation)
        decoder = Decoder()
        try:
            while data := await conversation.reader.read(65536):
                for frame in decoder.feed(data):
                    self._receive(conversation, frame)
        except VoicebotError as error:
            _log.error("worker.protocol", family=self._family, error=error.message)
        except OSError as error:
            _log.warning("worker.broken", family=self._family, error=str(error))
        finally:
            self._ended(conversation)
            await conversation.close()

    def _receive(self, conversation: _Conversation, frame: Frame) -> None:
        number = frame.header.get("id")
        if number is not None:
            conversation.answer(number, frame)
        elif frame.header.get("event") == RETIRING:
            conversation.retiring.set()
        elif conversation is self._current:
            self._on_event(frame)
        if conversation is self._current:
            self._connected.set()

    def _ended(self, conversation: _Conversation) -> None:
        if conversation is self._current:
            _log.warning("worker.lost", family=self._family, pending=len(conversation.waiting))
            self._current = None
            self._connected.clear()
        conversation.fail(self.lost())

    async def ready(self) -> None:
        """Waits for the worker's greeting (its status), at most the link's patience.

        Raises:
            VoicebotError: ``<family>.lost`` (retryable).
        """
        if not self._connected.is_set():
            try:
                async with asyncio.timeout(self._patience):
                    await self._connected.wait()
            except TimeoutError:
                raise self.lost() from None

    def post(self, header: Mapping[str, Any], payload: bytes = b"") -> bool:
        """Sends without an answer; False when there is no connection."""
        return self._current is not None and self._current.post(header, payload)

    async def request(self, header: Mapping[str, Any], payload: bytes = b"", *, timeout: float) -> Frame:
        """The answer. A cancelled or timed out request is called off at the worker that has it.

        Raises:
            VoicebotError: ``<family>.lost``, ``<family>.busy``, ``<family>.failed`` (no answer in
                `timeout` s), or what the worker says.
        """
        await self.ready()
        asked = self._current
        if asked is None:
            raise self.lost()
        if len(asked.waiting) >= PENDING:
            raise VoicebotError(f"{self._family}.busy", "语音进程忙", retryable=True)
        number = next(self._numbers)
        future: asyncio.Future[Frame] = asyncio.get_running_loop().create_future()
        asked.waiting[number] = future
        try:
            if not asked.post({**header, "id": number}, payload):
                raise self.lost()
            async with asyncio.timeout(timeout):
                return await future
        except TimeoutError:
            raise VoicebotError(
                f"{self._family}.failed", f"语音进程 {timeout:g} 秒没有回答", retryable=True
            ) from None
        finally:
            if asked.waiting.pop(number, None) is not None:
                asked.post({"op": "cancel", "target": number})
