"""The web process: pages, API and the doors to the line."""

from typing import Final

import uvicorn
from fastapi import FastAPI
from fastapi.staticfiles import StaticFiles

from voicebot import __version__
from voicebot.web.access_api import access_router
from voicebot.web.api import api_router
from voicebot.web.deps import WebDeps
from voicebot.web.flows.draft_api import draft_router
from voicebot.web.gate import Gate
from voicebot.web.headers import SecurityHeaders
from voicebot.web.health import health_router
from voicebot.web.limits import BodyLimit
from voicebot.web.metrics import Metrics
from voicebot.web.pages import STATIC, pages_router
from voicebot.web.problems import install_problems
from voicebot.web.seat_api import seat_router
from voicebot.web.sockets import sockets_router
from voicebot.web.stream_api import stream_router
from voicebot.web.suggestion_api import suggestion_router
from voicebot.web.ticket_api import ticket_router
from voicebot.web.tickets.drafts import drafts_router
from voicebot.web.tickets.notice import notice_router
from voicebot.web.tickets.slip import slip_router
from voicebot.web.unanswered_api import unanswered_router
from voicebot.web.unreached_api import unreached_router
from voicebot.web.webhook_api import webhook_router

DESCRIPTION: Final = "12345 政务服务便民热线：通话和工单。需要会话 Cookie 或 `Authorization: Bearer <令牌>`。"


def web_app(deps: WebDeps) -> FastAPI:
    """All addresses of the hotline. It has no lifespan, so one app may be served on HTTP and HTTPS.

    Every address needs an account unless `voicebot.web.gate` lists it as public.
    """
    app = FastAPI(
        title="12345 热线",
        version=__version__,
        description=DESCRIPTION,
        openapi_url="/api/openapi.json",
        docs_url=None,
        redoc_url=None,
    )
    metrics = Metrics()
    install_problems(app)
    app.include_router(health_router(deps, metrics))
    app.include_router(api_router(deps))
    app.include_router(ticket_router(deps.work, deps.clock))
    app.include_router(suggestion_router(deps.similar, deps.hot_spots, deps.clock))
    app.include_router(access_router(deps.work))
    app.include_router(webhook_router(deps.hooks))
    app.include_router(stream_router(deps.feed, deps.clock))
    app.include_router(unanswered_router(deps.unanswered))
    if deps.seats is not None:
        app.include_router(seat_router(deps.seats, deps.clock))
    app.include_router(pages_router(deps, metrics))
    app.include_router(sockets_router(deps.options, metrics, deps.doors))
    app.mount("/call/static", StaticFiles(directory=STATIC / "phone"))
    app.mount("/login/static", StaticFiles(directory=STATIC / "login"))
    app.mount("/static/tickets", StaticFiles(directory=STATIC / "tickets"))
    app.mount("/static/seat", StaticFiles(directory=STATIC / "seat"))
    app.mount("/static/flows", StaticFiles(directory=STATIC / "flows"))
    app.mount("/static", StaticFiles(directory=STATIC / "console"))
    if deps.flows is not None:
        from voicebot.web.shell.mount import mount_flows  # NiceGUI takes a second to import

        app.include_router(draft_router(deps.flows))
        mount_flows(app, deps)
    if deps.desk is not None:
        from voicebot.web.shell.mount import mount_tickets

        app.include_router(drafts_router(deps.desk))
        app.include_router(slip_router(deps.desk))
        app.include_router(notice_router(deps.desk))
        app.include_router(unreached_router(deps.desk.unreached))
        mount_tickets(app, deps)
    if deps.console is not None:
        from voicebot.web.seat.drafts import seat_drafts_router
        from voicebot.web.shell.mount import mount_seats

        app.include_router(seat_drafts_router(deps.console.notes, deps.console.desk, deps.clock))
        mount_seats(app, deps)
    app.add_middleware(BodyLimit)
    app.add_middleware(Gate, accounts=deps.accounts, allowed_origins=deps.options.allowed_origins)
    app.add_middleware(SecurityHeaders, metrics=metrics)
    return app


def server_config(
    app: FastAPI,
    host: str = "127.0.0.1",
    port: int = 0,
    certificate: tuple[str, str] | None = None,
) -> uvicorn.Config:
    """How the web process serves `web_app`.

    Args:
        certificate: paths of certificate and key for HTTPS (see `ensure_certificate`).
    """
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
        server_header=False,
        log_config=None,
        access_log=False,
        ssl_certfile=certificate[0] if certificate else None,
        ssl_keyfile=certificate[1] if certificate else None,
    )
