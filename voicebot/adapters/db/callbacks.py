"""Calls we owe, kept beside tickets and calls: written in the transaction that makes us owe them."""

from datetime import UTC, datetime, timedelta
from typing import Any, Final

from sqlalchemy import Exists, RowMapping, Select, delete, exists, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from voicebot.adapters.db import dialect, outbox
from voicebot.adapters.db.database import Database
from voicebot.adapters.db.schema import call, callback, callback_try, never_ring, ticket
from voicebot.adapters.db.unreached import histories
from voicebot.core.ids import CallId, TicketNo
from voicebot.core.ringing import may_ring
from voicebot.operations.callback_store import DueCall
from voicebot.seats.contact import Contact, ContactState
from voicebot.tickets.callbacks import (
    CallbackKind,
    Over,
    Owed,
    Try,
    TryOutcome,
    came_to_nothing,
    owed_by,
    still_owed,
)
from voicebot.tickets.ticket import Ticket, TicketEvent

QUIET: Final = timedelta(minutes=30)
"""Nobody is rung again so soon about another matter."""
LONGEST_CALL: Final = timedelta(hours=3)
"""A call of which no end is known is over after this."""
PHONE: Final = "phone"
_LOCK: Final = "callback"


# ── what makes us owe one ───────────────────────────────────────────────────────────────────


async def owe_for_ticket(connection: AsyncConnection, now: Ticket, event: TicketEvent) -> None:
    """The call that a change of a ticket makes us owe, and those that it makes needless."""
    owed = owed_by(now, event)
    if event.seq > 1:
        waiting = select(callback.c.key).where(
            callback.c.ticket_no == now.ticket_no, callback.c.over == "", callback.c.held_until.is_(None)
        )
        for key in (await connection.execute(waiting)).scalars().all():
            if not still_owed(now, key):
                await _end(connection, key, Over.VOID, event.at)
    if owed is not None:
        person = select(ticket.c.phone_hash, ticket.c.caller_hash).where(ticket.c.ticket_no == now.ticket_no)
        phone, caller = (await connection.execute(person)).one()
        if phone or caller:
            await _owe(connection, owed, number_hash=phone or caller, ticket_no=now.ticket_no)


async def owe_for_call(
    connection: AsyncConnection, call_id: CallId, reason: str, state: str, at: datetime
) -> None:
    """The call back that a call owes its caller when it came to nothing."""
    if not came_to_nothing(reason, state):
        return
    person = select(call.c.caller_hash, call.c.caller_enc).where(
        call.c.id == call_id, call.c.outbound.is_(False), call.c.channel == "phone"
    )
    found = (await connection.execute(person)).first()
    if found is not None and found.caller_hash:
        owed = Owed(f"missed:{call_id}", CallbackKind.MISSED, at)
        await _owe(
            connection,
            owed,
            number_hash=found.caller_hash,
            number_enc=found.caller_enc,
            call_id=call_id,
        )


async def owe_for_contact(connection: AsyncConnection, contact: Contact, at: datetime) -> None:
    """The call back to somebody who waited for a person in vain. Who asked for it keeps the place: it is
    urgent, and due since they began to wait. A call owes one, whoever notices first."""
    if contact.state not in (ContactState.LEFT, ContactState.CALL_BACK):
        return
    asked = contact.state is ContactState.CALL_BACK
    person = select(call.c.caller_hash, call.c.caller_enc).where(
        call.c.id == contact.call_id, call.c.channel == "phone"
    )
    if not asked:
        person = person.where(call.c.outbound.is_(False))
    found = (await connection.execute(person)).first()
    if found is None or not found.caller_hash:
        return
    since = contact.since if asked else at
    owed = Owed(f"missed:{contact.call_id}", CallbackKind.MISSED, since, urgent=asked)
    await _owe(
        connection,
        owed,
        number_hash=found.caller_hash,
        number_enc=found.caller_enc,
        call_id=contact.call_id,
    )


async def _owe(connection: AsyncConnection, owed: Owed, **person: object) -> None:
    values = {
        "key": owed.key,
        "kind": owed.kind.value,
        "urgent": owed.urgent,
        "since": owed.since,
        "due": owed.since,
        **person,
    }
    fresh = dialect.insert(connection.dialect.name, callback).values(**values)
    done = await connection.execute(fresh.on_conflict_do_nothing(index_elements=[callback.c.key]))
    if done.rowcount:
        body = {"key": owed.key, "kind": owed.kind, "ticket_no": person.get("ticket_no")}
        await outbox.put(connection, owed.since, "callback.owed", body)


async def _end(connection: AsyncConnection, key: str, over: Over, at: datetime) -> None:
    values = {"over": over.value, "over_at": at, "due": None, "holder": "", "held_until": None}
    await connection.execute(update(callback).where(callback.c.key == key).values(**values))
    await outbox.put(connection, at, "callback.over", {"key": key, "over": over})


# ── who rings ───────────────────────────────────────────────────────────────────────────────


