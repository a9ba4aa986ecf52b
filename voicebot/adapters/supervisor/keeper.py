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

Report = Callable[[PartEvent], None]


class Keeper:
    """`start` once, then `keep` in a task; after that task is cancelled, `stop`."""

    def __init__(self, part: Part, report: Report, backoff: Backoff) -> None:
        self.part = part
        self._report = report
        self._backoff = backoff
        self._process: Process | None = None
        self._started = 0.0

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

    async def keep(self) -> None:
        """Restarts the part whenever it ends; runs until cancelled."""
        while True:
            if self._process is not None:
                code = await self._process.wait()
                lived = self._lived()
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
