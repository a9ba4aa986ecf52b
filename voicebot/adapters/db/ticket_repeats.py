"""Open tickets that may be the same matter, found by the keys of their fingerprints."""

from collections.abc import Iterable
from typing import Final

from sqlalchemy import func, select, union_all
from sqlalchemy.ext.asyncio import AsyncConnection

from voicebot.adapters.db.database import Database
from voicebot.adapters.db.schema import ticket, ticket_key
from voicebot.adapters.db.ticket_index import matter_keys
from voicebot.adapters.db.ticket_rows import FIELDS, ticket_of
from voicebot.core.ids import TicketNo
from voicebot.tickets.ticket import Ticket

COMMON: Final = 200
"""Tickets of one key that are counted."""


class SqlTicketRepeats:
    """Implements `voicebot.tickets.ports.TicketRepeats`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def candidates(self, keys: Iterable[str], limit: int = 30) -> tuple[Ticket, ...]:
        async with self._database.read() as connection:
            numbers = await candidate_numbers(connection, keys, limit)
            query = select(*FIELDS).where(ticket.c.ticket_no.in_(numbers))
            rows = (await connection.execute(query)).mappings()
            found = {row["ticket_no"]: ticket_of(row) for row in rows}
        return tuple(found[number] for number in numbers)


async def candidate_numbers(
    connection: AsyncConnection, keys: Iterable[str], limit: int, but: str = ""
) -> list[TicketNo]:
    """Open tickets that share some of `keys`, those that share most first, of equals the newest.

    A key that very many share says little, and is as dear as many keys: of each only the newest `COMMON`
    tickets count.
    """
    sought = sorted(matter_keys(keys))
    if not sought:
        return []
    number, each = ticket_key.c.ticket_no, select(ticket_key.c.ticket_no)
    newest = [
        select(each.where(ticket_key.c.key == key).order_by(number.desc()).limit(COMMON).subquery())
        for key in sought
    ]
    found = union_all(*newest).subquery()
    best = select(found.c.ticket_no).where(found.c.ticket_no != but).group_by(found.c.ticket_no)
    best = best.order_by(func.count().desc(), found.c.ticket_no.desc()).limit(limit)
    return [TicketNo(no) for no in (await connection.execute(best)).scalars()]
