"""The WebSocket doors that the outside sees; both lead to the line process."""

from collections import Counter

from fastapi import APIRouter, WebSocket

from voicebot.web.metrics import Metrics
from voicebot.web.options import WebOptions
from voicebot.web.proofs import is_own_origin, knows_media_secret
from voicebot.web.relay import relay


def sockets_router(options: WebOptions, metrics: Metrics) -> APIRouter:
    router = APIRouter()
    open_from: Counter[str] = Counter()

    async def pass_on(socket: WebSocket, path: str) -> None:
        metrics.sockets_open += 1
        try:
            await relay(socket, options.line_url + path, options.line_timeout)
        finally:
            metrics.sockets_open -= 1

    async def pass_on_citizen(socket: WebSocket) -> None:
        source = socket.client.host if socket.client else ""
        if open_from[source] >= options.calls_per_source:
            await refuse(socket, "too many calls")
            return
        open_from[source] += 1
        try:
            await pass_on(socket, "/ws/call")
        finally:
            open_from[source] -= 1
            if not open_from[source]:
                del open_from[source]

    async def refuse(socket: WebSocket, reason: str) -> None:
        """Before the connection is accepted: the client sees HTTP 403."""
        metrics.sockets_refused += 1
        await socket.close(1008, reason)

    @router.websocket("/ws/call")
    async def call(socket: WebSocket) -> None:
        """Public; only pages of another site are kept out, they could call in a visitor's name."""
        if is_own_origin(socket.headers, options.allowed_origins, default=True):
            await pass_on_citizen(socket)
        else:
            await refuse(socket, "origin")

    @router.websocket("/ws/media-stream")
    async def media_stream(socket: WebSocket) -> None:
        path = "/ws/media-stream"
        if knows_media_secret(options.media_secret, socket.headers, socket.query_params, path):
            await pass_on(socket, path)
        else:
            await refuse(socket, "secret")

    return router
