"""The chain of reports about what was purged."""

import hashlib
from collections.abc import Iterable
from datetime import UTC, datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from voicebot.adapters.db import dialect
from voicebot.adapters.db.database import Database
from voicebot.adapters.db.schema import purge_report
from voicebot.operations.retention import Kept, PurgeReport

_C = purge_report.c
_FIELDS = (_C.at, _C.what, _C.until, _C.count, _C.ids_digest, _C.chain)


async def put(
    connection: AsyncConnection, at: datetime, what: Kept, until: datetime, ids: Iterable[str]
) -> PurgeReport:
    """Adds a report to the transaction that removes `ids`."""
    await dialect.lock_name(connection, "purge_report")
    before = (await connection.execute(select(_C.chain).order_by(_C.id.desc()).limit(1))).scalar() or ""
    sorted_ids = sorted(ids)
    digest = hashlib.sha256("".join(f"{one}\n" for one in sorted_ids).encode()).hexdigest()
    chain = chained(before, at, what, until, len(sorted_ids), digest)
    made = PurgeReport(at, what, until, len(sorted_ids), digest, chain)
    row = {"at": at, "what": what.value, "until": until, "count": made.count}
    await connection.execute(purge_report.insert().values(**row, ids_digest=digest, chain=chain))
    return made


def chained(before: str, at: datetime, what: str, until: datetime, count: int, digest: str) -> str:
    moments = (at.astimezone(UTC).isoformat(), until.astimezone(UTC).isoformat())
    return hashlib.sha256("|".join((before, *moments, str(what), str(count), digest)).encode()).hexdigest()


async def reports(database: Database) -> tuple[PurgeReport, ...]:
    """All, oldest first."""
    async with database.read() as connection:
        rows = (await connection.execute(select(*_FIELDS).order_by(_C.id))).all()
    return tuple(PurgeReport(at, Kept(what), *rest) for at, what, *rest in rows)


def broken_at(found: Iterable[PurgeReport]) -> int | None:
    """Place (from 0) of the first report that does not follow from the one before; None: all do."""
    before = ""
    for at, one in enumerate(found):
        if one.chain != chained(before, one.at, one.what.value, one.until, one.count, one.ids_digest):
            return at
        before = one.chain
    return None
