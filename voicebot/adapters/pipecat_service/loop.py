"""An event loop in a thread of its own, for what must not share the worker's."""

import asyncio
import concurrent.futures
import contextlib
import threading
from collections.abc import Coroutine
from typing import Any, Final, TypeVar

import structlog

_log = structlog.get_logger(__name__)

LAST: Final = 3.0
"""Seconds that what is under way gets at the end."""

T = TypeVar("T")


class LoopThread:
    """Runs coroutines for threads that block. Whoever has one closes it before the process ends: tasks
    that are dropped half-way complain."""

    def __init__(self, name: str) -> None:
        self._loop = asyncio.new_event_loop()
        self._submitted: set[concurrent.futures.Future[Any]] = set()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        try:
            self._loop.run_forever()
        finally:
            self._loop.close()

    def start(self, work: Coroutine[Any, Any, T]) -> "concurrent.futures.Future[T]":
        """Starts `work` on the loop."""
        future = asyncio.run_coroutine_threadsafe(work, self._loop)
        self._submitted.add(future)
        future.add_done_callback(self._submitted.discard)
        return future

    def submit(self, work: Coroutine[Any, Any, object]) -> None:
        """As `start`, for what nobody waits for; what it raises is logged."""
        self.start(work).add_done_callback(_tell)

    def run(self, work: Coroutine[Any, Any, T], timeout: float) -> T:
        """What `work` returns; any thread but the loop's own.

        Raises:
            TimeoutError: not done in `timeout` seconds; it is cancelled then.
        """
        future = self.start(work)
        try:
            return future.result(timeout)
        except concurrent.futures.TimeoutError:
            future.cancel()
            raise TimeoutError from None

    def close(self) -> None:
        """Ends the thread; what was submitted is let finish first. Does nothing the second time."""
        if not self._thread.is_alive():
            return
        concurrent.futures.wait(self._submitted.copy(), LAST)
        with contextlib.suppress(TimeoutError):
            self.run(_cancel_all(), LAST)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(LAST)


async def _cancel_all() -> None:
    others = asyncio.all_tasks() - {asyncio.current_task()}
    for task in others:
        task.cancel()
    await asyncio.gather(*others, return_exceptions=True)


def _tell(future: "concurrent.futures.Future[Any]") -> None:
    if not future.cancelled() and (error := future.exception()) is not None:
        _log.warning("service.failed", error=str(error))
