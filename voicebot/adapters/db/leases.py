"""Who runs which timed work, in the database."""

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from sqlalchemy import select, update

from voicebot.adapters.db import dialect
from voicebot.adapters.db.database import Database
from voicebot.adapters.db.schema import job_lease
from voicebot.operations.leases import Lease

_C: Final = job_lease.c


class SqlLeases:
    """Implements `voicebot.operations.leases.Leases`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def all(self) -> Mapping[str, Lease]:
        columns = (_C.name, _C.owner, _C.beat, _C.ran_at, _C.failures, _C.trouble)
        async with self._database.read() as connection:
            rows = (await connection.execute(select(*columns))).all()
        return {name: Lease(*rest) for name, *rest in rows}

    async def take(self, name: str, owner: str, seen: Lease | None) -> bool:
        async with self._database.write() as connection:
            if seen is None:
                fresh = dialect.insert(connection.dialect.name, job_lease).values(
                    name=name, owner=owner, beat=1, failures=0, trouble=""
                )
                made = await connection.execute(fresh.on_conflict_do_nothing().returning(_C.name))
                return made.first() is not None
            mine = (
                update(job_lease)
                .where(_C.name == name, _C.owner == seen.owner, _C.beat == seen.beat)
                .values(owner=owner, beat=_C.beat + 1)
            )
            return (await connection.execute(mine.returning(_C.name))).first() is not None

    async def beat(self, owner: str) -> frozenset[str]:
        alive = update(job_lease).where(_C.owner == owner).values(beat=_C.beat + 1).returning(_C.name)
        async with self._database.write() as connection:
            return frozenset((await connection.execute(alive)).scalars())

    async def ran(self, name: str, owner: str, at: datetime, failures: int, trouble: str) -> None:
        note = update(job_lease).where(_C.name == name, _C.owner == owner)
        async with self._database.write() as connection:
            await connection.execute(note.values(ran_at=at, failures=failures, trouble=trouble))

    async def release(self, owner: str) -> None:
        gone = update(job_lease).where(_C.owner == owner).values(owner="", beat=_C.beat + 1)
        async with self._database.write() as connection:
            await connection.execute(gone)
