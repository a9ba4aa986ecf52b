"""Who looked at which ticket, in the database; rows are only ever added."""

from collections.abc import Sequence
from typing import Final

from sqlalchemy import select

from voicebot.adapters.db.database import Database
from voicebot.adapters.db.schema import ticket_access
from voicebot.core.ids import TicketNo
from voicebot.operations.ticket_access import Access, Looked
from voicebot.tickets.privacy import conceal

_C: Final = ticket_access.c


class SqlAccessLog:
    """Implements `voicebot.operations.ticket_access.AccessLog`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def note(self, access: Access) -> None:
        row = {
            "at": access.at,
            "who": access.who,
            "ticket_no": access.ticket_no,
            "what": access.what.value,
            "why": conceal(access.why)[0],
        }
        async with self._database.write() as connection:
            await connection.execute(ticket_access.insert().values(**row))

    async def of_ticket(self, ticket_no: TicketNo, limit: int = 100) -> Sequence[Access]:
        query = (
            select(_C.at, _C.who, _C.ticket_no, _C.what, _C.why)
            .where(_C.ticket_no == ticket_no)
            .order_by(_C.id.desc())
            .limit(limit)
        )
        async with self._database.read() as connection:
            rows = (await connection.execute(query)).all()
        return [Access(at, who, number, Looked(what), why) for at, who, number, what, why in rows]
