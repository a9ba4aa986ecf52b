"""Open tickets that may be the same matter, found by the keys of their fingerprints."""

from collections.abc import Iterable
from functools import lru_cache
from typing import Any, Final

from sqlalchemy import Integer, Select, bindparam, func, select, union_all
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
    values = {f"key{n}": key for n, key in enumerate(sought)} | {"but": but, "most": limit}
    rows = await connection.execute(_sharing(len(sought)), values)
    return [TicketNo(no) for no in rows.scalars()]


@lru_cache(maxsize=128)
def _sharing(count: int) -> Select[Any]:
    """The query with so many keys; made once, for making it takes longer than its answer."""
    number, each = ticket_key.c.ticket_no, select(ticket_key.c.ticket_no)
    newest = [
        select(
            each.where(ticket_key.c.key == bindparam(f"key{n}"))
            .order_by(number.desc())
            .limit(COMMON)
            .subquery()
        )
        for n in range(count)
    ]
    found = union_all(*newest).subquery().c.ticket_no
    best = select(found).where(found != bindparam("but")).group_by(found)
    return best.order_by(func.count().desc(), found.desc()).limit(bindparam("most", type_=Integer))
