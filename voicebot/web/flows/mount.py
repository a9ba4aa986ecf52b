"""NiceGUI inside our web process.

NiceGUI is one application per process, with a life of its own: `pages_running` starts and stops it once,
whatever number of servers serve the app (its own way, the lifespan of the app, would run once per
server). It stands below `/flows` alone, so that no other address depends on it.
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
from voicebot.web.flows.door import Door

ROOT: Final = "/flows"
RECONNECT: Final = 60.0
"""Seconds that a page waits for its connection before it begins anew; nothing typed is lost then."""


@cache
def _nicegui() -> FastAPI:
    """The application that carries NiceGUI, with the pages; set up once per process."""
    shell = FastAPI(openapi_url=None, docs_url=None, redoc_url=None)
    list_page.register()
    editor_page.register()
    run.process_pool_start_method = "spawn"
    nicegui_app.config.socket_io_js_transports = ["websocket"]
    ui.run_with(
        shell,
        title="流程 · 12345 热线",
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
    app.mount(ROOT, Door(_nicegui(), deps))


@asynccontextmanager
async def pages_running() -> AsyncIterator[None]:
    """The life of NiceGUI; one at a time in a process."""
    shell = _nicegui()
    async with shell.router.lifespan_context(shell):
        yield
