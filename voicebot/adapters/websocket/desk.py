"""All calls of this process: their tasks, their secrets, their number."""

import asyncio
import secrets
from collections.abc import Awaitable, Callable

import structlog

from voicebot.adapters.pipecat_line import PipecatLine
from voicebot.adapters.websocket.call_session import CallSession
from voicebot.adapters.websocket.options import WebSocketOptions
from voicebot.adapters.websocket.wire import Wire
from voicebot.calls.ports import Line, LineInfo
from voicebot.core.clock import Clock
from voicebot.core.ids import CallId

log = structlog.get_logger()

OnCall = Callable[[Line], Awaitable[None]]


class Desk:
    """Runs `on_call` for each call in a task of its own, which outlives a broken connection."""

    def __init__(self, on_call: OnCall, options: WebSocketOptions, clock: Clock) -> None:
        self._on_call = on_call
        self._options = options
        self._clock = clock
        self._tasks: set[asyncio.Task[None]] = set()
        self._sessions: dict[str, CallSession] = {}

    @property
    def open_calls(self) -> int:
        return len(self._tasks)

    def is_full(self) -> bool:
        return len(self._tasks) >= self._options.max_calls

    def new_id(self) -> CallId:
        return CallId(f"{self._clock.now():%Y%m%d-%H%M%S}-{secrets.token_hex(2)}")

    def open_session(self, caller: str) -> CallSession:
        """A new call of the phone page; its task has been started."""
        session = CallSession(self.new_id(), secrets.token_urlsafe(24), self._options, self._clock)
        self._sessions[session.resume] = session
        info = LineInfo(session.call_id, caller, self._options.dialled, "web", session.rate)
        task = self.start(info, session)
        task.add_done_callback(lambda _: self._sessions.pop(session.resume, None))
        return session

    def find(self, resume: str) -> CallSession | None:
        """The running call that this secret belongs to."""
        session = self._sessions.get(resume)
        return None if session is None or session.over else session

    def start(self, info: LineInfo, wire: Wire) -> asyncio.Task[None]:
        """Runs the call over `wire` until it ends; the task is kept here."""
        task = asyncio.create_task(self._run(info, wire), name=f"call {info.call_id}")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def _run(self, info: LineInfo, wire: Wire) -> None:
        screen = wire if isinstance(wire, CallSession) else None
        structlog.contextvars.bind_contextvars(call_id=info.call_id)
        try:
            async with PipecatLine(info, wire.transport, wire, self._clock, screen) as line:
                wire.bind(line)
                limit = asyncio.get_running_loop().call_later(
                    self._options.max_seconds, line.gone, "max_duration"
                )
                try:
                    await self._on_call(line)
                finally:
                    limit.cancel()
        except Exception:  # the supervisor of this call: one call's fault must not end the others
            log.exception("ws.call_failed", call_id=info.call_id)
        finally:
            await wire.hang_up()

    async def close(self) -> None:
        """Ends all calls; for the end of the process, after draining."""
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks, timeout=5.0)
