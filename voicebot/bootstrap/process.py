"""What every process of the hotline begins with."""

import asyncio
import signal
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import structlog

from voicebot.adapters.bus import NatsBus, serve_status
from voicebot.adapters.db.database import FILE_NAME, Database
from voicebot.adapters.db.vault import KEY_FILE
from voicebot.adapters.logs import setup_logging
from voicebot.adapters.logs.failure import one_line_failures
from voicebot.operations.ports import PartStatus
from voicebot.settings import Settings, load_settings

log = structlog.get_logger(__name__)


def run_part(name: str, work: Callable[[Settings], Coroutine[Any, Any, None]]) -> None:
    """Runs one process to its end: settings, log, loop; a failure that can be named ends it with one
    line on stderr and exit code 1."""
    with one_line_failures():
        settings = load_settings()
        setup_logging(settings.log, name)
        asyncio.run(work(settings))


def stop_event() -> asyncio.Event:
    """Set by SIGTERM and SIGINT."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    return stop


@asynccontextmanager
async def open_database(settings: Settings) -> AsyncIterator[Database]:
    options = settings.database
    key_file = Path(options.key_file) if options.key_file else settings.data / KEY_FILE
    where = options.url or settings.data / FILE_NAME
    database = await Database.open(where, key_file, keys=options.keys.get_secret_value())
    try:
        yield database
    finally:
        await database.close()


@asynccontextmanager
async def on_bus(settings: Settings, name: str, read: Callable[[], PartStatus]) -> AsyncIterator[NatsBus]:
    """A connection to the bus on which ``status.<name>`` is answered."""
    bus = await NatsBus.connect(settings.bus, name)
    try:
        await serve_status(bus, name, read)
        yield bus
    finally:
        await bus.close()


def socket_path(settings: Settings, worker: str) -> Path:
    """Where `recognition` or `synthesis` listens."""
    return settings.data / "run" / f"{worker}.sock"


def hotline_name(settings: Settings) -> str:
    """Tells this hotline from others of the same user."""
    return str(settings.data.resolve())
