"""A new key for what is sealed, put in while the hotline runs.

1. A new key goes first into the key file: from then on every process seals with it (`Vault` looks at its
   file before each use), and all still open what the old keys sealed.
2. Everything that an old key sealed is sealed anew, batch by batch. A row that somebody changes meanwhile
   is left to them: they have sealed it with the new key, or the next round finds it.
3. When a whole round finds nothing left, the old keys may go. Not before `SETTLE` seconds have passed
   since the file was written: a transaction that sealed just before may commit just after.

Nothing is remembered on the way: a rotation that was killed goes on when it is started again, and what it
has done stays done. Keyed hashes have a key of their own, which never changes.
"""

import asyncio
import hashlib
import time
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from cryptography.fernet import Fernet
from sqlalchemy import Column, LargeBinary, Table, and_, or_, select, tuple_, update

from voicebot.adapters.db.database import Database, alone
from voicebot.adapters.db.schema import metadata
from voicebot.adapters.db.vault import read_keys, write_keys
from voicebot.core.errors import VoicebotError

BATCH: Final = 200
SETTLE: Final = 60.0
"""Seconds; no transaction of ours lasts as long."""
ROUNDS: Final = 5
_SEALED: Final = "_enc"


@dataclass(frozen=True, slots=True)
class Resealed:
    """What a round did with one column.

    Args:
        current: texts the first key had sealed before. done: sealed anew. left: changed by somebody else
            meanwhile, to be looked at again.
    """

    column: str
    current: int = 0
    done: int = 0
    left: int = 0


def sealed_columns() -> tuple[Column[Any], ...]:
    """Every column that holds sealed texts."""
    every = (column for table in metadata.sorted_tables for column in table.columns)
    return tuple(c for c in every if c.name.endswith(_SEALED) and isinstance(c.type, LargeBinary))


def fingerprint(key: bytes) -> str:
    """Tells keys apart without telling them."""
    return hashlib.sha256(key).hexdigest()[:8]


async def put_first(path: Path) -> tuple[str, bool]:
    """Puts a new key first, unless one is first already whose rotation has not ended.

    Returns:
        Its fingerprint, and whether it is new.

    Raises:
        VoicebotError: ``db.key_missing``, ``db.key_damaged``, ``db.key_unwritable``.
    """
    async with alone(path.parent):
        search, seals = read_keys(path)
        if len(seals) > 1:
            return fingerprint(seals[0]), False
        fresh = Fernet.generate_key()
        _write(path, search, [fresh, *seals])
    return fingerprint(fresh), True


async def drop_old(database: Database, path: Path, *, settle: float = SETTLE) -> tuple[str, ...]:
    """Takes the old keys out of the file; their fingerprints.

    Raises:
        VoicebotError: ``db.key_needed``: something is still sealed with an old key, or may be.
    """
    written = _written(path)
    needed = sum([found.left for found in await count(database)])
    if needed:
        raise VoicebotError(
            "db.key_needed", f"还有 {needed} 处由旧密钥封存：请先运行 voicebot db rotate-key 直到为0"
        )
    async with alone(path.parent):
        search, seals = read_keys(path)
        if len(seals) > 1 and time.time() - written < settle:
            raise VoicebotError(
                "db.key_needed", f"新密钥启用不到 {settle:.0f} 秒，请稍后再试", retryable=True
            )
        if _written(path) != written:
            raise VoicebotError("db.key_needed", "密钥文件刚被改动，请再运行一次", retryable=True)
        if len(seals) > 1:
            _write(path, search, seals[:1])
    return tuple(fingerprint(seal) for seal in seals[1:])


async def reseal(database: Database, batch: int = BATCH) -> tuple[Resealed, ...]:
    """Seals everything anew that the first key has not sealed; what was done, by column.

    Raises:
        VoicebotError: ``db.key_wrong``: no key opens a text. ``db.rotation_unfinished``: other writers were
            quicker `ROUNDS` times.
    """
    database.vault.follow()
    total = {column: Resealed(str(column)) for column in sealed_columns()}
    for turn in range(ROUNDS):
        left = 0
        for found in [await _one_table(database, table, batch) for table in _tables()]:
            for column, one in found.items():
                had = total[column]
                current = one.current if turn == 0 else had.current
                total[column] = Resealed(had.column, current, had.done + one.done, one.left)
                left += one.left
        if not left:
            return tuple(total.values())
        await asyncio.sleep(1)
    raise VoicebotError("db.rotation_unfinished", f"还有 {left} 处没有换完，请再运行一次", retryable=True)


async def count(database: Database, batch: int = BATCH) -> tuple[Resealed, ...]:
    """How much the first key has sealed (`current`), and how much only the old ones open (`left`)."""
    database.vault.follow()
    found: dict[Column[Any], list[int]] = {column: [0, 0] for column in sealed_columns()}
    for table in _tables():
        async for rows in _pages(database, table, batch):
            for column in _columns(table):
                for row in rows:
                    if row[column] is not None:
                        found[column][not database.vault.is_current(row[column])] += 1
    return tuple(Resealed(str(c), current, left=left) for c, (current, left) in found.items())


async def _one_table(database: Database, table: Table, batch: int) -> dict[Column[Any], Resealed]:
    vault, columns = database.vault, _columns(table)
    tally = {column: [0, 0, 0] for column in columns}
    async for rows in _pages(database, table, batch):
        wanted = []
        for row in rows:
            for column in columns:
                sealed = row[column]
                if sealed is None:
                    continue
                if vault.is_current(sealed):
                    tally[column][0] += 1
                else:
                    wanted.append((row, column, sealed, vault.renewed(sealed)))
        if not wanted:
            continue
        async with database.write() as connection:
            for row, column, before, after in wanted:
                same = and_(*(key == row[key] for key in table.primary_key), column == before)
                done = await connection.execute(update(table).where(same).values({column: after}))
                tally[column][1 if done.rowcount else 2] += 1
        await asyncio.sleep(0)
    return {column: Resealed(str(column), *numbers) for column, numbers in tally.items()}


async def _pages(database: Database, table: Table, batch: int) -> AsyncIterator[Sequence[Any]]:
    """The rows that have something sealed, in the order of their keys."""
    keys, columns = list(table.primary_key), _columns(table)
    some = or_(*(column.is_not(None) for column in columns))
    query = select(*keys, *columns).where(some).order_by(*keys).limit(batch)
    last: tuple[object, ...] | None = None
    while True:
        further = query if last is None else query.where(tuple_(*keys) > tuple_(*last))
        async with database.read() as connection:
            rows = (await connection.execute(further)).mappings().all()
        if not rows:
            return
        yield rows
        last = tuple(rows[-1][key] for key in keys)


def _tables() -> tuple[Table, ...]:
    return tuple(
        dict.fromkeys(column.table for column in sealed_columns() if isinstance(column.table, Table))
    )


def _columns(table: Table) -> tuple[Column[Any], ...]:
    return tuple(column for column in sealed_columns() if column.table is table)


def _written(path: Path) -> float:
    return path.stat().st_mtime


def _write(path: Path, search: bytes, seals: Sequence[bytes]) -> None:
    try:
        write_keys(path, search, seals)
    except OSError as error:
        raise VoicebotError(
            "db.key_unwritable", f"密钥文件 {path} 写不进去（{error.strerror}）；旧文件没有变"
        ) from error
