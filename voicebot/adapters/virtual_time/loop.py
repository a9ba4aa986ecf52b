"""An asyncio loop whose clock jumps to the next timer when nothing is ready."""

import asyncio
import contextlib
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import Executor
from typing import Any, Final, NoReturn, TypeVar, TypeVarTuple

from voicebot.adapters.virtual_time.selector import JumpingSelector

T = TypeVar("T")
Ts = TypeVarTuple("Ts")

START: Final = 1000.0
"""First reading of the clock; not 0, so that "no time yet" is never mistaken for a time."""

PATIENCE: Final = 1.0
"""Real seconds without a timer, held work or a wake-up from a thread before we call it a deadlock."""

THREADED: Final = ("aiosqlite", "sqlalchemy.dialects.sqlite.aiosqlite")
"""Modules whose futures are completed by a thread of theirs: such a future is real work."""


class Deadlock(RuntimeError):
    """Every task waits for something that nobody will bring."""


class VirtualLoop(asyncio.SelectorEventLoop):
    """Time stands still while anything is ready or real work is under way, else it jumps.

    Real work is: whatever runs in an executor (`asyncio.to_thread` too), statements of aiosqlite,
    and any ``with loop.hold():`` block. Work of other threads is invisible, the clock would run
    ahead of it: put it in `hold`. Sockets and child processes are refused.

    Raises:
        Deadlock: out of `run_until_complete`, when nothing can ever happen again.
    """

    def __init__(self) -> None:
        self._now = START
        self._held = 0
        self._settling: list[asyncio.Future[None]] = []
        super().__init__(JumpingSelector(self._idle, self._stuck))

    def time(self) -> float:
        return self._now

    @contextlib.contextmanager
    def hold(self) -> Iterator[None]:
        """Stops the clock inside: for real work whose end the loop cannot foresee.

        Timers do not fire inside, so never await one here.
        """
        self._held += 1
        try:
            yield
        finally:
            self._held -= 1

    async def settled(self) -> None:
        """Returns when all other tasks wait for a timer or for input; the clock does not move."""
        waiter = self.create_future()
        self._settling.append(waiter)
        await waiter

    def _idle(self, timeout: float | None) -> float | None:
        if self._held:
            return None
        if self._settling:
            settling, self._settling = self._settling, []
            for waiter in settling:
                if not waiter.done():
                    waiter.set_result(None)
            return 0
        if timeout is not None:
            self._now += timeout
            return 0
        return PATIENCE  # an unknown thread may still wake us

    def _stuck(self) -> None:
        waiting = "\n".join(f"  {task!r}" for task in asyncio.all_tasks(self))
        raise Deadlock(f"nothing is ready, no timer runs, no work is held; waiting:\n{waiting}")

    # ── real work ───────────────────────────────────────────────────────────────────────────

    def create_future(self) -> asyncio.Future[Any]:
        future = super().create_future()
        if sys._getframe(1).f_globals.get("__name__", "").startswith(THREADED):
            self._hold_until_done(future)
        return future

    def run_in_executor(
        self, executor: Executor | None, func: Callable[[*Ts], T], *args: *Ts
    ) -> asyncio.Future[T]:
        future = super().run_in_executor(executor, func, *args)
        self._hold_until_done(future)
        return future

    async def shutdown_default_executor(self, timeout: float | None = None) -> None:
        with self.hold():
            await super().shutdown_default_executor()

    def _hold_until_done(self, future: asyncio.Future[Any]) -> None:
        self._held += 1
        future.add_done_callback(self._release)

    def _release(self, _future: asyncio.Future[Any]) -> None:
        self._held -= 1

    # ── refused ─────────────────────────────────────────────────────────────────────────────

    def _refuse(self, *_args: Any, **_kwargs: Any) -> NoReturn:
        raise NotImplementedError("no sockets, pipes or processes on virtual time")

    create_connection = create_server = create_datagram_endpoint = _refuse
    create_unix_connection = create_unix_server = connect_read_pipe = connect_write_pipe = _refuse
    subprocess_exec = subprocess_shell = _refuse
    add_reader = add_writer = _refuse  # type: ignore[assignment]  # their signatures are generic
    sock_connect = sock_accept = sock_recv = sock_sendall = _refuse
