"""Everything that differs between SQLite and PostgreSQL, in one place."""

import os
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any, Final

from sqlalchemy import URL, Connection, Engine, Table, event, make_url, text
from sqlalchemy.dialects import sqlite
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.pool import ConnectionPoolEntry

from voicebot.core.errors import VoicebotError

BUSY_TIMEOUT_MS: Final = 10_000
_MIGRATION_LOCK: Final = 12345
"""Advisory lock of PostgreSQL held while migrating."""


def url_of(where: str | Path) -> URL:
    """A database URL; a path means a SQLite file."""
    if "://" in str(where):
        return make_url(str(where))
    return URL.create("sqlite+aiosqlite", database=str(Path(where).absolute()))


def prepare(engine: Engine) -> None:
    """Makes each connection ready: on SQLite, real transactions instead of the driver's guesses.

    A deferred transaction that turns from reading to writing fails at once and ignores the busy
    time-out, so one that will write (execution option ``write``) begins as IMMEDIATE.
    """
    if engine.dialect.name != "sqlite":
        return

    @event.listens_for(engine, "connect")
    def connect(connection: Any, _: ConnectionPoolEntry) -> None:
        connection.isolation_level = None
        cursor = connection.cursor()
        for pragma in (f"busy_timeout={BUSY_TIMEOUT_MS}", "synchronous=FULL", "foreign_keys=ON"):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        write = connection.get_execution_options().get("write", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if write else "BEGIN")


def prepare_file(file: Path) -> None:
    """Makes a SQLite file readable by its owner alone and switches it to WAL, which stays in it.

    The caller holds the directory: the switch itself does not wait for other processes.

    Raises:
        sqlite3.Error, OSError: unwritable, no database, damaged, full.
    """
    os.close(os.open(file, os.O_RDWR | os.O_CREAT, 0o600))
    with closing(sqlite3.connect(file, timeout=BUSY_TIMEOUT_MS / 1000)) as connection:
        connection.execute("PRAGMA journal_mode=WAL")


def lock_for_migration(connection: Connection) -> None:
    """Waits until no other process migrates; on SQLite the write transaction is that lock."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _MIGRATION_LOCK})


async def lock_name(connection: AsyncConnection, name: str) -> None:
    """Keeps other writers that lock the same name out until this transaction ends; on SQLite there
    is only one writer anyway."""
    if connection.dialect.name == "postgresql":
        await connection.execute(
            text("SELECT pg_advisory_xact_lock(hashtextextended(:name, 0))"), {"name": name}
        )


def insert(backend: str, table: Table) -> Any:
    """INSERT that knows ON CONFLICT (both dialects spell it alike)."""
    if backend == "sqlite":
        return sqlite.insert(table)
    from sqlalchemy.dialects import postgresql  # not loaded where SQLite serves: it costs start-up time

    return postgresql.insert(table)


_FULL: Final = {"SQLITE_FULL", "SQLITE_IOERR_SHMSIZE"}
_DAMAGED: Final = {"SQLITE_CORRUPT", "SQLITE_NOTADB"}
_BUSY: Final = {"SQLITE_BUSY", "SQLITE_LOCKED", "SQLITE_PROTOCOL"}
_UNWRITABLE: Final = {"SQLITE_READONLY", "SQLITE_CANTOPEN", "SQLITE_PERM", "SQLITE_IOERR"}
_DISK_FULL: Final = "53100"
_CONNECTION: Final = ("08", "57P")
"""SQLSTATEs of PostgreSQL: no space, connection lost or server going down."""


def failure(origin: BaseException, place: str) -> VoicebotError:
    """The error family's word for what a driver reports, with place and remedy."""
    name = getattr(origin, "sqlite_errorname", None) or ""
    family = "_".join(name.split("_")[:2])
    state = getattr(origin, "sqlstate", None) or ""
    if name in _FULL or state == _DISK_FULL:
        return VoicebotError("db.full", f"磁盘已满，{place} 写不进去：请腾出空间后重试", retryable=True)
    if family in _DAMAGED:
        return VoicebotError(
            "db.damaged",
            f"数据库 {place} 已损坏：请停止服务，用最近的备份（voicebot db backup 的文件）替换它",
        )
    if family in _UNWRITABLE or isinstance(origin, PermissionError):
        return VoicebotError(
            "db.unwritable", f"数据库 {place} 不能写入：请检查文件和目录的属主、权限，以及磁盘是否只读"
        )
    if family in _BUSY:
        return VoicebotError("db.busy", f"数据库 {place} 正忙，稍后再试", retryable=True)
    if isinstance(origin, OSError) or state.startswith(_CONNECTION):
        return VoicebotError("db.unreachable", f"连不上数据库 {place}：请检查数据库服务", retryable=True)
    return VoicebotError("db.failed", f"数据库 {place} 出错：{origin}")


def backup_sqlite(source: Path, target: Path) -> None:
    """Copies a living SQLite database with its online backup API and checks the copy.

    Raises:
        sqlite3.Error: unreadable source, unwritable target, or a copy that fails its check.
    """
    with (
        closing(sqlite3.connect(f"{source.absolute().as_uri()}?mode=ro", uri=True)) as old,
        closing(sqlite3.connect(target)) as new,
    ):
        old.backup(new, pages=1000, sleep=0.01)
        verdict = new.execute("PRAGMA integrity_check").fetchone()[0]
        if verdict != "ok":
            raise sqlite3.DatabaseError(f"integrity_check: {verdict}")
