"""Events written with the change they tell of, and their way to the bus."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

import structlog
from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from voicebot.adapters.db import dialect
from voicebot.adapters.db.schema import outbox
from voicebot.core.errors import VoicebotError
from voicebot.operations.bus import Bus

if TYPE_CHECKING:  # a database that is opened writes here itself
    from voicebot.adapters.db.database import Database

log = structlog.get_logger(__name__)

_WAITING: Final = "outbox"
_NEW: Final = outbox.insert()
BATCH: Final = 100
POLL: Final = 0.5
"""Seconds until commits of other processes are noticed; those of this one are noticed at once."""
PAUSE: Final = 2.0
"""Seconds of rest after the bus or the database refused."""


@dataclass(frozen=True, slots=True)
class OutboxRow:
    """One event. `id` grows; streams resume from it."""

    id: int
    at: datetime
    subject: str
    body: Mapping[str, Any]


async def put(connection: AsyncConnection, at: datetime, subject: str, body: Mapping[str, object]) -> None:
    """Adds an event to the transaction; `body` is JSON and holds no personal data. It is written when the
    transaction ends (`flush`)."""
    waiting = connection.info.setdefault(_WAITING, [])
    waiting.append({"at": at, "subject": subject, "body": dict(body)})


async def flush(connection: AsyncConnection) -> None:
    """Writes the events of a transaction, as the last thing before its end.

    Ids are given out under a lock that ends with the transaction, so that they become visible in their
    order: whoever reads on from an id misses nothing. That lock is the last one taken; nobody waits for
    another one while holding it.
    """
    waiting = connection.info.pop(_WAITING, [])
    if waiting:
        await dialect.lock_name(connection, _WAITING)
        await connection.execute(_NEW, waiting)


def forget(connection: AsyncConnection) -> None:
    """Drops the events of a transaction that came to nothing."""
    connection.info.pop(_WAITING, None)


class Outbox:
    def __init__(self, database: "Database") -> None:
        self._database = database

    async def pending(self, limit: int) -> Sequence[OutboxRow]:
        """Events not yet published, oldest first."""
        columns = (outbox.c.id, outbox.c.at, outbox.c.subject, outbox.c.body)
        query = select(*columns).where(outbox.c.published_at.is_(None)).order_by(outbox.c.id).limit(limit)
        async with self._database.read() as connection:
            return [OutboxRow(*row) for row in await connection.execute(query)]

    async def mark_published(self, ids: Sequence[int]) -> None:
        if not ids:
            return
        now = datetime.now(UTC)
        async with self._database.write() as connection:
            await connection.execute(update(outbox).where(outbox.c.id.in_(ids)).values(published_at=now))


class OutboxRelay:
    """Publishes every event in order, at least once; run one per database."""

    def __init__(self, database: "Database", bus: Bus) -> None:
        self._database = database
        self._outbox = Outbox(database)
        self._bus = bus

    async def run(self) -> None:
        """Relays until cancelled; survives a bus or database that is away for a while."""
        while True:
            try:
                sent = await self.relay()
            except VoicebotError as error:
                log.warning("outbox.waiting", code=error.code)
                await self._database.committed(PAUSE)
                continue
            if sent < BATCH:
                await self._database.committed(POLL)

    async def relay(self) -> int:
        """Publishes the next events, `BATCH` at most; how many."""
        rows = await self._outbox.pending(BATCH)
        sent: list[int] = []
        try:
            for row in rows:
                await self._bus.publish(row.subject, message(row))
                sent.append(row.id)
        finally:
            await self._outbox.mark_published(sent)
        return len(sent)


def message(row: OutboxRow) -> bytes:
    """What goes over the bus: the body with the event's own id and moment."""
    return json.dumps(
        {"id": row.id, "at": row.at.isoformat(), **row.body}, ensure_ascii=False, separators=(",", ":")
    ).encode()
