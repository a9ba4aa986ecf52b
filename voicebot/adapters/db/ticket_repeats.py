"""Open tickets that may be the same matter, found by the keys of their fingerprints."""

from collections.abc import Iterable

from sqlalchemy import func, select

from voicebot.adapters.db.database import Database
from voicebot.adapters.db.schema import ticket, ticket_key
from voicebot.adapters.db.ticket_index import matter_keys
from voicebot.adapters.db.ticket_rows import FIELDS, ticket_of
from voicebot.tickets.ticket import Ticket


class SqlTicketRepeats:
    """Implements `voicebot.tickets.ports.TicketRepeats`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def candidates(self, keys: Iterable[str], limit: int = 30) -> tuple[Ticket, ...]:
        sought = sorted(matter_keys(keys))
        if not sought:
            return ()
        number, shared = ticket_key.c.ticket_no, func.count().label("shared")
        found = select(number, shared).where(ticket_key.c.key.in_(sought)).group_by(number)
        best = found.order_by(shared.desc(), number.desc()).limit(limit).subquery()
        query = select(*FIELDS).join(best, best.c.ticket_no == ticket.c.ticket_no)
        query = query.order_by(best.c.shared.desc(), ticket.c.ticket_no.desc())
        async with self._database.read() as connection:
            return tuple(ticket_of(row) for row in (await connection.execute(query)).mappings())
