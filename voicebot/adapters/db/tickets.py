"""Tickets in the database."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import date, datetime
from typing import Any

from sqlalchemy import or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from voicebot.adapters.db import dialect, outbox
from voicebot.adapters.db.database import Database
from voicebot.adapters.db.schema import ticket, ticket_event, ticket_serial
from voicebot.adapters.db.vault import Vault
from voicebot.core.clock import Clock
from voicebot.core.demand import TicketSummary
from voicebot.core.ids import TicketNo
from voicebot.operations.ticket_desk import summary, unknown
from voicebot.tickets import numbers
from voicebot.tickets.codec import INSTANTS, NAMES, decode, encode
from voicebot.tickets.ports import Birth, Step
from voicebot.tickets.state import OPEN, State
from voicebot.tickets.ticket import Change, Contact, Ticket, TicketAction, TicketEvent

_FIELDS = tuple(ticket.c[name] for name in NAMES)
_PHONE = "phone"
_REQUEST = "request"


class SqlTicketStore:
    """Implements `voicebot.tickets.ports.TicketStore`."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._vault = database.vault

    async def create(
        self, day: date, birth: Birth, contact: Contact, *, key: str = "", hidden: tuple[str, ...] = ()
    ) -> tuple[Ticket, TicketEvent]:
        request = self._vault.digest(_REQUEST, key)
        async with self._database.write() as connection:
            if known := await _filed(connection, request):
                return known
            made, event = birth(numbers.ticket_no(day, await _next_serial(connection, day)))
            person = _person(self._vault, contact)
            await connection.execute(ticket.insert().values(**_row(made), **person))
            await _record(connection, self._vault, made, event, request, hidden)
        return made, event

    async def change(
        self, ticket_no: TicketNo, step: Step, *, key: str = "", hidden: tuple[str, ...] = ()
    ) -> tuple[Ticket, TicketEvent]:
        request = self._vault.digest(_REQUEST, key)
        async with self._database.write() as connection:
            if known := await _filed(connection, request):
                return known
            query = select(*_FIELDS).where(ticket.c.ticket_no == ticket_no).with_for_update()
            row = (await connection.execute(query)).mappings().first()
            if row is None:
                raise unknown(ticket_no)
            changed, event = step(_ticket(row))
            await connection.execute(
                update(ticket).where(ticket.c.ticket_no == ticket_no).values(**_row(changed))
            )
            await _record(connection, self._vault, changed, event, request, hidden)
        return changed, event

    async def filed(self, key: str) -> tuple[Ticket, TicketEvent] | None:
        async with self._database.read() as connection:
            return await _filed(connection, self._vault.digest(_REQUEST, key))

    async def ticket(self, ticket_no: TicketNo) -> Ticket | None:
        async with self._database.read() as connection:
            return await _load(connection, ticket_no)

    async def events(self, ticket_no: TicketNo) -> tuple[TicketEvent, ...]:
        query = select(ticket_event).where(ticket_event.c.ticket_no == ticket_no).order_by(ticket_event.c.seq)
        async with self._database.read() as connection:
            return tuple(_event(row) for row in (await connection.execute(query)).mappings())

    async def of_caller(
        self, number: str, *, tail: str = "", open_only: bool = False, limit: int = 20
    ) -> tuple[Ticket, ...]:
        if not number:
            return ()
        digest = self._vault.digest(_PHONE, number)
        query = select(*_FIELDS).where(or_(ticket.c.phone_hash == digest, ticket.c.caller_hash == digest))
        if tail:
            query = query.where(ticket.c.ticket_no.endswith(tail, autoescape=True))
        if open_only:
            query = query.where(ticket.c.state.in_([state.value for state in OPEN]))
        query = query.order_by(ticket.c.ticket_no.desc()).limit(limit)
        async with self._database.read() as connection:
            return tuple(_ticket(row) for row in (await connection.execute(query)).mappings())

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


