"""Tickets, their events and the people behind them as rows; what every ticket store statement shares."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from functools import cache
from typing import Any, Final

from sqlalchemy import bindparam, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from voicebot.adapters.db import dialect, outbox
from voicebot.adapters.db.schema import ticket, ticket_event, ticket_serial
from voicebot.adapters.db.vault import Vault
from voicebot.core.ids import TicketNo
from voicebot.operations.ticket_desk import unknown
from voicebot.tickets.codec import INSTANTS, NAMES, decode, encode
from voicebot.tickets.rules import RULES
from voicebot.tickets.stale import StaleTicket
from voicebot.tickets.state import State
from voicebot.tickets.ticket import Change, Contact, Ticket, TicketAction, TicketEvent

FIELDS: Final = tuple(ticket.c[name] for name in NAMES)
TICKETS: Final = select(*FIELDS)
"""Statements are made once: making one, and its key among those compiled, costs as much as a visit to the
database."""
_ONE: Final = TICKETS.where(ticket.c.ticket_no == bindparam("no"))
_FILED: Final = select(ticket_event).where(ticket_event.c.request_hash == bindparam("request"))
_NEW: Final = ticket.insert()
_NEW_EVENT: Final = ticket_event.insert()
PERSON: Final = ("name_enc", "phone_enc", "phone_hash", "caller_enc", "caller_hash")
"""Columns of a row beside the fields of `Ticket`."""
PHONE: Final = "phone"


async def next_serial(connection: AsyncConnection, day: date) -> int:
    """Takes the next serial of `day`; it is given back when the transaction rolls back."""
    counted = await connection.execute(_counted(connection.dialect.name), {"today": day})
    return int(counted.scalar_one())


@cache
def _counted(backend: str) -> Any:
    fresh = dialect.insert(backend, ticket_serial).values(day=bindparam("today"), last=1)
    counted = fresh.on_conflict_do_update(
        index_elements=[ticket_serial.c.day], set_={"last": ticket_serial.c.last + 1}
    )
    return counted.returning(ticket_serial.c.last)


async def filed(connection: AsyncConnection, request: str) -> tuple[Ticket, TicketEvent] | None:
    """What was stored under the hash of a request key; the ticket as it is now."""
    if not request:
        return None
    await dialect.lock_name(connection, request)  # one request filed twice at once: the second waits
    row = (await connection.execute(_FILED, {"request": request})).mappings().first()
    if row is None:
        return None
    stored = await load(connection, row["ticket_no"])
    assert stored is not None, "a foreign key holds events to their ticket"
    return stored, event_of(row)


async def lock(
    connection: AsyncConnection, ticket_no: TicketNo, expected: int | None
) -> tuple[Ticket, Mapping[str, Any]]:
    """The ticket, held against other writers until the transaction ends, and its `PERSON` columns.

    Raises:
        StaleTicket: it is not at version `expected`.
        VoicebotError: ``ticket.unknown``.
    """
    columns = (*FIELDS, *(ticket.c[name] for name in PERSON))
    query = select(*columns).where(ticket.c.ticket_no == ticket_no).with_for_update()
    row = (await connection.execute(query)).mappings().first()
    if row is None:
        raise unknown(ticket_no)
    now = ticket_of(row)
    if expected is not None and now.version != expected:
        since = await history(connection, ticket_no, after=expected)
        raise StaleTicket(expected, now, since)
    return now, {name: row[name] for name in PERSON}


async def hold(connection: AsyncConnection, numbers: Sequence[TicketNo]) -> None:
    """Keeps other writers from several tickets, in the order of their numbers: whatever else a change takes
    hold of comes after all of them."""
    held = select(ticket.c.ticket_no).where(ticket.c.ticket_no.in_(sorted(numbers)))
    await connection.execute(held.order_by(ticket.c.ticket_no).with_for_update())


async def history(
    connection: AsyncConnection, ticket_no: TicketNo, *, after: int = 0
) -> tuple[TicketEvent, ...]:
    """Events past the first `after`, oldest first."""
    query = select(ticket_event).where(ticket_event.c.ticket_no == ticket_no, ticket_event.c.seq > after)
    rows = await connection.execute(query.order_by(ticket_event.c.seq))
    return tuple(event_of(row) for row in rows.mappings())


async def put_new(connection: AsyncConnection, value: Ticket, person_row: Mapping[str, Any]) -> None:
    # values beside the statement, here and below: then it is compiled and looked up once, not each time
    await connection.execute(_NEW, {**row_of(value), **person_row})


async def put_changed(connection: AsyncConnection, before: Ticket, after: Ticket) -> None:
    """Writes the columns that changed."""
    old, new = row_of(before), row_of(after)
    values = {name: new[name] for name in NAMES if new[name] != old[name]}
    await connection.execute(update(ticket).where(ticket.c.ticket_no == after.ticket_no).values(**values))


async def load(connection: AsyncConnection, ticket_no: str) -> Ticket | None:
    row = (await connection.execute(_ONE, {"no": ticket_no})).mappings().first()
    return None if row is None else ticket_of(row)


async def record(
    connection: AsyncConnection,
    vault: Vault,
    now: Ticket,
    event: TicketEvent,
    request: str,
    hidden: tuple[str, ...],
) -> None:
    """The event's row and its outbox entry; the latter says that, not what."""
    sealed = {"hidden_enc": vault.seal(" ".join(hidden)), "request_hash": request or None}
    await connection.execute(_NEW_EVENT, {**event_row(event), **sealed})
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
        "tell_caller": RULES[event.action].tells and now.want_reply,
    }
    await outbox.put(connection, event.at, f"ticket.{event.action.value}", body)


def event_row(event: TicketEvent) -> dict[str, Any]:
    """The columns that `event_of` reads."""
    return {
        "ticket_no": event.ticket_no,
        "seq": event.seq,
        "at": event.at,
        "actor": event.actor,
        "action": event.action.value,
        "before": event.before.value if event.before is not None else None,
        "after": event.after.value,
        "reason": event.reason,
        "changes": [{"field": one.field, "before": one.before, "after": one.after} for one in event.changes],
    }


def person(vault: Vault, contact: Contact) -> dict[str, object]:
    return {
        "name_enc": vault.seal(contact.name),
        "phone_enc": vault.seal(contact.phone),
        "phone_hash": vault.digest(PHONE, contact.phone),
        "caller_enc": vault.seal(contact.caller),
        "caller_hash": vault.digest(PHONE, contact.caller),
    }


def row_of(value: Ticket) -> dict[str, Any]:
    return {**encode(value), **{name: getattr(value, name) for name in INSTANTS}}


def ticket_of(row: Mapping[Any, Any]) -> Ticket:
    return decode(
        {name: row[name].isoformat() if isinstance(row[name], datetime) else row[name] for name in NAMES}
    )


def event_of(row: Mapping[Any, Any]) -> TicketEvent:
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
