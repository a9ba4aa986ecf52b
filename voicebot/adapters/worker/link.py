"""The client's end: one connection to a worker, made again whenever the worker comes back."""

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
        self._waiting: dict[int, asyncio.Future[Frame]] = {}
        self._numbers = itertools.count(1)
        self._writer: asyncio.StreamWriter | None = None
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
            keeper.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await keeper

    @property
    def connected(self) -> bool:
        return self._writer is not None

    def lost(self) -> VoicebotError:
        return VoicebotError(f"{self._family}.lost", "语音进程中断，正在重启", retryable=True)

    async def _keep(self) -> None:
        try:
            while True:
                with contextlib.suppress(OSError):
                    reader, writer = await asyncio.open_unix_connection(str(self._path))
                    await self._converse(reader, writer)
                await asyncio.sleep(RETRY)
        finally:
            self._drop()

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writer = writer
        self.generation += 1
        _log.info("worker.connected", family=self._family, generation=self.generation)
        decoder = Decoder()
        try:
            while data := await reader.read(65536):
                for frame in decoder.feed(data):
                    self._receive(frame)
        except VoicebotError as error:
            _log.error("worker.protocol", family=self._family, error=error.message)
        finally:
            self._drop()
            writer.close()
            with contextlib.suppress(OSError):
                await writer.wait_closed()

    def _receive(self, frame: Frame) -> None:
        self._connected.set()
        number = frame.header.get("id")
        if number is None:
            self._on_event(frame)
            return
        # a cancelled request is not there any more; its answer is of no use
        if (future := self._waiting.pop(number, None)) is None or future.done():
            return
        if code := frame.header.get("error"):
            future.set_exception(
                VoicebotError(
                    str(code),
                    str(frame.header.get("message", "")),
                    retryable=bool(frame.header.get("retryable")),
                )
            )
        else:
            future.set_result(frame)

    def _drop(self) -> None:
        if self._writer is not None:
            _log.warning("worker.lost", family=self._family, pending=len(self._waiting))
        self._writer = None
        self._connected.clear()
        for future in self._waiting.values():
            if not future.done():
                future.set_exception(self.lost())
        self._waiting.clear()

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
        if self._writer is None or self._writer.is_closing():
            return False
        self._writer.write(encode(Frame(header, payload)))
        return True

    async def request(self, header: Mapping[str, Any], payload: bytes = b"", *, timeout: float) -> Frame:
        """The answer. A cancelled or timed out request is called off at the worker.

        Raises:
            VoicebotError: ``<family>.lost``, ``<family>.busy``, ``<family>.failed`` (no answer in
                `timeout` s), or what the worker says.
        """
        await self.ready()
        if len(self._waiting) >= PENDING:
            raise VoicebotError(f"{self._family}.busy", "语音进程忙", retryable=True)
        number = next(self._numbers)
        future: asyncio.Future[Frame] = asyncio.get_running_loop().create_future()
        self._waiting[number] = future
        try:
            if not self.post({**header, "id": number}, payload):
                raise self.lost()
            async with asyncio.timeout(timeout):
                return await future
        except TimeoutError:
            raise VoicebotError(
                f"{self._family}.failed", f"语音进程 {timeout:g} 秒没有回答", retryable=True
            ) from None
        finally:
            if self._waiting.pop(number, None) is not None:
                self.post({"op": "cancel", "target": number})
