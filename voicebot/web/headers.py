"""Headers that keep a browser from doing what our pages never ask for."""

from typing import Final

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from voicebot.web.metrics import Metrics
from voicebot.web.proofs import HOST

FIXED: Final = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "microphone=(self), camera=(), geolocation=(), payment=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}


def content_policy(host: str, nonce: str = "") -> str:
    """No inline script or style, nothing from elsewhere.

    Args:
        nonce: of a page made by NiceGUI: its own inline scripts carry it, no other may run. Its Vue
            compiles templates in the browser (``unsafe-eval``) and writes styles into elements.

    The WebSocket of this host is named: Safari before 15.4 does not count it as ``'self'``.
    """
    sockets = f" ws://{host} wss://{host}" if HOST.fullmatch(host) else ""
    scripts, styles = ("'self'", "'self'")
    if nonce:
        scripts, styles = f"'self' 'nonce-{nonce}' 'unsafe-eval'", "'self' 'unsafe-inline'; font-src 'self'"
    return (
        f"default-src 'none'; script-src {scripts}; worker-src 'self'; style-src {styles}; img-src 'self'; "
        f"media-src 'self'; connect-src 'self'{sockets}; form-action 'self'; base-uri 'none'; "
        "frame-ancestors 'none'"
    )


class SecurityHeaders:
    """ASGI middleware: sets the headers on every answer and counts it."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self._app = app
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        policy = content_policy(Headers(scope=scope).get("host", ""))

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                self._metrics.request(message["status"])
                headers = MutableHeaders(scope=message)
                headers.update(FIXED)
                headers.setdefault("Content-Security-Policy", policy)  # pages of NiceGUI bring their own
                # Files of the pages may be kept if they are asked for again; all else is personal.
                headers.setdefault("Cache-Control", "no-cache" if "/static/" in scope["path"] else "no-store")
            await send(message)

        await self._app(scope, receive, send_with_headers)
