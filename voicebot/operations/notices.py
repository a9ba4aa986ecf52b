"""Messages to other systems (SMS gateway, webhook): stored first, then sent, tried again, never lost unsaid.

A message is a row before its first try, so that what a crash interrupts is sent after the restart. Each
target has a queue and a sender of its own: one that is down delays nobody else's messages. What still fails
after all tries is logged and told as the event ``notify.failed``. Delivery is at least once; `Notice.id` lets
a receiver know a message that it has had already.
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Protocol

import structlog

from voicebot.core.clock import Clock
from voicebot.core.errors import VoicebotError

log = structlog.get_logger(__name__)

QUEUE: Final = 1000
"""Messages that may wait for one target; further ones are refused."""
FIRST_PAUSE: Final = 1.0
LONGEST_PAUSE: Final = 30.0
"""Seconds between tries: doubled each time, up to the longest."""
KEPT: Final = timedelta(days=1)
"""A message interrupted longer ago is not sent any more: nobody expects an SMS of yesterday."""


@dataclass(frozen=True, slots=True)
class Notice:
    """One message.

    Args:
        id: the same in each try.
        target: a name of the settings.
        step: ``flow.step`` that sends it.
        phone: whom an SMS is for, "" for nobody.
        slots: (name, value) that go with it.
    """

    id: str
    target: str
    at: datetime
    call_id: str
    step: str
    phone: str
    text: str
    slots: tuple[tuple[str, str], ...] = ()


class Courier(Protocol):
    """Brings messages to their targets."""

    @property
    def tries(self) -> Mapping[str, int]:
        """Target → how often a message is tried."""
        ...

    async def send(self, notice: Notice) -> None:
        """One try, of bounded time.

        Raises:
            VoicebotError: ``notify.…``; `retryable` when another try may help.
        """
        ...


class NoticeLedger(Protocol):
    """What was accepted, and what became of it. Each call is one transaction with its event."""

    async def accepted(self, notice: Notice) -> None: ...

    async def sent(self, notice: Notice) -> None: ...

    async def failed(self, notice: Notice, code: str) -> None: ...

    async def unfinished(self) -> Sequence[Notice]:
        """Accepted, and neither sent nor failed; oldest first."""
        ...


@dataclass(frozen=True, slots=True)
class _Job:
    notice: Notice
    outcome: "asyncio.Future[str]"
    stored: bool = False


class NoticeDesk:
    """One per process. `give` takes a message, `run` sends them."""

    def __init__(self, courier: Courier, ledger: NoticeLedger, clock: Clock) -> None:
        self._courier = courier
        self._ledger = ledger
        self._clock = clock
        self._queues: dict[str, asyncio.Queue[_Job]] = {name: asyncio.Queue(QUEUE) for name in courier.tries}
        self._refused: asyncio.Queue[tuple[Notice, str]] = asyncio.Queue(QUEUE)

    def give(self, notice: Notice) -> "asyncio.Future[str]":
        """Takes a message; the outcome is "" when its target has it, else the code of the failure. Whether
        anybody waits for the outcome changes nothing."""
        outcome: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        queue = self._queues.get(notice.target)
        if queue is None or queue.full():
            code = "notify.unknown_target" if queue is None else "notify.busy"
            log.error("notice.refused", target=notice.target, code=code, step=notice.step)
            outcome.set_result(code)
            if not self._refused.full():  # beyond that the log must do
                self._refused.put_nowait((notice, code))
        else:
            queue.put_nowait(_Job(notice, outcome))
        return outcome

    async def run(self) -> None:
        """Sends until cancelled, first what a crash has left."""
        await self._resume()
        async with asyncio.TaskGroup() as group:
            for queue in self._queues.values():
                group.create_task(self._serve(queue))
            while True:
                await self._note(*await self._refused.get())

    async def drain(self, timeout: float) -> int:
        """Waits until all was tried; how many are left after `timeout` seconds (they are stored)."""
        try:
            async with asyncio.timeout(timeout):
                for queue in self._queues.values():
                    await queue.join()
        except TimeoutError:
            return sum(queue.qsize() for queue in self._queues.values())
        return 0

    async def _resume(self) -> None:
        try:
            left = await self._ledger.unfinished()
        except VoicebotError as error:
            log.error("notice.not_resumed", code=error.code)
            return
        for notice in left:
            queue = self._queues.get(notice.target)
            if queue is None or queue.full() or self._clock.now() - notice.at > KEPT:
                await self._note(notice, "notify.too_late" if queue else "notify.unknown_target")
            else:
                outcome: asyncio.Future[str] = asyncio.get_running_loop().create_future()
                queue.put_nowait(_Job(notice, outcome, stored=True))

    async def _serve(self, queue: "asyncio.Queue[_Job]") -> None:
        while True:
            job = await queue.get()
            try:
                code = await self._bring(job)
                if not job.outcome.done():
                    job.outcome.set_result(code)
            finally:
                queue.task_done()

    async def _bring(self, job: _Job) -> str:
        """All tries; "" or the code of the last failure."""
        notice = job.notice
        if not job.stored:
            try:
                await self._ledger.accepted(notice)
            except VoicebotError as error:  # the message matters more than its record
                log.error("notice.not_stored", target=notice.target, code=error.code)
        code, pause = "", FIRST_PAUSE
        for turn in range(self._courier.tries[notice.target]):
            if turn:
                await asyncio.sleep(pause)
                pause = min(2 * pause, LONGEST_PAUSE)
            try:
                await self._courier.send(notice)
            except VoicebotError as error:
                code = error.code
                log.warning("notice.failed", target=notice.target, code=code, turn=turn + 1)
                if not error.retryable:
                    break
            else:
                code = ""
                break
        await self._note(notice, code)
        return code

    async def _note(self, notice: Notice, code: str) -> None:
        if code:
            log.error("notice.given_up", target=notice.target, code=code, step=notice.step, id=notice.id)
        try:
            await (self._ledger.failed(notice, code) if code else self._ledger.sent(notice))
        except VoicebotError as error:
            log.error("notice.not_noted", target=notice.target, code=error.code, id=notice.id)
