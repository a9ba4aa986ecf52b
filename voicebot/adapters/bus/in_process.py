"""A bus within one process: for tests and `voicebot chat`."""

import asyncio
from collections.abc import AsyncIterator

from voicebot.adapters.bus.answers import Reply, Workers, answer
from voicebot.adapters.bus.mailbox import Mailbox
from voicebot.adapters.bus.subjects import matches
from voicebot.core.errors import VoicebotError
from voicebot.operations.bus import Handler


class InProcessBus:
    """Behaves like `NatsBus` (tests/contract/test_bus.py); lives on one event loop."""

    def __init__(self) -> None:
        self._mailboxes: list[tuple[str, Mailbox]] = []
        self._servers: list[tuple[str, Handler]] = []
        self._workers = Workers()
        self._closed = False

    async def publish(self, subject: str, body: bytes) -> None:
        self._check_open()
        for pattern, mailbox in self._mailboxes:
            if matches(pattern, subject):
                mailbox.put(subject, body)

    def subscribe(self, subject: str) -> AsyncIterator[tuple[str, bytes]]:
        self._check_open()
        entry = (subject, Mailbox())
        self._mailboxes.append(entry)
        return self._read(entry)

    async def _read(self, entry: tuple[str, Mailbox]) -> AsyncIterator[tuple[str, bytes]]:
        try:
            while (message := await entry[1].get()) is not None:
                yield message
        finally:
            if entry in self._mailboxes:
                self._mailboxes.remove(entry)

    async def serve(self, subject: str, handler: Handler) -> None:
        self._check_open()
        self._servers.append((subject, handler))

    async def request(self, subject: str, body: bytes, timeout: float) -> bytes:
        self._check_open()
        for index, (pattern, handler) in enumerate(self._servers):
            if matches(pattern, subject):
                self._servers.append(self._servers.pop(index))  # several servers take turns
                return await self._ask(subject, handler, body, timeout)
        raise _timed_out(subject)

    async def _ask(self, subject: str, handler: Handler, body: bytes, timeout: float) -> bytes:
        replied: asyncio.Future[Reply] = asyncio.get_running_loop().create_future()

        async def job() -> None:
            reply = await answer(subject, handler, body)
            if not replied.done():
                replied.set_result(reply)

        try:
            async with asyncio.timeout(timeout):
                await self._workers.start(job)
                return (await replied).unwrap()
        except TimeoutError as error:
            raise _timed_out(subject) from error

    async def close(self) -> None:
        self._closed = True
        for _, mailbox in self._mailboxes:
            mailbox.close()
        await self._workers.close()

    def _check_open(self) -> None:
        if self._closed:
            raise VoicebotError("bus.closed", "消息总线已关闭")


def _timed_out(subject: str) -> VoicebotError:
    return VoicebotError("bus.timeout", f"无人应答消息 {subject}", retryable=True)
