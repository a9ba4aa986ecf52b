"""Removing the demonstration's tickets and calls, with everything that was written because of them."""

from dataclasses import dataclass
from typing import Final

from sqlalchemy import delete, func, select

from voicebot.adapters.db import ticket_text
from voicebot.adapters.db.database import Database
from voicebot.adapters.db.schema import (
    call,
    call_turn,
    callback,
    callback_try,
    own_note,
    ticket,
    ticket_access,
    ticket_clock,
    ticket_event,
    ticket_key,
    ticket_spot,
    ticket_suggestion,
    ticket_uncompared,
    ticket_unit,
)
from voicebot.adapters.db.ticket_rows import history
from voicebot.operations.demo import MARK
from voicebot.tickets.words import searchable

CALLS: Final = "demo-"
"""How the ids of its calls begin."""


@dataclass(frozen=True, slots=True)
class Removed:
    tickets: int
    calls: int


async def counted(database: Database) -> tuple[int, int]:
    """(demonstration's tickets, all others)."""
    every = select(func.count()).select_from(ticket)
    async with database.read() as connection:
        own = (await connection.execute(every.where(ticket.c.origin_hotline == MARK))).scalar_one()
        rest = (await connection.execute(every.where(ticket.c.origin_hotline != MARK))).scalar_one()
    return own, rest


async def remove(database: Database) -> Removed:
    """All of them at once, or none; what is not marked is not touched."""
    async with database.write() as connection:
        marked = select(ticket.c.ticket_no).where(ticket.c.origin_hotline == MARK)
        numbers = (await connection.execute(marked)).scalars().all()
        for number in numbers:
            searched = searchable(await history(connection, number))
            await ticket_text.drop(connection, number, searched)
            await connection.execute(delete(own_note).where(own_note.c.key.like(f"draft:{number}:%")))
        owed = select(callback.c.key).where(callback.c.ticket_no.in_(marked))
        await connection.execute(delete(callback_try).where(callback_try.c.key.in_(owed)))
        pairs = ticket_suggestion.c.later.in_(numbers) | ticket_suggestion.c.earlier.in_(numbers)
        await connection.execute(delete(ticket_suggestion).where(pairs))
        index = (ticket_key, ticket_clock, ticket_unit, ticket_uncompared, ticket_spot)
        for table in (callback, ticket_access, *index, ticket_event, ticket):
            await connection.execute(delete(table).where(table.c.ticket_no.in_(numbers)))
        calls = call.c.id.startswith(CALLS)
        known = (await connection.execute(select(call.c.id).where(calls))).scalars().all()
        await connection.execute(delete(call_turn).where(call_turn.c.call_id.in_(known)))
        await connection.execute(delete(call).where(calls))
    return Removed(len(numbers), len(known))
