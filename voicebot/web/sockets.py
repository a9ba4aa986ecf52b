"""The WebSocket doors that the outside sees; all lead to the line process."""

from collections import Counter
from typing import Final

import structlog
from fastapi import APIRouter, WebSocket

from voicebot.core.errors import VoicebotError
from voicebot.core.ids import CallId, SeatId
from voicebot.operations.talks import TICKET_HEADER, TalkDoors
from voicebot.web.metrics import Metrics
from voicebot.web.options import WebOptions
from voicebot.web.ports import Account, Role
from voicebot.web.proofs import is_own_origin, knows_media_secret
from voicebot.web.relay import relay, unavailable

log = structlog.get_logger(__name__)

AT_SEATS: Final = frozenset({Role.SEAT, Role.SUPERVISOR, Role.ADMIN})
"""Who may hear a talk; which one is the business of its line process."""


def sockets_router(options: WebOptions, metrics: Metrics, doors: TalkDoors | None = None) -> APIRouter:
    """Args: doors: to talks, None where there are no seats."""
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

    @router.websocket("/ws/seat")
    async def seat(socket: WebSocket) -> None:
        """The gate has checked session and origin; what is passed on is who it is, as a ticket."""
        account = socket.state.account
        assert isinstance(account, Account)
        if account.role not in AT_SEATS or doors is None:
            await refuse(socket, "role")
            return
        call, tab = socket.query_params.get("call", ""), socket.query_params.get("tab", "")
        try:
            door = await doors.door(CallId(call[:64]), SeatId(account.name), tab[:64])
        except VoicebotError as error:
            log.info("web.seat_refused", code=error.code, account=account.name)
            if error.retryable:
                await socket.accept()
                await unavailable(socket)
            else:
                await refuse(socket, error.code)
            return
        metrics.sockets_open += 1
        try:
            ticket = {TICKET_HEADER: door.ticket}
            await relay(socket, f"{door.url}/ws/seat", options.line_timeout, ticket)
        finally:
            metrics.sockets_open -= 1

    return router
