"""Events of tickets, read from the outbox; ids become visible in their order (`outbox.flush`)."""

from collections.abc import Sequence
from typing import Final

from sqlalchemy import func, select

from voicebot.adapters.db.database import Database
from voicebot.adapters.db.schema import outbox
from voicebot.operations.event_feed import FeedEvent

_C: Final = outbox.c
_COLUMNS: Final = (_C.id, _C.at, _C.subject, _C.body)
OF_TICKETS: Final = _C.subject.startswith("ticket.", autoescape=True)


class SqlFeed:
    """Implements `voicebot.operations.event_feed.EventFeed`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def after(self, id_: int, limit: int) -> Sequence[FeedEvent]:
        query = select(*_COLUMNS).where(_C.id > id_, OF_TICKETS).order_by(_C.id).limit(limit)
        async with self._database.read() as connection:
            return [FeedEvent(*row) for row in await connection.execute(query)]

    async def one(self, id_: int) -> FeedEvent | None:
        async with self._database.read() as connection:
            row = (await connection.execute(select(*_COLUMNS).where(_C.id == id_, OF_TICKETS))).first()
        return None if row is None else FeedEvent(*row)

    async def last(self) -> int:
        async with self._database.read() as connection:
            return (await connection.execute(select(func.max(_C.id)))).scalar() or 0
