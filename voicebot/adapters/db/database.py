"""The engine behind all stores: opens, migrates, hands out transactions."""

import asyncio
import fcntl
import os
import sqlite3
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from functools import partial
from pathlib import Path
from typing import Any, Final

from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from voicebot.adapters.db import dialect, outbox, sqlite_thread, upgrade
from voicebot.adapters.db.ticket_index import TicketIndex
from voicebot.adapters.db.vault import FROM_ENVIRONMENT, KEY_FILE, Vault, make_key_file, read_vault, vault_of
from voicebot.core.errors import VoicebotError

FILE_NAME: Final = "hotline.sqlite3"


class Database:
    """One per process. `write()` and `read()` are transactions; keep them short."""

    def __init__(self, engine: AsyncEngine, vault: Vault, place: str) -> None:
        self.vault: Final = vault
        self.place: Final = place
        self._engine = engine
        self._writer = engine.execution_options(write=True)
        self._one_writer = asyncio.Lock()
        self._committed = asyncio.Event()

    @classmethod
    async def open(cls, where: str | Path, key_file: Path | None = None, *, keys: str = "") -> "Database":
        """Opens, or makes, the database at a path or URL and brings its tables up to date.

        Safe for several processes that start together. The directory and the key file are made
        when missing.

        Args:
            key_file: default: ``hotline.key`` beside a SQLite file; required for a URL of a server.
            keys: what a key file holds, default from the environment; the file does not count then.

        Raises:
            VoicebotError: ``db.unwritable``, ``db.damaged``, ``db.full``, ``db.newer``,
                ``db.unreachable``, ``db.key_missing``, ``db.key_damaged``.
        """
        url = dialect.url_of(where)
        file = Path(url.database) if url.get_backend_name() == "sqlite" and url.database else None
        place = str(file) if file else url.render_as_string(hide_password=True)
        keys = keys or os.environ.get(FROM_ENVIRONMENT, "")
        key_path = key_file or (file.parent / KEY_FILE if file else None)
        folder = file.parent if file else key_path.parent if key_path else None
        if key_path is None and not keys:
            raise VoicebotError("db.key_missing", f"数据库 {place} 没有指定密钥文件")
        opener: dict[str, Any] = {}
        if file is not None and not url.query:
            opener["async_creator"] = partial(sqlite_thread.open_file, str(file))
        # errors are logged; numbers must not be
        engine = create_async_engine(url, hide_parameters=True, **opener)
        dialect.prepare(engine.sync_engine)
        try:
            with _naming(place, OSError):
                async with alone(folder):
                    used = _has_data(file) if file is not None else await _has_tables(engine)
                    vault = vault_of(keys) if keys else _vault(key_path, used=used)
                    if file is not None:
                        await asyncio.to_thread(dialect.prepare_file, file)
                    await _migrate(engine, vault, place)
        except BaseException:
            await engine.dispose()
            raise
        return cls(engine, vault, place)

    @asynccontextmanager
    async def write(self) -> AsyncIterator[AsyncConnection]:
        """A transaction that writes: committed at the end, rolled back by whatever is raised.

        Writers of one process queue up here, so that SQLite's busy time-out is left for other
        processes.

        Raises:
            VoicebotError: ``db.…``; nothing was stored then.
        """
        with _naming(self.place):
            async with self._one_writer, self._writer.begin() as connection:
                try:
                    yield connection
                    await outbox.flush(connection)
                finally:
                    outbox.forget(connection)  # the connection serves other transactions
        self._committed.set()

    @asynccontextmanager
    async def read(self) -> AsyncIterator[AsyncConnection]:
        """A transaction that only reads: one consistent picture."""
        with _naming(self.place):
            async with self._engine.connect() as connection:
                yield connection

    async def committed(self, timeout: float) -> None:
        """Returns after the next commit of this process, at the latest after `timeout` seconds."""
        try:
            async with asyncio.timeout(timeout):
                await self._committed.wait()
        except TimeoutError:
            return
        self._committed.clear()

    async def close(self) -> None:
        await self._engine.dispose()


@contextmanager
def _naming(place: str, *also: type[OSError]) -> Iterator[None]:
    """Turns errors of the driver (and of files, when asked) into the error family."""
    try:
        yield
    except DBAPIError as error:
        raise dialect.failure(error.orig or error, place) from error
    except PoolTimeout as error:
        raise VoicebotError("db.busy", f"数据库 {place} 正忙，稍后再试", retryable=True) from error
    except sqlite3.Error as error:
        raise dialect.failure(error, place) from error
    except also as error:
        raise VoicebotError(
            "db.unwritable", f"数据库 {place} 不能写入（{error.strerror}）：请检查目录的属主、权限和磁盘空间"
        ) from error


@asynccontextmanager
async def alone(directory: Path | None) -> AsyncIterator[None]:
    """Holds the directory, made when missing, against other processes that open a database in it."""
    if directory is None:  # the migration's own lock is enough where there is no file of ours
        yield
        return
    await asyncio.to_thread(directory.mkdir, parents=True, exist_ok=True)
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        await asyncio.to_thread(fcntl.flock, descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _vault(keys: Path | None, *, used: bool) -> Vault:
    """The key file's vault; a new one is made only where no data is sealed yet."""
    assert keys is not None, "checked before"
    if not keys.exists():
        if used:
            raise VoicebotError(
                "db.key_missing",
                f"密钥文件 {keys} 不见了：没有它，库里的电话号码无法读出，请从备份放回",
            )
        make_key_file(keys)
    return read_vault(keys)


def _has_data(file: Path) -> bool:
    return file.exists() and file.stat().st_size > 0


async def _has_tables(engine: AsyncEngine) -> bool:
    async with engine.connect() as connection:
        return await connection.run_sync(upgrade.revision) is not None


async def _migrate(engine: AsyncEngine, vault: Vault, place: str) -> None:
    async with engine.execution_options(write=True).begin() as connection:
        await connection.run_sync(upgrade.to_head, place)
        await TicketIndex(vault).renew(connection)
