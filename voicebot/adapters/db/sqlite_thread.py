"""SQLite connections that visit their thread once per statement.

aiosqlite asks its thread four times: for a cursor, to execute, to fetch, to close. A visit costs two
threads a turn at the interpreter, about 0.15 ms, which adds up over the dozen statements of a change. Making
and closing a cursor wait for nothing, and SQLAlchemy fetches every row at once anyway.
"""

import sqlite3
from collections.abc import Iterable
from typing import Any

import aiosqlite


class Connection(aiosqlite.Connection):
    """As its parent; the sqlite3 connection must not insist on its thread (`open_file`)."""

    def cursor(self) -> Any:
        """A cursor that may be awaited or entered, as the parent's."""
        return _Ready(_Cursor(self, self._conn.cursor()))


class _Cursor(aiosqlite.Cursor):
    """Holds all rows of a statement once it was executed."""

    def __init__(self, connection: Connection, cursor: sqlite3.Cursor) -> None:
        super().__init__(connection, cursor)
        self._rows: list[Any] = []

    async def execute(self, sql: str, parameters: Iterable[Any] | None = None) -> "_Cursor":
        # its parent's own way to its thread
        self._rows = await self._execute(self._run, sql, parameters or ())  # type: ignore[no-untyped-call]
        return self

    def _run(self, sql: str, parameters: Iterable[Any]) -> list[Any]:
        self._cursor.execute(sql, parameters)  # type: ignore[arg-type]  # a sequence, by the driver's word
        return self._cursor.fetchall()

    async def fetchall(self) -> Iterable[Any]:
        rows, self._rows = self._rows, []
        return rows

    async def close(self) -> None:
        self._cursor.close()


class _Ready:
    """What aiosqlite's `cursor()` gives: an awaitable that is a context too."""

    def __init__(self, cursor: _Cursor) -> None:
        self._cursor = cursor

    def __await__(self) -> Any:
        yield from ()
        return self._cursor

    async def __aenter__(self) -> _Cursor:
        return self._cursor

    async def __aexit__(self, *_: object) -> None:
        await self._cursor.close()


async def open_file(file: str) -> Connection:
    """A connection to a database file, for `create_async_engine(async_creator=…)`."""
    connection = Connection(lambda: sqlite3.connect(file, check_same_thread=False), iter_chunk_size=64)
    connection._thread.daemon = True  # as SQLAlchemy does: a process that ends does not wait for it
    await connection
    return connection
