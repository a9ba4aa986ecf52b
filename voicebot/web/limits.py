"""Bodies of requests are bounded: what is too long is refused before it is read."""

from typing import Final

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from voicebot.web.problems import Refusal, problem

LARGEST: Final = 1_000_000
"""Bytes of a body below `/api/`."""
_CODE: Final = "request.too_large"
_DETAIL: Final = "请求的内容太大，最多一兆字节"


class BodyLimit:
    """ASGI middleware for `/api/`: 413 by the announced length, else as soon as more has come than that."""

    def __init__(self, app: ASGIApp, largest: int = LARGEST) -> None:
        self._app = app
        self._largest = largest

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not scope["path"].startswith("/api/"):
            await self._app(scope, receive, send)
            return
        announced = Headers(scope=scope).get("content-length", "0")
        if announced.isdigit() and int(announced) > self._largest:
            await problem(413, _CODE, _DETAIL, {"Connection": "close"})(scope, receive, send)
            return
        await self._app(scope, _Counted(receive, self._largest), send)


class _Counted:
    """Receives until too much has come; FastAPI lets the refusal through to its handler."""

    def __init__(self, receive: Receive, largest: int) -> None:
        self._receive = receive
        self._left = largest

    async def __call__(self) -> Message:
        message = await self._receive()
        self._left -= len(message.get("body", b""))
        if self._left < 0:
            raise Refusal(413, _CODE, _DETAIL, {"Connection": "close"})
        return message
