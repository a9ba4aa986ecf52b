"""Keeps one part alive."""

import asyncio
import contextlib
import os
import signal
import sys
from asyncio.subprocess import Process
from collections.abc import Callable
from pathlib import Path
from typing import Final

from voicebot.adapters.supervisor import child
from voicebot.adapters.supervisor.part import Backoff, Happening, Part, PartEvent
from voicebot.core.errors import VoicebotError

POLL: Final = 0.1
"""Seconds between two questions whether a part is ready."""

CHECK: Final = 1.0
"""Seconds between two questions how a part is."""
MISSED: Final = 2
"""Questions without an answer after which a part hangs."""

REST: Final = 300.0
"""Seconds between two successors that nobody asked for."""

Report = Callable[[PartEvent], None]


class Keeper:
    """`start` once, then `keep` in a task; after that task is cancelled, `stop`."""

    def __init__(self, part: Part, report: Report, backoff: Backoff) -> None:
        self.part = part
        self._report = report
        self._backoff = backoff
        self._process: Process | None = None
        self._started = 0.0
        self._renewal = asyncio.Event()
        self._renewed = -REST

    async def start(self) -> None:
        """Returns when the part is ready.

        Raises:
            VoicebotError: ``serve.part_failed``: it ended or was not ready in time.
        """
        process = await self._spawn()
        if await self._until_ready(process):
            return
        code = process.returncode
        how = "没有及时就绪" if code is None else f"启动后退出（{how_it_ended(code)}），原因见上面的输出"
        raise VoicebotError("serve.part_failed", f"进程 {self.part.name} {how}")

    def renew(self) -> None:
        """Asks for a successor, of a part that can have one; the running one works until it is there."""
        self._renewal.set()

    async def keep(self) -> None:
        """Restarts the part whenever it ends or hangs, renews it; runs until cancelled."""
        while True:
            if self._process is not None:
                await self._until_ended(self._process)
                code, lived = self._process.returncode, self._lived()
                self._tell(Happening.ENDED, self._process.pid, lived, code)
                self._backoff = self._backoff.after(lived)
            self._tell(Happening.WAITING, seconds=self._backoff.delay)
            await asyncio.sleep(self._backoff.delay)
            try:
                process = await self._spawn()
            except VoicebotError:  # no memory or no processes left: try again later
                self._process = None
                self._backoff = self._backoff.after(0)
                continue
            if not await self._until_ready(process) and process.returncode is None:
                self._tell(Happening.LATE, process.pid, self._lived())

    async def _until_ended(self, process: Process) -> None:
        """Returns when the part has ended, whichever process it was in the end."""
        while process.returncode is None:
            ended = asyncio.create_task(process.wait())
            watch = asyncio.create_task(self._watch())
            try:
                await asyncio.wait([ended, watch], return_when=asyncio.FIRST_COMPLETED)
            finally:
                for task in (ended, watch):
                    task.cancel()
                await asyncio.gather(ended, watch, return_exceptions=True)
            if process.returncode is not None:
                return
            if watch.result() is Happening.HUNG:
                self._tell(Happening.HUNG, process.pid, self._lived())
                _send(process, signal.SIGKILL)
                await process.wait()
            else:
                process = await self._renew(process)

    async def _watch(self) -> Happening:
        """Why the running process has to go: `HUNG` or `RENEWING`."""
        missed = 0
        while True:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(CHECK):
                    await self._renewal.wait()
            if self._renewal.is_set():
                self._renewal.clear()
                return Happening.RENEWING
            if self.part.health is None:
                continue
            health = await self.part.health()
            missed = missed + 1 if health is None else 0
            if missed >= MISSED or (health is not None and health.stuck):
                return Happening.HUNG
            if health is not None and health.tired and self._rested():
                return Happening.RENEWING

    async def _renew(self, old: Process) -> Process:
        """The successor once it has taken over and `old` has ended; `old` when there is none."""
        if self.part.health is None:
            return old
        began = self._started
        self._renewed = asyncio.get_running_loop().time()
        self._tell(Happening.RENEWING, old.pid, self._lived())
        try:
            fresh = await self._spawn()
        except VoicebotError:
            return old
        try:
            took_over = await self._until_taken_over(fresh)
        except asyncio.CancelledError:  # we stop: `stop` knows one process only
            _send(old, signal.SIGKILL)
            raise
        if took_over:
            self._tell(Happening.READY, fresh.pid, self._lived())
            _send(old, signal.SIGTERM)
            if not await self._ended_in_time(old, asyncio.Event()):
                self._tell(Happening.KILLED, old.pid)
                _send(old, signal.SIGKILL)
                await old.wait()
            return fresh
        self._tell(Happening.LATE, fresh.pid, self._lived())
        if fresh.returncode is None:
            _send(fresh, signal.SIGKILL)
            await fresh.wait()
        self._process, self._started = old, began
        return old

    def _rested(self) -> bool:
        """A successor that is tired at once, or cannot start, must not be followed by the next."""
        return asyncio.get_running_loop().time() - self._renewed >= REST

    async def _until_taken_over(self, fresh: Process) -> bool:
        """Whether `fresh` answers in the part's name within `Part.start_within` seconds."""
        assert self.part.health is not None
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(self.part.start_within):
                while fresh.returncode is None:
                    health = await self.part.health()
                    if health is not None and health.pid == fresh.pid:
                        return True
                    await asyncio.sleep(POLL)
        return False

    async def stop(self, hurry: asyncio.Event) -> None:
        """SIGTERM, then SIGKILL after `Part.stop_within` seconds or as soon as `hurry` is set."""
        process = self._process
        if process is None:
            return
        if process.returncode is None:
            self._tell(Happening.STOPPING, process.pid)
            _send(process, signal.SIGTERM)
            if not await self._ended_in_time(process, hurry):
                self._tell(Happening.KILLED, process.pid)
                _send(process, signal.SIGKILL)
                await process.wait()
        self._tell(Happening.STOPPED, process.pid, self._lived(), process.returncode)

    async def _ended_in_time(self, process: Process, hurry: asyncio.Event) -> bool:
        waits = [asyncio.create_task(process.wait()), asyncio.create_task(hurry.wait())]
        try:
            await asyncio.wait(waits, timeout=self.part.stop_within, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for wait in waits:
                wait.cancel()
            await asyncio.gather(*waits, return_exceptions=True)
        return process.returncode is not None

    async def _spawn(self) -> Process:
        part = self.part
        shim = (sys.executable, "-I", "-S", str(Path(child.__file__)), str(os.getpid()), str(part.niceness))
        try:
            process = await asyncio.create_subprocess_exec(
                *shim,
                *part.argv,
                env={**os.environ, **part.env},
                stdin=asyncio.subprocess.DEVNULL,
                start_new_session=True,  # Ctrl-C reaches only us: we stop the parts in order
            )
        except OSError as error:
            message = f"进程 {part.name} 无法启动：{error.strerror}"
            raise VoicebotError("serve.part_failed", message, retryable=True) from error
        self._process = process
        self._started = asyncio.get_running_loop().time()
        self._tell(Happening.STARTING, process.pid)
        return process

    async def _until_ready(self, process: Process) -> bool:
        """False when it ended, or was not ready within `Part.start_within` seconds."""
        try:
            async with asyncio.timeout(self.part.start_within):
                while process.returncode is None:
                    if await self.part.ready():
                        self._tell(Happening.READY, process.pid, self._lived())
                        return True
                    await asyncio.sleep(POLL)
        except TimeoutError:
            pass
        return False

    def _lived(self) -> float:
        return asyncio.get_running_loop().time() - self._started

    def _tell(self, what: Happening, pid: int = 0, seconds: float = 0.0, code: int | None = None) -> None:
        self._report(PartEvent(self.part.name, what, pid, seconds, code))


def how_it_ended(code: int) -> str:
    """``退出码 1``, or the name of the signal."""
    if code >= 0:
        return f"退出码 {code}"
    try:
        return f"信号 {signal.Signals(-code).name}"
    except ValueError:
        return f"信号 {-code}"


def _send(process: Process, what: signal.Signals) -> None:
    """Signals a process that may just have ended."""
    with contextlib.suppress(ProcessLookupError):
        process.send_signal(what)