class SqlCallbacks:
    """Implements `voicebot.operations.callback_store.CallbackStore`."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._vault = database.vault

    async def claim(self, now: datetime, until: datetime, holder: str) -> DueCall | None:
        async with self._database.read() as connection:  # most looks find nothing: no lock for them
            if (await connection.execute(_next_due(now))).first() is None:
                return None
        async with self._database.write() as connection:
            await dialect.lock_name(connection, _LOCK)
            row = (await connection.execute(_next_due(now))).mappings().first()
            if row is None:
                return None
            held = {"holder": holder, "held_until": until}
            await connection.execute(update(callback).where(callback.c.key == row["key"]).values(**held))
            return await self._due_call(connection, row)

    async def hold(self, due: DueCall, until: datetime, holder: str) -> bool:
        mine = (callback.c.key == due.key, callback.c.holder == holder)
        async with self._database.write() as connection:
            done = await connection.execute(update(callback).where(*mine).values(held_until=until))
        return bool(done.rowcount)

    async def tried(
        self, due: DueCall, last: Try, following: datetime | Over, call_id: CallId | None
    ) -> None:
        async with self._database.write() as connection:
            counted = select(func.count()).where(callback_try.c.key == due.key)
            n = int((await connection.execute(counted)).scalar_one()) + 1
            row = {"at": last.at, "outcome": last.outcome.value, "again": last.again, "call_id": call_id}
            await connection.execute(callback_try.insert().values(key=due.key, n=n, **row))
            body = {"key": due.key, "n": n, "outcome": last.outcome, "call_id": call_id}
            await outbox.put(connection, last.at, "callback.tried", body)
            if last.outcome is TryOutcome.NEVER:
                await _put_never(connection, due.number_hash, last.at, due.key)
            await _go_on(connection, due.key, following, last.at)

    async def put_off(self, due: DueCall, following: datetime | Over, at: datetime) -> None:
        async with self._database.write() as connection:
            await _go_on(connection, due.key, following, at)

    async def missed(self, number: str, at: datetime) -> None:
        """Somebody found all lines taken: we owe them a call, one an hour however often they tried."""
        if not may_ring(number):
            return
        digest = self._vault.digest(PHONE, number)
        owed = Owed(f"missed:{digest[:40]}:{at.astimezone(UTC):%Y%m%d%H}", CallbackKind.MISSED, at)
        async with self._database.write() as connection:
            await _owe(connection, owed, number_hash=digest, number_enc=self._vault.seal(number))

    async def never(self, number: str, at: datetime, why: str) -> None:
        async with self._database.write() as connection:
            await _put_never(connection, self._vault.digest(PHONE, number), at, why)

    async def ring_again(self, number: str) -> None:
        digest = self._vault.digest(PHONE, number)
        async with self._database.write() as connection:
            await connection.execute(delete(never_ring).where(never_ring.c.number_hash == digest))

    async def _due_call(self, connection: AsyncConnection, row: RowMapping) -> DueCall:
        number = self._vault.open(row["number_enc"])
        if row["ticket_no"]:
            person = select(ticket.c.phone_enc, ticket.c.caller_enc)
            found = (await connection.execute(person.where(ticket.c.ticket_no == row["ticket_no"]))).first()
            number = next((self._vault.open(sealed) for sealed in found or () if sealed), "")
        digest = row["number_hash"]
        never = await connection.execute(select(never_ring.c.at).where(never_ring.c.number_hash == digest))
        since = select(func.count()).where(
            call.c.caller_hash == digest, call.c.started_at > row["since"], call.c.outbound.is_(False)
        )
        return DueCall(
            key=row["key"],
            kind=CallbackKind(row["kind"]),
            ticket_no=TicketNo(row["ticket_no"]) if row["ticket_no"] else None,
            call_id=CallId(row["call_id"]) if row["call_id"] else None,
            number=number,
            number_hash=digest,
            urgent=row["urgent"],
            since=row["since"],
            tries=tuple((await histories(connection, [row["key"]], row["forgiven"]))[row["key"]]),
            never=never.first() is not None,
            called_since=bool((await connection.execute(since)).scalar_one()),
        )


def _next_due(now: datetime) -> Select[Any]:
    """The most urgent call that is due, whose number nobody rings, has just rung or is talking to."""
    return (
        select(callback)
        .where(
            callback.c.due <= now,
            or_(callback.c.held_until.is_(None), callback.c.held_until < now),
            ~_rung_by_another(now),
            ~_rung_just_now(now),
            ~_talking(now),
        )
        .order_by(callback.c.urgent.desc(), callback.c.due, callback.c.key)
        .limit(1)
    )


def _rung_by_another(now: datetime) -> Exists:
    other = callback.alias("other")
    same = (other.c.number_hash == callback.c.number_hash, other.c.key != callback.c.key)
    return exists().where(*same, other.c.held_until >= now)


def _rung_just_now(now: datetime) -> Exists:
    other = callback.alias("earlier")
    same = (other.c.number_hash == callback.c.number_hash, other.c.key != callback.c.key)
    spoke = ("done", "later", "cut")
    return exists().where(
        *same,
        callback.c.urgent.is_(False),
        callback_try.c.key == other.c.key,
        callback_try.c.at > now - QUIET,
        callback_try.c.outcome.in_(spoke),
    )


def _talking(now: datetime) -> Exists:
    here = (call.c.caller_hash == callback.c.number_hash, call.c.ended_at.is_(None))
    return exists().where(*here, call.c.started_at > now - LONGEST_CALL)


async def _go_on(connection: AsyncConnection, key: str, following: datetime | Over, at: datetime) -> None:
    if isinstance(following, Over):
        await _end(connection, key, following, at)
    else:
        free = {"due": following, "holder": "", "held_until": None}
        await connection.execute(update(callback).where(callback.c.key == key).values(**free))


async def _put_never(connection: AsyncConnection, digest: str, at: datetime, why: str) -> None:
    fresh = dialect.insert(connection.dialect.name, never_ring).values(number_hash=digest, at=at, why=why)
    await connection.execute(fresh.on_conflict_do_nothing(index_elements=[never_ring.c.number_hash]))
