"""Who may come in: every address needs an account unless it is listed here as public."""

from typing import Final
from urllib.parse import urlencode

from starlette.datastructures import Headers
from starlette.requests import HTTPConnection, Request
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from voicebot.web.ports import Account, AccountStore, Role
from voicebot.web.problems import Refusal, problem
from voicebot.web.proofs import SESSION_COOKIE, is_own_origin

PUBLIC: Final = frozenset({"/call", "/call/secure", "/login", "/healthz", "/readyz", "/ws/call"})
PUBLIC_BELOW: Final = ("/call/static/", "/login/static/")
OWN_PROOF: Final = frozenset({"/ws/media-stream"})
"""Doors whose handler asks for a proof of its own."""

SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS"})


def is_public(path: str) -> bool:
    return path in PUBLIC or path in OWN_PROOF or path.startswith(PUBLIC_BELOW)


class Gate:
    """ASGI middleware: finds the account of a request, refuses those without one.

    A session cookie or ``Authorization: Bearer`` counts. Requests that change something and come
    with a cookie must come from a page of ours.
    """

    def __init__(self, app: ASGIApp, accounts: AccountStore, allowed_origins: tuple[str, ...]) -> None:
        self._app = app
        self._accounts = accounts
        self._allowed_origins = allowed_origins

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan" or is_public(scope["path"]):
            await self._app(scope, receive, send)
            return
        request = HTTPConnection(scope)
        account = await account_of(request, self._accounts)
        if account is None:
            await self._refuse(request)(scope, receive, send)
        elif self._is_forged(request):
            await problem(403, "csrf.origin", "请求不是从本站页面发出的")(scope, receive, send)
        else:
            scope.setdefault("state", {})["account"] = account
            await self._app(scope, receive, send)

    def _is_forged(self, request: HTTPConnection) -> bool:
        if _bearer(request.headers) is not None:
            return False
        method = request.scope.get("method", "POST")
        return method not in SAFE and not is_own_origin(request.headers, self._allowed_origins, default=False)

    @staticmethod
    def _refuse(request: HTTPConnection) -> ASGIApp:
        if request.scope["type"] == "websocket":
            return _close_websocket
        if _wants_page(request):
            return _to_login(request)
        return problem(401, "account.required", "请先登录", {"WWW-Authenticate": "Bearer"})


async def account_of(request: HTTPConnection, accounts: AccountStore) -> Account | None:
    """Whose token or session a request carries; None when it is not (or no longer) valid."""
    token = _bearer(request.headers)
    if token is not None:
        return await accounts.by_token(token)
    session = request.cookies.get(SESSION_COOKIE)
    return await accounts.by_session(session) if session else None


def allow(*roles: Role) -> "RoleCheck":
    """Dependency of a route: the account must have one of `roles`."""
    return RoleCheck(frozenset(roles))


class RoleCheck:
    """Raises Refusal ``account.role`` (403) for other roles; gives the account."""

    def __init__(self, roles: frozenset[Role]) -> None:
        self.roles: Final = roles

    def __call__(self, request: Request) -> Account:
        account = request.state.account
        assert isinstance(account, Account)
        if account.role not in self.roles:
            raise Refusal(403, "account.role", "您的账号没有这项权限")
        return account


EVERYONE: Final = allow(*Role)
READERS: Final = allow(Role.ADMIN, Role.SUPERVISOR, Role.SEAT, Role.HANDLER, Role.DISPATCHER)
"""Calls and tickets; editors see no personal data."""
TICKETS: Final = allow(Role.ADMIN, Role.SUPERVISOR, Role.SEAT, Role.HANDLER, Role.DISPATCHER, Role.SYSTEM)
"""The API for tickets; what each role sees and may do is `operations.ticket_work`'s business."""
WORKERS: Final = allow(Role.ADMIN, Role.SUPERVISOR, Role.DISPATCHER, Role.HANDLER)
"""The pages for tickets."""
SEATS: Final = allow(Role.SEAT, Role.SUPERVISOR, Role.ADMIN)
"""Taking calls; each account is its own seat."""
ADMINS: Final = allow(Role.ADMIN)
"""Where data leaves the hotline."""
OVERSEERS: Final = allow(Role.ADMIN, Role.SUPERVISOR)
"""Recordings and figures."""
EDITORS: Final = allow(Role.ADMIN, Role.EDITOR)
"""Flows and their test calls."""
KEEPERS: Final = allow(Role.ADMIN, Role.SUPERVISOR, Role.EDITOR)
"""What the knowledge lacks: questions, without who asked them."""


def _bearer(headers: Headers) -> str | None:
    scheme, _, token = headers.get("authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else None


def _wants_page(request: HTTPConnection) -> bool:
    path = request.scope["path"]
    return (
        request.scope["method"] in SAFE
        and "text/html" in request.headers.get("accept", "")
        and not path.startswith("/api/")
    )


def _to_login(request: HTTPConnection) -> Response:
    path = request.scope["path"]
    where = "/login" if path == "/" else f"/login?{urlencode({'next': path})}"
    return RedirectResponse(where, 303)


async def _close_websocket(_scope: Scope, _receive: Receive, send: Send) -> None:
    await send({"type": "websocket.close", "code": 1008, "reason": "account required"})
