"""Starts, keeps and drains the hotline: everything `voicebot serve` does once settings are read."""

import asyncio
import contextlib
import signal
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from typing import Final

import structlog

from voicebot.adapters.bus import BusOptions, NatsBus
from voicebot.adapters.bus.status import BusStatusReader, ask_status
from voicebot.adapters.db.accounts import SqlAccounts
from voicebot.adapters.supervisor import Happening, Health, NatsServer, Part, PartEvent, Supervisor
from voicebot.adapters.supervisor.nats_server import NATS
from voicebot.adapters.supervisor.workers import worker_health
from voicebot.adapters.wall_clock import WallClock
from voicebot.bootstrap.process import open_database, socket_path
from voicebot.cli.welcome import Welcome, describe, machine_address
from voicebot.settings import Settings
from voicebot.web.first_account import ensure_admin

log = structlog.get_logger(__name__)

PROGRAMS: Final[Mapping[str, tuple[str, ...]]] = {
    "line": ("voicebot.bootstrap.line",),
    "web": ("voicebot.bootstrap.web",),
    "recognition": ("voicebot.bootstrap.speech", "recognition"),
    "synthesis": ("voicebot.bootstrap.speech", "synthesis"),
}
"""Part → module and arguments."""

STOP_SIGNALS: Final = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)
RENEW_SIGNAL: Final = signal.SIGUSR1
"""Fresh speech workers (another model, other options) take over from the running ones; calls go on."""
HEALTHY: Final = ("recognition", "synthesis")
"""Parts that are asked how they are, and can be renewed."""
START_WITHIN: Final = 60.0


async def run_hotline(
    settings: Settings,
    say: Callable[[str], None],
    programs: Mapping[str, tuple[str, ...]] = PROGRAMS,
) -> None:
    """Runs until SIGTERM, SIGINT or SIGHUP; a second one cuts the draining short. SIGUSR1 renews the
    speech workers.

    Raises:
        VoicebotError: something could not start; nothing of ours runs any more.
    """
    loop = asyncio.get_running_loop()
    began = loop.time()
    stop, hurry = asyncio.Event(), asyncio.Event()
    with _signals(loop, _stopper(stop, hurry, say)):
        await _run(settings, say, programs, began, stop, hurry)


@contextlib.contextmanager
def _signals(loop: asyncio.AbstractEventLoop, handler: Callable[[], None]) -> Iterator[None]:
    for number in STOP_SIGNALS:
        loop.add_signal_handler(number, handler)
    try:
        yield
    finally:
        for number in STOP_SIGNALS:
            loop.remove_signal_handler(number)


async def _run(
    settings: Settings,
    say: Callable[[str], None],
    programs: Mapping[str, tuple[str, ...]],
    began: float,
    stop: asyncio.Event,
    hurry: asyncio.Event,
) -> None:
    password = await first_admin(settings)
    server = None if settings.bus.url else NatsServer(settings.sockets)
    async with _bus_when_needed(server.options if server else settings.bus) as bus:
        parts = [server.part()] if server else []
        parts += [_part(name, program, settings, bus) for name, program in programs.items()]

        async def ready() -> None:
            statuses = await BusStatusReader(await bus(), tuple(programs)).parts()
            seconds = asyncio.get_running_loop().time() - began
            welcome = Welcome(settings.sip.listen, settings.http, password, seconds, statuses)
            say(welcome.text(machine_address()))

        supervisor = Supervisor(parts, _reporter(say, bus))
        loop = asyncio.get_running_loop()
        loop.add_signal_handler(RENEW_SIGNAL, supervisor.renew, *HEALTHY)
        try:
            await supervisor.run(stop, hurry, ready)
        finally:
            loop.remove_signal_handler(RENEW_SIGNAL)


async def first_admin(settings: Settings) -> str | None:
    """Makes the account ``admin`` when there is no account; its password when that was made up."""
    async with open_database(settings) as database:
        password = settings.admin_password.get_secret_value()
        return await ensure_admin(SqlAccounts(database, WallClock()), password)


class _Connection:
    """One connection to the bus, made when it is first needed: the server may not run before."""

    def __init__(self, options: BusOptions) -> None:
        self.options = options
        self._lock = asyncio.Lock()
        self._bus: NatsBus | None = None

    async def __call__(self) -> NatsBus:
        async with self._lock:
            if self._bus is None:
                self._bus = await NatsBus.connect(self.options, "serve")
        return self._bus

    def expect_end(self) -> None:
        if self._bus is not None:
            self._bus.expect_end()

    async def close(self) -> None:
        if self._bus is not None:
            await self._bus.close()


@contextlib.asynccontextmanager
async def _bus_when_needed(options: BusOptions) -> AsyncIterator[_Connection]:
    connection = _Connection(options)
    try:
        yield connection
    finally:
        await connection.close()


def _part(name: str, program: tuple[str, ...], settings: Settings, bus: _Connection) -> Part:
    async def ready() -> bool:
        return (await ask_status(await bus(), name)).ready

    env = {
        "VOICEBOT_DATA": str(settings.data),
        "VOICEBOT_BUS__URL": bus.options.url,
        "VOICEBOT_BUS__TOKEN": bus.options.token,
    }
    line = name == "line"
    return Part(
        name,
        (sys.executable, "-m", *program),
        ready,
        env,
        starts=1,
        stops=0 if line else 1,  # calls need everything else until they have ended
        start_within=START_WITHIN,
        stop_within=settings.drain + 5 if line else 10.0,
        health=_health(name, settings) if name in HEALTHY else None,
    )


def _health(name: str, settings: Settings) -> Callable[[], Awaitable[Health | None]]:
    jobs = settings.stt.recycle_after if name == "recognition" else 0
    return worker_health(socket_path(settings, name), jobs, settings.stt.recycle_growth)


def _stopper(stop: asyncio.Event, hurry: asyncio.Event, say: Callable[[str], None]) -> Callable[[], None]:
    def on_signal() -> None:
        if stop.is_set():
            hurry.set()
            return
        say("正在停止，先等通话结束，再按一次 Ctrl-C 立即停止 · stopping, calls first; once more: at once")
        stop.set()

    return on_signal


def _reporter(say: Callable[[str], None], bus: _Connection) -> Callable[[PartEvent], None]:
    def report(event: PartEvent) -> None:
        if (event.part, event.what) == (NATS, Happening.STOPPING):
            bus.expect_end()
        say(describe(event))
        log.debug("part", which=event.part, what=event.what, pid=event.pid, code=event.code)

    return report
