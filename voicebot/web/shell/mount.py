"""NiceGUI inside our web process.

NiceGUI is one application per process, with a life of its own: `pages_running` starts and stops it once,
whatever number of servers serve the app (its own way, the lifespan of the app, would run once per
server). It stands behind doors alone, one for each group of pages, so that no other address depends on it.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import cache
from typing import Final

from fastapi import FastAPI
from nicegui import app as nicegui_app
from nicegui import run, ui

from voicebot.web.deps import WebDeps
from voicebot.web.flows import editor_page, list_page
from voicebot.web.flows.live_tests import LiveTests
from voicebot.web.gate import EDITORS, SEATS, WORKERS
from voicebot.web.seat.board_page import register as register_board
from voicebot.web.seat.console_page import register as register_console
from voicebot.web.shell.door import Door
from voicebot.web.tickets.desk_page import register as register_desk
from voicebot.web.tickets.ticket_page import register as register_ticket
from voicebot.web.tickets.unreached_page import register as register_unreached

FLOWS: Final = "/flows"
TICKETS: Final = "/tickets"
SEAT: Final = "/seat"
RECONNECT: Final = 60.0
"""Seconds that a page waits for its connection before it begins anew; nothing typed is lost then."""


@cache
def _nicegui() -> FastAPI:
    """The application that carries NiceGUI, with the pages; set up once per process."""
    shell = FastAPI(openapi_url=None, docs_url=None, redoc_url=None)
    list_page.register()
    editor_page.register()
    register_desk()
    register_unreached()
    register_ticket()
    register_console()
    register_board()
    run.process_pool_start_method = "spawn"
    nicegui_app.config.socket_io_js_transports = ["websocket"]
    ui.run_with(
        shell,
        title="12345 热线",
        language="zh-CN",
        binding_refresh_interval=None,
        reconnect_timeout=RECONNECT,
        tailwind=False,
        gzip_middleware_factory=None,
        show_welcome_message=False,
    )
    return shell


def mount_flows(app: FastAPI, deps: WebDeps) -> None:
    """Serves the pages of `deps.flows` below `/flows` in `app`."""
    assert deps.flows is not None
    state = {"web_deps": deps, "live_tests": LiveTests(deps.flows)}
    app.mount(FLOWS, Door(_nicegui(), EDITORS, state, FLOWS))


def mount_tickets(app: FastAPI, deps: WebDeps) -> None:
    """Serves the pages of `deps.desk` below `/tickets` in `app`."""
    app.mount(TICKETS, Door(_nicegui(), WORKERS, {"web_deps": deps}, TICKETS))


def mount_seats(app: FastAPI, deps: WebDeps) -> None:
    """Serves the pages of `deps.console` below `/seat` in `app`."""
    app.mount(SEAT, Door(_nicegui(), SEATS, {"web_deps": deps}, SEAT))


@asynccontextmanager
async def pages_running() -> AsyncIterator[None]:
    """The life of NiceGUI; one at a time in a process."""
    shell = _nicegui()
    async with shell.router.lifespan_context(shell):
        yield
