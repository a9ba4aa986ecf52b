"""Tickets in the database."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import date
from typing import Final

from sqlalchemy import Integer, bindparam, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from voicebot.adapters.db import ticket_rows as rows
from voicebot.adapters.db.callbacks import owe_for_ticket
from voicebot.adapters.db.database import Database
from voicebot.adapters.db.schema import ticket, ticket_event
from voicebot.adapters.db.suggestion_rows import follow_suggestions
from voicebot.adapters.db.ticket_index import TicketIndex
from voicebot.core.ids import TicketNo
from voicebot.tickets import numbers
from voicebot.tickets.ports import Birth, Parting, Step, moved_before, part_of
from voicebot.tickets.state import OPEN
from voicebot.tickets.ticket import Contact, Ticket, TicketEvent

Follower = Callable[[AsyncConnection, Ticket, TicketEvent], Awaitable[None]]
"""Writes what follows from a ticket's new row (jobs, index) in the transaction of the change."""

_REQUEST: Final = "request"
_OF_CALLER: Final = (
    rows.TICKETS.where(
        or_(ticket.c.phone_hash == bindparam("digest"), ticket.c.caller_hash == bindparam("digest"))
    )
    .order_by(ticket.c.ticket_no.desc())
    .limit(bindparam("most", type_=Integer))
)
_OF_CALLER_OPEN: Final = _OF_CALLER.where(ticket.c.state.in_([state.value for state in OPEN]))


