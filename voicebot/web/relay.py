"""Passes WebSocket calls on to the line process, frame by frame.

Each direction reads one message and writes it before it reads the next, so a slow side holds back
the other through TCP instead of filling a queue here.
"""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Coroutine, Mapping
from types import MappingProxyType
from typing import Any, Final

import structlog
from starlette.websockets import WebSocket, WebSocketDisconnect
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, WebSocketException

log = structlog.get_logger()

MAX_MESSAGE: Final = 65_536
TRY_AGAIN: Final = 1013
SERVICE_RESTART: Final = 1012
UNAVAILABLE: Final = json.dumps(
    {"type": "error", "code": "line.unavailable", "message": "热线正在启动，请稍后再拨"}, ensure_ascii=False
)


async def unavailable(socket: WebSocket) -> None:
    """Tells an accepted client that the line process does not answer."""
    with contextlib.suppress(WebSocketDisconnect, RuntimeError):
        await socket.send_text(UNAVAILABLE)
        await socket.close(TRY_AGAIN, "line.unavailable")


async def relay(
    socket: WebSocket, url: str, timeout: float, headers: Mapping[str, str] = MappingProxyType({})
) -> None:
    """Accepts `socket` and joins it with `url` until one side closes; the other gets its close code.

    When the line process does not answer within `timeout` seconds the client is told so (1013); when
    it dies the client gets 1012 and may come back with its secret.

    Args:
        headers: of ours, for the line process; none of the client's are passed on.
    """
    await socket.accept()
    try:
        upstream = await connect(
            url,
            open_timeout=timeout,
            close_timeout=1.0,
            compression=None,
            proxy=None,
            max_size=MAX_MESSAGE,
            max_queue=16,
            ping_interval=None,
            additional_headers={"X-Forwarded-For": socket.client.host if socket.client else "", **headers},
        )
    except (OSError, WebSocketException, TimeoutError) as error:
        log.warning("web.line_unavailable", error=repr(error))
        await unavailable(socket)
        return
    async with _closing(upstream):
        await _first_done(_up(socket, upstream), _down(upstream, socket))


async def _up(socket: WebSocket, upstream: ClientConnection) -> None:
    """Client → line."""
    try:
        while True:
            message = await socket.receive()
            if message["type"] == "websocket.disconnect":
                await upstream.close(sendable(message.get("code"), otherwise=1001))
                return
            text = message.get("text")
            await upstream.send(text if text is not None else message.get("bytes") or b"")
    except (ConnectionClosed, RuntimeError):
        return  # the other direction tells the client


async def _down(upstream: ClientConnection, socket: WebSocket) -> None:
    """Line → client."""
    with contextlib.suppress(WebSocketDisconnect, RuntimeError):
        try:
            while True:
                data = await upstream.recv()
                if isinstance(data, bytes):
                    await socket.send_bytes(data)
                else:
                    await socket.send_text(data)
        except ConnectionClosed:
            code = sendable(upstream.close_code, otherwise=SERVICE_RESTART)
            await socket.close(code, upstream.close_reason or "")


def sendable(code: int | None, otherwise: int) -> int:
    """`code` when it may stand in a close frame (RFC 6455 §7.4), else `otherwise`."""
    if code is not None and (code in {1000, 1001, 1003, *range(1007, 1015)} or 3000 <= code <= 4999):
        return code
    return otherwise


@contextlib.asynccontextmanager
async def _closing(upstream: ClientConnection) -> AsyncIterator[None]:
    try:
        yield
    finally:
        await upstream.close()


async def _first_done(*ways: Coroutine[Any, Any, None]) -> None:
    """Runs both ways until the first ends, then stops the other."""
    tasks = [asyncio.create_task(way) for way in ways]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        results = await asyncio.gather(*tasks, return_exceptions=True)
    for result in results:
        if isinstance(result, Exception):
            raise result
