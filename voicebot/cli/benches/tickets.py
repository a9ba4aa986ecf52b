"""`voicebot bench tickets`: how soon tickets are filed and found among millions, and what `kill -9` leaves.

The tickets are made from patterns (`tickets_lives`) and stamped out (`tickets_stamps`), written in bulk
(`tickets_loading`) and timed through the store, the lists and the desk as shipped (`tickets_timing`). One
`seed` gives the same tickets.
"""

import asyncio
import random
import shutil
import signal
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import click
from sqlalchemy import URL, func, select

from voicebot.adapters.db import dialect
from voicebot.adapters.db.database import Database
from voicebot.adapters.db.schema import ticket
from voicebot.adapters.db.vault import make_key_file
from voicebot.adapters.wall_clock import WallClock
from voicebot.cli.benches import tickets_server
from voicebot.cli.benches.tickets_crash import Place, killed
from voicebot.cli.benches.tickets_loading import load_postgresql, load_sqlite
from voicebot.cli.benches.tickets_stamps import POSTGRESQL, SQLITE, Press
from voicebot.cli.benches.tickets_timing import BARS, Plan, Timing
from voicebot.cli.benches.tickets_town import Town, town_of
from voicebot.core.errors import VoicebotError

MILLIONS: Final = {"postgresql": 5_000_000, "sqlite": 1_000_000}
"""Tickets of each database, when nothing else is said."""
BYTES_EACH: Final = 9_000
"""Of disk for a ticket with its history and indexes, while they are made."""
_SEED: Final = 1
_MOST_PATTERNS: Final = 6_000
_MOST_CALLERS: Final = 200_000


@dataclass(frozen=True, slots=True)
class Wanted:
    """What to measure.

    Args:
        content: folder of the content.
        tickets: how many in each database; None: `MILLIONS`; 0: nothing is timed.
        database: a path or URL of one without tickets, which is filled; "": databases of the bench's own.
        only: ``sqlite`` or ``postgresql``; "": both.
        crash: how often a writer is killed, on each database; a `database` that is named is for one of both.
    """

    content: Path
    tickets: int | None = None
    database: str = ""
    crash: int = 0
    only: str = ""
    plan: Plan = field(default_factory=Plan)


async def measure(wanted: Wanted) -> dict[str, Any]:
    """One object for each database, of those that could be measured.

    Raises:
        VoicebotError: ``bench.no_space``, ``bench.not_empty``, ``db.…``, content that is not valid.
    """
    mine = asyncio.current_task()
    assert mine is not None, "it runs in one"
    # a server of ours must not outlive us
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, mine.cancel)
    town = town_of(wanted.content)
    found: dict[str, Any] = {"bars_p95_ms": BARS}
    with tempfile.TemporaryDirectory(prefix="voicebot-bench-") as name:
        folder = Path(name)
        make_key_file(folder / "hotline.key")
        if wanted.database:
            url = dialect.url_of(wanted.database)
            return found | {url.get_backend_name(): await _one(wanted, town, url, folder, url)}
        if wanted.only != "postgresql":
            file, other = folder / "hotline.sqlite3", folder / "crash.sqlite3"
            found["sqlite"] = await _one(wanted, town, dialect.url_of(file), folder, dialect.url_of(other))
            file.unlink(missing_ok=True)
        if wanted.only != "sqlite":
            found["postgresql"] = await _own_postgresql(wanted, town, folder)
    return found


async def _own_postgresql(wanted: Wanted, town: Town, folder: Path) -> dict[str, Any] | str:
    if not tickets_server.installed():
        return f"没有测：没有安装 {tickets_server.PACKAGE}，也没有给 --database"
    with tickets_server.own_postgresql(folder / "postgresql") as url:
        crash_url = await tickets_server.another(url, "crash")
        return await _one(wanted, town, url, folder, crash_url)


async def _one(wanted: Wanted, town: Town, url: URL, folder: Path, crash_url: URL) -> dict[str, Any]:
    """Killed writers in a database of their own, then the millions."""
    found: dict[str, Any] = {}
    key_file, backend = folder / "hotline.key", url.get_backend_name()
    if wanted.crash:
        await _assert_empty(crash_url, key_file)
        _told(f"{backend}：{wanted.crash} 次 kill -9")
        place = Place(crash_url.render_as_string(hide_password=False), key_file)
        found["crash"] = await killed(place, wanted.crash, random.Random(_SEED), _every_twenty)
    count = MILLIONS[backend] if wanted.tickets is None else wanted.tickets
    if count:
        await _assert_empty(url, key_file)
        found |= await _timed(wanted, town, url, key_file, count)
    return found


async def _timed(wanted: Wanted, town: Town, url: URL, key_file: Path, count: int) -> dict[str, Any]:
    _spare(Path(url.database or ".").parent if url.get_backend_name() == "sqlite" else key_file.parent, count)
    begun = time.monotonic()
    database = await Database.open(url.render_as_string(hide_password=False), key_file)
    try:
        done = await _fill(database, town, url, count)
        loaded = time.monotonic() - begun
        _told(f"{url.get_backend_name()}：{done:,} 件工单，用了 {loaded:.0f} 秒；开始计时")
        timing = Timing(database, town, _SEED, _told)
        figures = await timing.measure(wanted.plan)
        async with database.read() as connection:
            stored = (await connection.execute(select(func.count()).select_from(ticket))).scalar_one()
    finally:
        await database.close()
    met = {name: figures[name]["p95"] <= bar for name, bar in BARS.items()}
    return {
        "tickets": done,
        "tickets_after": stored,
        "load_s": round(loaded),
        **figures,
        "met": met,
    }


async def _fill(database: Database, town: Town, url: URL, count: int) -> int:
    sqlite = url.get_backend_name() == "sqlite"
    script = SQLITE if sqlite else POSTGRESQL
    patterns, callers = min(_MOST_PATTERNS, max(200, count // 250)), min(_MOST_CALLERS, max(100, count // 20))
    press = Press(town, database.vault, script, patterns=patterns, callers=callers, seed=_SEED)
    days = press.days(count, WallClock().now().date())
    if sqlite:
        assert url.database is not None, "a file"
        file = Path(url.database)
        await database.close()  # nobody else may have it open
        return await asyncio.to_thread(load_sqlite, file, press.columns, days, script, _told)
    return await load_postgresql(url, press.columns, days, _told)


def _spare(folder: Path, count: int) -> None:
    free, needed = shutil.disk_usage(folder).free, count * BYTES_EACH
    if free < needed:
        message = f"{folder} 所在磁盘只剩 {free >> 30} GB，{count:,} 件工单约要 {needed >> 30} GB"
        raise VoicebotError("bench.no_space", message)


async def _assert_empty(url: URL, key_file: Path) -> None:
    """Nobody's tickets are touched."""
    database = await Database.open(url.render_as_string(hide_password=False), key_file)
    try:
        async with database.read() as connection:
            some = (await connection.execute(select(ticket.c.ticket_no).limit(1))).first()
    finally:
        await database.close()
    if some is not None:
        raise VoicebotError("bench.not_empty", "这个数据库里已经有工单：请给一个空的数据库")


def _every_twenty(kills: int) -> None:
    if kills % 20 == 0:
        _told(f"已杀掉 {kills} 次")


def _told(text: str) -> None:
    click.echo(text, err=True)
