"""Running clocks of tickets, in the database."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

import structlog
from sqlalchemy import ColumnElement, and_, case, delete, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from voicebot.adapters.db import outbox
from voicebot.adapters.db.database import Database
from voicebot.adapters.db.schema import ticket, ticket_clock, ticket_event
from voicebot.adapters.db.ticket_rows import FIELDS, ticket_of
from voicebot.adapters.db.tickets import SqlTicketStore
from voicebot.core.ids import TicketNo
from voicebot.operations.scheduler import ClockFigures, ClockKey, Decide
from voicebot.tickets.clocks import ClockKind, running
from voicebot.tickets.escalation import Acts, Word
from voicebot.tickets.profile import Archiving
from voicebot.tickets.state import FINAL, State
from voicebot.tickets.ticket import Ticket

log = structlog.get_logger(__name__)

_C: Final = ticket_clock.c
_T: Final = ticket.c


class SqlDueClocks:
    """Implements `voicebot.operations.scheduler.DueClocks`."""

    def __init__(self, database: Database, store: SqlTicketStore) -> None:
        self._database = database
        self._store = store

    async def due(self, now: datetime, limit: int) -> Sequence[ClockKey]:
        query = select(_C.ticket_no, _C.kind, _C.round).where(_C.next_at <= now)
        query = query.order_by(_C.next_at, _C.ticket_no).limit(limit)
        async with self._database.read() as connection:
            rows = (await connection.execute(query)).all()
        return [ClockKey(TicketNo(row.ticket_no), ClockKind(row.kind), row.round) for row in rows]

    async def act(self, key: ClockKey, now: datetime, decide: Decide) -> Acts | None:
        # the ticket first, then its clock: the order of every other writer
        query = select(*FIELDS).where(ticket.c.ticket_no == key.ticket_no).with_for_update(skip_locked=True)
        async with self._database.write() as connection:
            row = (await connection.execute(query)).mappings().first()
            if row is None:
                return None
            known = (await connection.execute(select(_C.acted, _C.next_at).where(_is(key)))).first()
            if known is None or known.next_at is None or known.next_at > now:
                return None
            before = ticket_of(row)
            clock = next((one for one in running(before) if one.kind is key.kind), None)
            if clock is None or before.round != key.round:
                log.error("clock.astray", ticket_no=key.ticket_no, clock=key.kind, round=key.round)
                await connection.execute(delete(ticket_clock).where(_is(key)))
                return None
            acts = decide(before, clock, known.acted)
            await self._carry_out(connection, before, acts, now)
            done = update(ticket_clock).where(_is(key)).values(acted=acts.acted, next_at=acts.next_at)
            await connection.execute(done)
        return acts

    async def _carry_out(
        self, connection: AsyncConnection, before: Ticket, acts: Acts, now: datetime
    ) -> None:
        last = before
        for after, event in acts.moved:
            await self._store.put(connection, last, after, event)
            last = after
        for word in acts.words:
            await outbox.put(connection, now, word.subject.value, _body(before, word))

    async def put_off(self, key: ClockKey, until: datetime) -> None:
        waits = update(ticket_clock).where(_is(key), _C.next_at < until).values(next_at=until)
        async with self._database.write() as connection:
            await connection.execute(waits)

    async def over(
        self, state: State, waits: Archiving, now: datetime, limit: int, after: TicketNo | None = None
    ) -> Sequence[TicketNo]:
        # one state at a time: then there is an index that has them in order
        query = select(_T.ticket_no).where(_T.state == state.value, _waited(state, waits, now))
        query = query.order_by(_T.ticket_no).limit(limit)
        if after is not None:
            query = query.where(_T.ticket_no > after)
        async with self._database.read() as connection:
            return [TicketNo(number) for number in (await connection.execute(query)).scalars()]

    async def figures(self, now: datetime) -> ClockFigures:
        red = func.count(case((_C.due <= now, 1)))
        yellow = func.count(case((and_(_C.warn_at <= now, _C.due > now), 1)))
        behind = select(_C.next_at).where(_C.next_at <= now).order_by(_C.next_at).limit(1)
        async with self._database.read() as connection:
            row: Any = (await connection.execute(select(func.count().label("all"), yellow, red))).one()
            oldest = (await connection.execute(behind)).scalar()
        return ClockFigures(row[0], row[1], row[2], oldest)


def _waited(state: State, waits: Archiving, now: datetime) -> ColumnElement[bool]:
    """As `escalation.may_rest` has it."""
    if state in FINAL:
        e = ticket_event.c
        last = select(e.at).where(e.ticket_no == _T.ticket_no, e.seq == _T.version).scalar_subquery()
        return last <= now - waits.reached
    reached = or_(_T.called_back_at.is_not(None), _T.rating.is_not(None), ~_T.want_reply, _T.phone_mask == "")
    return and_(
        _T.supervision.is_(None),
        _T.objection == "",
        ~_T.low_score,
        or_(and_(reached, _T.closed_at <= now - waits.reached), _T.closed_at <= now - waits.unreached),
    )


def _is(key: ClockKey) -> ColumnElement[bool]:
    return and_(_C.ticket_no == key.ticket_no, _C.kind == key.kind.value, _C.round == key.round)


def _body(of: Ticket, word: Word) -> dict[str, object]:
    """Says that, and to whom; never what the ticket is about."""
    return {
        "ticket_no": of.ticket_no,
        "clock": word.clock.kind.value,
        "round": of.round,
        "at": word.at.isoformat(),
        "due": word.clock.due.isoformat(),
        "tell": [role.value for role in word.tell],
        "late": word.late,
        "state": of.state.value,
        "appeal_type": of.appeal_type,
        "urgency": of.urgency,
        "department": of.department,
    }