class SqlTickets:
    """Implements `voicebot.operations.ports.TicketReader`."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def tickets(self, limit: int, before: str | None = None) -> Sequence[TicketSummary]:
        query = select(*_FIELDS).order_by(ticket.c.ticket_no.desc()).limit(limit)
        if before is not None:
            query = query.where(ticket.c.ticket_no < before)
        async with self._database.read() as connection:
            rows = (await connection.execute(query)).mappings().all()
        return [summary(_ticket(row), self._clock) for row in rows]

    async def ticket(self, ticket_no: str) -> TicketSummary | None:
        async with self._database.read() as connection:
            found = await _load(connection, ticket_no)
        return None if found is None else summary(found, self._clock)


async def _next_serial(connection: AsyncConnection, day: date) -> int:
    """Takes the next serial of `day`; it is given back when the transaction rolls back."""
    fresh = dialect.insert(connection.dialect.name, ticket_serial).values(day=day, last=1)
    counted = fresh.on_conflict_do_update(
        index_elements=[ticket_serial.c.day], set_={"last": ticket_serial.c.last + 1}
    )
    return int((await connection.execute(counted.returning(ticket_serial.c.last))).scalar_one())


async def _filed(connection: AsyncConnection, request: str) -> tuple[Ticket, TicketEvent] | None:
    if not request:
        return None
    await dialect.lock_name(connection, request)  # one request filed twice at once: the second waits
    query = select(ticket_event).where(ticket_event.c.request_hash == request)
    row = (await connection.execute(query)).mappings().first()
    if row is None:
        return None
    stored = await _load(connection, row["ticket_no"])
    assert stored is not None, "a foreign key holds events to their ticket"
    return stored, _event(row)


async def _load(connection: AsyncConnection, ticket_no: str) -> Ticket | None:
    row = (
        (await connection.execute(select(*_FIELDS).where(ticket.c.ticket_no == ticket_no))).mappings().first()
    )
    return None if row is None else _ticket(row)


async def _record(
    connection: AsyncConnection,
    vault: Vault,
    now: Ticket,
    event: TicketEvent,
    request: str,
    hidden: tuple[str, ...],
) -> None:
    """The event's row and its outbox entry; the latter says that, not what."""
    await connection.execute(
        ticket_event.insert().values(
            ticket_no=event.ticket_no,
            seq=event.seq,
            at=event.at,
            actor=event.actor,
            action=event.action.value,
            before=event.before.value if event.before is not None else None,
            after=event.after.value,
            reason=event.reason,
            changes=[asdict(change) for change in event.changes],
            hidden_enc=vault.seal(" ".join(hidden)),
            request_hash=request or None,
        )
    )
    body = {
        "ticket_no": event.ticket_no,
        "seq": event.seq,
        "actor": event.actor,
        "before": event.before,
        "after": event.after,
        "appeal_type": now.appeal_type,
        "urgency": now.urgency,
        "department": now.department,
        "call_id": now.call_id,
        "due_at": now.due_at.isoformat(),
    }
    await outbox.put(connection, event.at, f"ticket.{event.action.value}", body)


def _person(vault: Vault, contact: Contact) -> dict[str, object]:
    return {
        "name_enc": vault.seal(contact.name),
        "phone_enc": vault.seal(contact.phone),
        "phone_hash": vault.digest(_PHONE, contact.phone),
        "caller_enc": vault.seal(contact.caller),
        "caller_hash": vault.digest(_PHONE, contact.caller),
    }


def _row(value: Ticket) -> dict[str, Any]:
    return {**encode(value), **{name: getattr(value, name) for name in INSTANTS}}


def _ticket(row: Mapping[Any, Any]) -> Ticket:
    return decode(
        {name: row[name].isoformat() if isinstance(row[name], datetime) else row[name] for name in NAMES}
    )


def _event(row: Mapping[Any, Any]) -> TicketEvent:
    return TicketEvent(
        ticket_no=TicketNo(row["ticket_no"]),
        seq=row["seq"],
        at=row["at"],
        actor=row["actor"],
        action=TicketAction(row["action"]),
        before=State(row["before"]) if row["before"] is not None else None,
        after=State(row["after"]),
        reason=row["reason"],
        changes=tuple(Change(**change) for change in row["changes"]),
    )