class SqlTicketStore:
    """Implements `voicebot.tickets.ports.TicketStore`.

    Args:
        followers: run for every ticket that is born or changed, after its index and the calls it owes,
            before the transaction ends.
    """

    def __init__(self, database: Database, followers: Sequence[Follower] = ()) -> None:
        self._database = database
        self._vault = database.vault
        self._index = TicketIndex(self._vault)
        self._followers = (
            owe_for_ticket,
            follow_suggestions,
            *followers,
        )

    async def create(
        self, day: date, birth: Birth, contact: Contact, *, key: str = "", hidden: tuple[str, ...] = ()
    ) -> tuple[Ticket, TicketEvent]:
        request = self._vault.digest(_REQUEST, key)
        async with self._database.write() as connection:
            if known := await rows.filed(connection, request):
                return known
            made, event = birth(numbers.ticket_no(day, await rows.next_serial(connection, day)))
            await rows.put_new(connection, made, rows.person(self._vault, contact))
            phones = tuple(number for number in (contact.phone, contact.caller) if number)
            await self._record(connection, made, event, request, hidden, phones)
        return made, event

    async def change(
        self,
        ticket_no: TicketNo,
        step: Step,
        *,
        expected: int | None = None,
        key: str = "",
        hidden: tuple[str, ...] = (),
    ) -> tuple[Ticket, TicketEvent]:
        request = self._vault.digest(_REQUEST, key)
        async with self._database.write() as connection:
            if known := await rows.filed(connection, request):
                return known
            return await self._change(connection, ticket_no, step, expected, request, hidden)

    async def change_all(
        self,
        steps: Mapping[TicketNo, Step],
        *,
        expected: Mapping[TicketNo, int] | None = None,
        key: str = "",
        hidden: tuple[str, ...] = (),
    ) -> tuple[tuple[Ticket, TicketEvent], ...]:
        versions, sealed = expected or {}, dict.fromkeys(list(steps)[:1], hidden)
        requests = {no: self._vault.digest(_REQUEST, part_of(key, no)) for no in steps}
        order = sorted(steps)  # always the same, so that two writers never wait for each other
        async with self._database.write() as connection:
            known = {no: await rows.filed(connection, requests[no]) for no in order}
            if moved_before(known):
                return tuple(each for no in steps if (each := known[no]) is not None)
            await rows.hold(connection, order)
            done = {
                no: await self._change(
                    connection, no, steps[no], versions.get(no), requests[no], sealed.get(no, ())
                )
                for no in order
            }
        return tuple(done[no] for no in steps)

    async def split(
        self,
        origin: TicketNo,
        day: date,
        parting: Parting,
        *,
        expected: int | None = None,
        key: str = "",
        hidden: tuple[str, ...] = (),
    ) -> tuple[Ticket, TicketEvent]:
        request = self._vault.digest(_REQUEST, key)
        async with self._database.write() as connection:
            if known := await rows.filed(connection, request):
                return known
            before, person = await rows.lock(connection, origin, expected)
            serial = await rows.next_serial(connection, day)
            (part, birth), (after, event) = parting(before, numbers.ticket_no(day, serial))
            await rows.put_new(connection, part, person)
            await self._record(connection, part, birth, request, hidden)
            await rows.put_changed(connection, before, after)
            await self._record(connection, after, event)
        return part, birth

    async def _change(
        self,
        connection: AsyncConnection,
        ticket_no: TicketNo,
        step: Step,
        expected: int | None,
        request: str = "",
        hidden: tuple[str, ...] = (),
    ) -> tuple[Ticket, TicketEvent]:
        before, _ = await rows.lock(connection, ticket_no, expected)
        after, event = step(before)
        await self.put(connection, before, after, event, request, hidden)
        return after, event

    async def put(
        self,
        connection: AsyncConnection,
        before: Ticket,
        after: Ticket,
        event: TicketEvent,
        request: str = "",
        hidden: tuple[str, ...] = (),
    ) -> None:
        """Writes a move, and what follows from it, in a transaction that holds the ticket."""
        await rows.put_changed(connection, before, after)
        await self._record(connection, after, event, request, hidden)

    async def _record(
        self,
        connection: AsyncConnection,
        now: Ticket,
        event: TicketEvent,
        request: str = "",
        hidden: tuple[str, ...] = (),
        phones: tuple[str, ...] = (),
    ) -> None:
        await rows.record(connection, self._vault, now, event, request, hidden)
        await self._index.follow(connection, now, event, phones)
        for follow in self._followers:
            await follow(connection, now, event)

    async def filed(self, key: str) -> tuple[Ticket, TicketEvent] | None:
        async with self._database.read() as connection:
            return await rows.filed(connection, self._vault.digest(_REQUEST, key))

    async def ticket(self, ticket_no: TicketNo) -> Ticket | None:
        async with self._database.read() as connection:
            return await rows.load(connection, ticket_no)

    async def events(self, ticket_no: TicketNo) -> tuple[TicketEvent, ...]:
        async with self._database.read() as connection:
            return await rows.history(connection, ticket_no)

    async def of_caller(
        self, number: str, *, tail: str = "", open_only: bool = False, limit: int = 20
    ) -> tuple[Ticket, ...]:
        if not number:
            return ()
        digest = self._vault.digest(rows.PHONE, number)
        query = _OF_CALLER_OPEN if open_only else _OF_CALLER
        if tail:
            query = query.where(ticket.c.ticket_no.endswith(tail, autoescape=True))
        values = {"digest": digest, "most": limit}
        async with self._database.read() as connection:
            found = (await connection.execute(query, values)).mappings()
            return tuple(rows.ticket_of(row) for row in found)

    async def contact(self, ticket_no: TicketNo) -> Contact | None:
        query = select(ticket.c.name_enc, ticket.c.phone_enc, ticket.c.caller_enc)
        async with self._database.read() as connection:
            row = (await connection.execute(query.where(ticket.c.ticket_no == ticket_no))).first()
        return None if row is None else Contact(*(self._vault.open(sealed) for sealed in row))

    async def hidden(self, ticket_no: TicketNo) -> tuple[str, ...]:
        query = (
            select(ticket_event.c.hidden_enc)
            .where(ticket_event.c.ticket_no == ticket_no, ticket_event.c.hidden_enc.is_not(None))
            .order_by(ticket_event.c.seq)
        )
        async with self._database.read() as connection:
            sealed = (await connection.execute(query)).scalars().all()
        return tuple(number for entry in sealed for number in self._vault.open(entry).split())
