"""The door for seats in the browser: a connection becomes the `Line` that a talk waits for."""

import asyncio
import contextlib
import secrets
from typing import Final

import structlog

from voicebot.adapters.pipecat_line import PipecatLine
from voicebot.adapters.websocket.call_session import CallSession
from voicebot.adapters.websocket.connection import Connection
from voicebot.adapters.websocket.options import WebSocketOptions
from voicebot.adapters.websocket.protocol import ClientMessage, Digit, Start, Text
from voicebot.calls.ports import Line, LineInfo
from voicebot.core.clock import Clock
from voicebot.core.errors import VoicebotError
from voicebot.core.ids import CallId, SeatId
from voicebot.operations.talks import Door

log = structlog.get_logger(__name__)

TICKET_SECONDS: Final = 10.0
TICKETS: Final = 1000
"""Tickets that are out at once; the oldest are void then."""
NEWS_WITHIN: Final = 3.0
"""Seconds that a page may be ahead of the line's own news of an acceptance."""

Key = tuple[CallId, SeatId]


class SeatSession(CallSession):
    """The sound of one seat for one call. Who may connect is settled at the door, so a page that was
    loaded anew comes back without a secret."""

    def __init__(self, call_id: CallId, options: WebSocketOptions, clock: Clock) -> None:
        super().__init__(call_id, "", options, clock)
        self.attached: Final = asyncio.Event()

    async def _attach(self, connection: Connection) -> None:
        await super()._attach(connection)
        self.attached.set()

    async def _take(self, message: ClientMessage) -> None:
        if not isinstance(message, Digit | Text | Start):  # keys and words go by orders to the talk
            await super()._take(message)


class SeatDoor:
    """Implements `voicebot.calls.seat_ports.SeatDoors`; one per line process.

    Args:
        url: where this process's WebSockets are.
    """

    def __init__(self, options: WebSocketOptions, clock: Clock, url: str) -> None:
        self._options = options
        self._clock = clock
        self._url = url
        self._sessions: dict[Key, SeatSession] = {}
        self._tickets: dict[str, tuple[Key, float]] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._news = asyncio.Condition()

    # ── for the talk ────────────────────────────────────────────────────────────────────────

    async def line(self, call_id: CallId, seat: SeatId, timeout: float) -> Line | None:
        """The seat's line once its page has connected; None when it did not within `timeout` seconds. The
        line lives until it is hung up by either side."""
        key = (call_id, seat)
        session = SeatSession(call_id, self._options, self._clock)
        opened: asyncio.Future[PipecatLine] = asyncio.get_running_loop().create_future()
        task = asyncio.create_task(self._run(key, session, opened), name=f"seat {call_id}")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        old = self._sessions.get(key)
        async with self._news:
            self._sessions[key] = session
            self._news.notify_all()
        if old is not None:
            await old.end("us")
        try:
            line = await asyncio.shield(opened)
            async with asyncio.timeout(timeout):
                await session.attached.wait()
        except TimeoutError:
            await session.end("lost")
            await asyncio.wait({task})
            return None
        except asyncio.CancelledError:
            task.cancel()
            raise
        await line.answer()
        return line

    async def _run(self, key: Key, session: SeatSession, opened: asyncio.Future[PipecatLine]) -> None:
        info = LineInfo(key[0], key[1], "", "web", session.rate)
        try:
            async with PipecatLine(info, session.transport, session, self._clock, session) as line:
                session.bind(line)
                opened.set_result(line)
                await line.wait_gone()
        except VoicebotError as failed:
            if not opened.done():
                opened.set_exception(failed)
        finally:
            if self._sessions.get(key) is session:
                del self._sessions[key]
            await session.hang_up()

    # ── for pages ───────────────────────────────────────────────────────────────────────────

    async def issue(self, call_id: CallId, seat: SeatId) -> Door:
        """A ticket for a seat that a talk waits for, or that is in it.

        Raises:
            VoicebotError: ``talk.not_yours``.
        """
        key = (call_id, seat)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(NEWS_WITHIN), self._news:
                await self._news.wait_for(lambda: key in self._sessions)
        if key not in self._sessions:
            raise VoicebotError("talk.not_yours", "这通电话没有等您接听，可能已经由别人接听")
        ticket = secrets.token_urlsafe(24)
        self._tickets[ticket] = (key, self._clock.monotonic() + TICKET_SECONDS)
        while len(self._tickets) > TICKETS:
            del self._tickets[next(iter(self._tickets))]
        return Door(self._url, ticket)

    def admit(self, ticket: str) -> SeatSession | None:
        """The session that a ticket leads to; it is void from now on."""
        key, until = self._tickets.pop(ticket, (None, 0.0))
        if key is None or self._clock.monotonic() > until:
            return None
        return self._sessions.get(key)

    async def close(self) -> None:
        """Ends all lines; for the end of the process."""
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks, timeout=5.0)
