"""The door to NiceGUI: who may pass, and which scripts of its pages may run."""

import secrets
from collections.abc import Mapping
from typing import Final

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from voicebot.web.gate import RoleCheck
from voicebot.web.headers import content_policy
from voicebot.web.ports import Account
from voicebot.web.problems import problem

PAGE_MARK: Final = "x-nicegui-content"
_OWN: Final = "/_nicegui"
SOCKETS: Final = "/_nicegui_ws/"
_DROPPED: Final = (b"x-forwarded-prefix", b"accept-encoding", b"nicegui-check")
"""Headers NiceGUI would believe, or that would hide its pages from us."""


class Door:
    """ASGI middleware in front of NiceGUI, behind the `Gate`: some roles only, WebSocket only (its
    long-polling takes messages by GET), pages with a nonce.

    Args:
        welcome: who may pass.
        state: what pages behind this door find in the state of their request.
        room: where these pages are inside the application, which has several doors.
    """

    def __init__(self, app: ASGIApp, welcome: RoleCheck, state: Mapping[str, object], room: str) -> None:
        self._app = app
        self._welcome = welcome
        self._state = dict(state)
        self._room = room

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        account = scope.get("state", {}).get("account")
        welcome = isinstance(account, Account) and account.role in self._welcome.roles
        if scope["type"] == "websocket":
            await (self._app if welcome else _closed)(scope, receive, send)
        elif not welcome:
            await problem(403, "account.role", "您的账号没有这项权限")(scope, receive, send)
        elif SOCKETS in scope["path"]:
            await problem(400, "flows.websocket", "本页面需要 WebSocket 连接")(scope, receive, send)
        else:
            scope["state"] |= self._state
            scope["headers"] = [(name, value) for name, value in scope["headers"] if name not in _DROPPED]
            self._lead(scope)
            await self._app(scope, receive, _Page(Headers(scope=scope).get("host", ""), send))

    def _lead(self, scope: Scope) -> None:
        """Pages of this door lie in its room; what NiceGUI serves of its own lies at the root."""
        root = scope.get("root_path", "")
        inside = scope["path"].removeprefix(root)
        if not inside.startswith(_OWN):
            scope["path"] = f"{root}{self._room}{inside}"


class _Page:
    """Gives the scripts of a page their nonce. What people wrote is in the page as escaped JSON, so
    every ``<script`` in it is NiceGUI's own."""

    def __init__(self, host: str, send: Send) -> None:
        self._host = host
        self._send = send
        self._start: Message | None = None
        self._body = bytearray()

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start" and PAGE_MARK in Headers(raw=message["headers"]):
            self._start = message
        elif self._start is None:
            await self._send(message)
        else:
            self._body += message.get("body", b"")
            if not message.get("more_body", False):
                await self._finish(self._start)

    async def _finish(self, start: Message) -> None:
        nonce = secrets.token_urlsafe(16)
        body = bytes(self._body).replace(b"<script", f'<script nonce="{nonce}"'.encode())
        headers = MutableHeaders(raw=start["headers"])
        headers["content-length"] = str(len(body))
        headers["content-security-policy"] = content_policy(self._host, nonce)
        await self._send({**start, "headers": headers.raw})
        await self._send({"type": "http.response.body", "body": body})


async def _closed(_scope: Scope, _receive: Receive, send: Send) -> None:
    await send({"type": "websocket.close", "code": 1008, "reason": "account.role"})
