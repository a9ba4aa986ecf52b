"""One call of the phone page, over one connection or several one after the other."""

import asyncio
from collections import deque
from typing import Final, assert_never

import structlog
from pipecat.audio.dtmf.types import KeypadEntry
from pipecat.frames.frames import InputAudioRawFrame, InputDTMFFrame, InputTextRawFrame

from voicebot.adapters.websocket.connection import Connection
from voicebot.adapters.websocket.options import WebSocketOptions
from voicebot.adapters.websocket.pacing import Allowance, Playout
from voicebot.adapters.websocket.protocol import (
    RATE,
    Caption,
    ClientMessage,
    CloseCode,
    Digit,
    Ended,
    Error,
    Flush,
    Hangup,
    Played,
    ProtocolError,
    Ready,
    ServerMessage,
    Sound,
    Start,
    State,
    Text,
    encode_server,
    parse_client,
)
from voicebot.adapters.websocket.wire import Wire
from voicebot.core.clock import Clock
from voicebot.core.ids import CallId

log = structlog.get_logger()

KEPT: Final = 50
"""Captions kept for a caller whose connection is broken; the oldest go first."""


class CallSession(Wire):
    """`FarEnd` and `Screen` of a web call.

    Args:
        resume: secret with which a new connection comes back to this call.
    """

    def __init__(self, call_id: CallId, resume: str, options: WebSocketOptions, clock: Clock) -> None:
        playout = Playout(RATE, options.lead, options.client_buffer)
        super().__init__(RATE, playout, clock, options.resume_within)
        self.call_id: Final = call_id
        self.resume: Final = resume
        self._options = options
        self._connection: Connection | None = None
        self._answered = False
        self._unseen: deque[Caption] = deque(maxlen=KEPT)
        self._state: State | None = None
        self._lost: asyncio.TimerHandle | None = None

    @property
    def connected(self) -> bool:
        return self._connection is not None

    # ── connections ─────────────────────────────────────────────────────────────────────────

    async def serve(self, connection: Connection) -> None:
        """Reads `connection` until it closes, was replaced, or the call is over."""
        await self._attach(connection)
        await self.started.wait()
        guard = _Guard(self._options)
        while not self.over and (data := await connection.receive()) is not None:
            try:
                message = parse_client(data)
                guard.admit(message, self.clock.monotonic())
                await self._take(message)
            except ProtocolError as error:
                await connection.send(encode_server(Error(error.code, error.message)))
                if guard.is_exhausted():
                    log.warning("ws.too_many_errors", call_id=self.call_id, code=error.code)
                    await connection.close(CloseCode.TOO_MANY_ERRORS, "too many errors")
                    if self._connection is connection:
                        await self.end("error")
        self._detach(connection)

    async def _attach(self, connection: Connection) -> None:
        old, self._connection = self._connection, connection
        if self._lost is not None:
            self._lost.cancel()
            self._lost = None
        if old is not None:
            await old.close(CloseCode.REPLACED, "resumed elsewhere")
        if self._answered:
            await self._greet()

    def _detach(self, connection: Connection) -> None:
        if self._connection is not connection or self.over:
            return
        self._connection = None
        log.info("ws.dropped", call_id=self.call_id, keeps=self._options.resume_within)
        self._lost = asyncio.get_running_loop().call_later(self._options.resume_within, self.gone, "lost")

    async def _greet(self) -> None:
        """Ready first; then what the caller missed while the connection was broken."""
        self.playout.reconnected()
        await self._send(Ready(self.call_id, self.resume))
        if self._state is not None:
            await self._send(self._state)
        while self._unseen and self._connection is not None:
            await self._send(self._unseen.popleft())
        self.changed()

    async def _send(self, message: ServerMessage) -> None:
        """Keeps captions for later when there is no connection."""
        if self._connection is not None and await self._connection.send(encode_server(message)):
            return
        if isinstance(message, Caption) and not self.over:
            self._unseen.append(message)

    async def _take(self, message: ClientMessage) -> None:
        match message:
            case Sound(pcm):
                await self.hear(InputAudioRawFrame(pcm, RATE, 1))
            case Digit(digit):
                await self.hear(InputDTMFFrame(KeypadEntry(digit)))
            case Text(text):
                await self.hear(InputTextRawFrame(text))
            case Played(samples):
                if self._answered:
                    self.playout.acknowledge(samples, self.clock.monotonic())
            case Hangup():
                await self.end("caller")
            case Start():
                raise ProtocolError("start.repeated", "通话已经开始")
            case _:
                assert_never(message)

    # ── Wire ────────────────────────────────────────────────────────────────────────────────

    async def answer(self) -> None:
        if not self._answered:
            self._answered = True
            if self._connection is not None:
                await self._greet()

    async def put_sound(self, pcm: bytes) -> None:
        if self._connection is not None:
            await self._connection.send(pcm)

    async def put_flush(self) -> None:
        await self._send(Flush())

    async def put_end(self) -> None:
        if self._lost is not None:
            self._lost.cancel()
            self._lost = None
        if self._connection is not None:
            await self._connection.send(encode_server(Ended(self._ended_by)))
            await self._connection.close(CloseCode.ENDED)

    # ── Screen ──────────────────────────────────────────────────────────────────────────────

    async def caption(self, who: str, text: str, final: bool) -> None:
        await self._send(Caption(who, text, final))

    async def state(self, state: str) -> None:
        self._state = State(state)
        await self._send(self._state)


class _Guard:
    """What one connection may send, and how often it may be wrong."""

    def __init__(self, options: WebSocketOptions) -> None:
        self._sound = Allowance(rate=55.0, burst=150.0)
        self._words = Allowance(rate=50.0, burst=100.0)
        self._errors_left = options.max_errors

    def admit(self, message: ClientMessage, now: float) -> None:
        """Raises ProtocolError ``rate.exceeded`` for a message too many, which is then dropped."""
        allowance = self._sound if isinstance(message, Sound) else self._words
        if not allowance.take(now):
            raise ProtocolError("rate.exceeded", "发送过快，这一条没有处理")

    def is_exhausted(self) -> bool:
        """Counts one error; True when it was the last that is borne."""
        self._errors_left -= 1
        return self._errors_left <= 0
