"""Fills an empty database with tickets: rows in bulk, indexes after them."""

import asyncio
import sqlite3
import time
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from datetime import date
from pathlib import Path
from typing import Any, Final

from sqlalchemy import URL

from voicebot.cli.benches.tickets_stamps import Script

Columns = Mapping[str, Sequence[str]]
Days = Iterable[tuple[date, int, Mapping[str, str]]]
Told = Callable[[str], None]

_SEALED: Final = frozenset({"name_enc", "phone_enc", "caller_enc"})
_COPIED: Final = ("ticket", "ticket_event", "ticket_clock", "ticket_unit", "ticket_key", "ticket_text")
_EVERY: Final = 50
"""Days after which progress is told."""


_OURS: Final = (
    "SELECT name, sql FROM sqlite_master"
    " WHERE type = 'index' AND sql IS NOT NULL AND tbl_name IN ('ticket', 'ticket_event', 'ticket_clock',"
    " 'ticket_unit', 'ticket_key')"
)


# ── SQLite ──────────────────────────────────────────────────────────────────────────────────


def load_sqlite(file: Path, columns: Columns, days: Days, script: Script, told: Told) -> int:
    """Writes all rows, then makes the indexes; returns how many tickets there are.

    Nothing is kept safe against a crash meanwhile. What an index of its own cannot be dropped for (keys of
    tickets) is written last, in its order.
    """
    with closing(sqlite3.connect(file, isolation_level=None)) as connection:
        for pragma in ("foreign_keys=OFF", "journal_mode=OFF", "synchronous=OFF", "cache_size=-1000000"):
            connection.execute(f"PRAGMA {pragma}")
        dropped = connection.execute(_OURS).fetchall()
        connection.execute("BEGIN")
        for name, _ in dropped:
            connection.execute(f'DROP INDEX "{name}"')
        connection.execute("CREATE TEMP TABLE waiting (key, ticket_no)")
        done = 0
        for number, (day, count, tables) in enumerate(days, start=1):
            for table, text in tables.items():
                connection.executemany(_insert(table, columns[table]), _cells(text, script))
            connection.execute("INSERT INTO ticket_serial VALUES (?, ?)", (f"{day:%Y-%m-%d}", count))
            done += count
            if number % _EVERY == 0:
                told(f"{done:,} 件工单已写入")
        connection.execute("INSERT INTO ticket_key SELECT key, ticket_no FROM waiting ORDER BY 1, 2")
        for _, statement in dropped:
            connection.execute(statement)
        connection.execute("COMMIT")
        connection.execute("DROP TABLE waiting")
        connection.execute("PRAGMA journal_mode=WAL")
    return done


def _cells(text: str, script: Script) -> Iterator[list[str | None]]:
    for line in text.split(script.row):
        yield [None if cell == script.null else cell for cell in line.split(script.cell)]


def _insert(table: str, columns: Sequence[str]) -> str:
    casts = {**dict.fromkeys(_SEALED, "CAST(? AS BLOB)"), "rowid": "CAST(? AS INTEGER)"}
    values = ", ".join(casts.get(column, "?") for column in columns)
    names = ", ".join(f'"{column}"' for column in columns)
    into = "waiting" if table == "ticket_key" else table
    return f"INSERT INTO {into} ({names}) VALUES ({values})"  # names of our own tables


# ── PostgreSQL ──────────────────────────────────────────────────────────────────────────────

_CONSTRAINTS: Final = """
SELECT conrelid::regclass::text AS owner, conname AS name, pg_get_constraintdef(oid) AS made
FROM pg_constraint WHERE conrelid::regclass::text = ANY($1)
AND (contype IN ('f', 'u') OR (contype = 'p' AND conrelid::regclass::text = 'ticket_key'))
ORDER BY contype = 'f'
"""
_INDEXES: Final = """
SELECT indexrelid::regclass::text AS name, pg_get_indexdef(indexrelid) AS made FROM pg_index
WHERE indrelid::regclass::text = ANY($1) AND NOT indisprimary
AND NOT EXISTS (SELECT 1 FROM pg_constraint WHERE conindid = indexrelid)
"""


async def load_postgresql(url: URL, columns: Columns, days: Days, told: Told) -> int:
    """As `load_sqlite`, by COPY, in one transaction: what is written to a table emptied in it needs no log
    where the server's `wal_level` is minimal."""
    import asyncpg  # type: ignore[import-untyped]

    plain = url.set(drivername="postgresql").render_as_string(hide_password=False)
    connection = await asyncpg.connect(plain, timeout=60)
    try:
        await connection.execute("SET maintenance_work_mem = '1GB'; SET synchronous_commit = off")
        async with connection.transaction():
            constraints = await connection.fetch(_CONSTRAINTS, list(_COPIED))
            indexes = await connection.fetch(_INDEXES, list(_COPIED))
            for one in reversed(constraints):
                await connection.execute(f'ALTER TABLE {one["owner"]} DROP CONSTRAINT "{one["name"]}"')
            for one in indexes:
                await connection.execute(f"DROP INDEX {one['name']}")
            await connection.execute(f"TRUNCATE {', '.join(_COPIED)} CASCADE")
            done = await _copy(connection, columns, days, told)
            for one in constraints:
                begun = time.monotonic()
                await connection.execute(
                    f'ALTER TABLE {one["owner"]} ADD CONSTRAINT "{one["name"]}" {one["made"]}'
                )
                told(f"{one['name']} {time.monotonic() - begun:.0f} s")
            for one in indexes:
                begun = time.monotonic()
                await connection.execute(one["made"])
                told(f"{one['name']} {time.monotonic() - begun:.0f} s")
        await connection.execute("ANALYZE")
    finally:
        await connection.close()
    return done


async def _copy(connection: Any, columns: Columns, days: Days, told: Told) -> int:
    """Days are made ready in a thread while the one before is written."""
    done, number, coming = 0, 0, iter(days)
    ahead = asyncio.create_task(asyncio.to_thread(next, coming, None))
    while (made := await ahead) is not None:
        ahead = asyncio.create_task(asyncio.to_thread(next, coming, None))
        day, count, tables = made
        for table, text in tables.items():
            await connection.copy_to_table(
                table,
                source=_one(text),
                columns=list(columns[table]),
                format="text",
                freeze=True,
                timeout=600,
            )
        await connection.execute("INSERT INTO ticket_serial VALUES ($1, $2)", day, count)
        done, number = done + count, number + 1
        if number % _EVERY == 0:
            told(f"{done:,} 件工单已写入")
    return done


async def _one(text: str) -> AsyncIterator[bytes]:
    yield text.encode() + b"\n"
