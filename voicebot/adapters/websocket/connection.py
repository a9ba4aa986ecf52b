"""One WebSocket connection, its failures turned into values."""

import asyncio

from starlette.websockets import WebSocket, WebSocketDisconnect, WebSocketState


class Connection:
    """Sends and receives on an accepted WebSocket; never raises when the peer is gone.

    Args:
        send_timeout: seconds after which a peer that reads nothing counts as gone.
    """

    def __init__(self, socket: WebSocket, send_timeout: float) -> None:
        self._socket = socket
        self._send_timeout = send_timeout
        self._door = asyncio.Lock()
        self._gone = False

    async def receive(self) -> str | bytes | None:
        """The next message; None when the connection is closed."""
        if self._gone:
            return None
        try:
            message = await self._socket.receive()
        except RuntimeError:  # starlette: receive after the close that another task was told of
            message = {"type": "websocket.disconnect"}
        if message["type"] == "websocket.disconnect":
            self._gone = True
            return None
        data: str | bytes | None = message.get("text")
        if data is None:
            data = message.get("bytes")
        return b"" if data is None else data

    async def send(self, data: str | bytes) -> bool:
        """False when the peer did not take it; the connection is then of no more use."""
        try:
            async with asyncio.timeout(self._send_timeout), self._door:
                if self._gone or self._socket.application_state is not WebSocketState.CONNECTED:
                    return False
                if isinstance(data, bytes):
                    await self._socket.send_bytes(data)
                else:
                    await self._socket.send_text(data)
        except (WebSocketDisconnect, RuntimeError, TimeoutError):
            self._gone = True
            return False
        return True

    async def close(self, code: int, reason: str = "") -> None:
        """Closes with `code`; does nothing when it is closed already."""
        try:
            async with asyncio.timeout(self._send_timeout), self._door:
                if self._socket.application_state is WebSocketState.CONNECTED:
                    await self._socket.close(code, reason)
        except (WebSocketDisconnect, RuntimeError, TimeoutError):
            pass  # it is gone, which is what we wanted
        self._gone = True
