"""The WebSocket doors of the line process. It listens on loopback; the web process relays."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Final

import uvicorn
from fastapi import FastAPI, WebSocket

from voicebot.adapters.websocket.call_session import CallSession
from voicebot.adapters.websocket.connection import Connection
from voicebot.adapters.websocket.desk import Desk, OnCall
from voicebot.adapters.websocket.media_stream import serve_media_stream
from voicebot.adapters.websocket.options import WebSocketOptions
from voicebot.adapters.websocket.protocol import (
    CloseCode,
    Error,
    ProtocolError,
    Start,
    encode_server,
    parse_client,
)
from voicebot.adapters.websocket.seat_door import SeatDoor
from voicebot.core.clock import Clock
from voicebot.operations.talks import TICKET_HEADER


def server_config(app: FastAPI, host: str = "127.0.0.1", port: int = 0) -> uvicorn.Config:
    """How the line process serves `line_app`: messages and queues are bounded, sound is not
    compressed (it does not compress), a peer that is gone is noticed within 15 s."""
    return uvicorn.Config(
        app,
        host=host,
        port=port,
        ws_max_size=65_536,
        ws_max_queue=64,
        ws_per_message_deflate=False,
        ws_ping_interval=5.0,
        ws_ping_timeout=10.0,
        timeout_graceful_shutdown=5,
        log_config=None,
        access_log=False,
    )


def line_app(
    on_call: OnCall, options: WebSocketOptions, clock: Clock, seats: SeatDoor | None = None
) -> FastAPI:
    """`WS /ws/call`, `/ws/media-stream` and `/ws/seat`; `app.state.desk` tells how many calls are open.

    Args:
        on_call: the whole call; the line is closed when it returns.
        seats: who may come in to a talk; None lets nobody in.
    """
    desk = Desk(on_call, options, clock)

    @contextlib.asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        yield
        await desk.close()
        if seats is not None:
            await seats.close()

    app = FastAPI(lifespan=lifespan, openapi_url=None, docs_url=None, redoc_url=None)
    app.state.desk = desk

    @app.websocket("/ws/call")
    async def call(socket: WebSocket) -> None:
        await socket.accept()
        connection = Connection(socket, options.send_timeout)
        await _serve(connection, lambda: _open(connection, desk, options))

    @app.websocket("/ws/seat")
    async def seat(socket: WebSocket) -> None:
        await socket.accept()
        connection = Connection(socket, options.send_timeout)
        ticket = socket.headers.get(TICKET_HEADER, "")
        await _serve(connection, lambda: _open_seat(connection, seats, ticket, options))

    @app.websocket("/ws/media-stream")
    async def media_stream(socket: WebSocket) -> None:
        await socket.accept()
        await serve_media_stream(Connection(socket, options.send_timeout), desk, options, clock)

    return app


class _Refused(Exception):
    """The connection gets no call."""

    def __init__(self, code: str, message: str, close_code: int) -> None:
        super().__init__(code)
        self.error: Final = Error(code, message)
        self.close_code: Final = close_code


async def _serve(connection: Connection, opened: Callable[[], Awaitable[CallSession]]) -> None:
    """The connection's part of its call, or the reason why it gets none."""
    try:
        session = await opened()
    except _Refused as refusal:
        await connection.send(encode_server(refusal.error))
        await connection.close(refusal.close_code, refusal.error.code)
    else:
        await session.serve(connection)


async def _open_seat(
    connection: Connection, seats: SeatDoor | None, ticket: str, options: WebSocketOptions
) -> CallSession:
    """The talk that the ticket leads to.

    Raises:
        _Refused: no ticket of ours, an old or a used one; no start in time.
    """
    session = seats.admit(ticket) if seats is not None else None
    if session is None:
        raise _Refused("seat.no_ticket", "没有接听这通电话的凭证", CloseCode.NO_TICKET)
    await _started(connection, options)
    return session


async def _open(connection: Connection, desk: Desk, options: WebSocketOptions) -> CallSession:
    """The call that the first message asks for: a new one, or one to go on with.

    Raises:
        _Refused: no start in time, nonsense, an unknown secret, or all lines are busy.
    """
    start = await _started(connection, options)
    if start.resume:
        known = desk.find(start.resume)
        if known is None:
            raise _Refused("resume.unknown", "原来的通话已经结束", CloseCode.NOT_RESUMABLE)
        return known
    if desk.is_full():
        raise _Refused("line.busy", "热线正忙，请稍后再拨", CloseCode.BUSY)
    return desk.open_session(start.caller)


async def _started(connection: Connection, options: WebSocketOptions) -> Start:
    """The first message.

    Raises:
        _Refused: no start in time, or nonsense.
    """
    try:
        async with asyncio.timeout(options.start_within):
            first = await connection.receive()
    except TimeoutError as late:
        raise _Refused("start.missing", "没有收到 start", CloseCode.NO_START) from late
    try:
        start = parse_client("" if first is None else first)
    except ProtocolError as error:
        raise _Refused(error.code, error.message, CloseCode.TOO_MANY_ERRORS) from error
    if not isinstance(start, Start):
        raise _Refused("start.missing", "第一条应是 start", CloseCode.NO_START)
    return start
