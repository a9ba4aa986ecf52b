"""Suggestions of one matter in the database."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import and_, case, delete, insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from voicebot.adapters.db import dialect, outbox
from voicebot.adapters.db.database import Database
from voicebot.adapters.db.schema import ticket, ticket_spot, ticket_suggestion, ticket_uncompared
from voicebot.adapters.db.suggestion_rows import hold_suggestions, revive
from voicebot.adapters.db.ticket_repeats import candidate_numbers
from voicebot.adapters.db.ticket_rows import FIELDS, load, lock, ticket_of
from voicebot.core.errors import VoicebotError
from voicebot.core.ids import TicketNo
from voicebot.operations.suggestion_book import ToCompare, no_suggestion
from voicebot.tickets.fingerprints import fingerprint
from voicebot.tickets.spots import SpotKey
from voicebot.tickets.suggestions import (
    Beside,
    Standing,
    Suggestion,
    Weighed,
    Weighing,
    comparable,
    pair,
    together,
)
from voicebot.tickets.ticket import Ticket

_S: Final = ticket_suggestion.c
_U: Final = ticket_uncompared.c
_PEOPLE: Final = (ticket.c.phone_hash, ticket.c.caller_hash)
MOST: Final = 30
"""Tickets that one is compared with, beside those that stand as suggestions."""
SHOWN: Final = 20


class SqlSuggestions:
    """Implements `voicebot.operations.suggestion_book.SuggestionBook`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def owed(self, now: datetime, limit: int) -> Sequence[TicketNo]:
        query = select(_U.ticket_no).where(_U.next_at <= now).order_by(_U.next_at, _U.ticket_no).limit(limit)
        async with self._database.read() as connection:
            return [TicketNo(number) for number in (await connection.execute(query)).scalars()]

    async def put_off(self, ticket_no: TicketNo, until: datetime) -> None:
        async with self._database.write() as connection:
            mine = update(ticket_uncompared).where(_U.ticket_no == ticket_no)
            await connection.execute(mine.values(next_at=until))

    async def to_compare(self, ticket_no: TicketNo) -> ToCompare | None:
        async with self._database.read() as connection:
            found = await load(connection, ticket_no)
            if found is None:
                return None
            numbers = set(await _suggested(connection, ticket_no))
            if comparable(found):
                numbers |= set(await candidate_numbers(connection, fingerprint(found), MOST, ticket_no))
            rows = await _with_people(connection, {ticket_no, *numbers})
        people = {no: {h for h in (row["phone_hash"], row["caller_hash"]) if h} for no, row in rows.items()}
        mine = people.pop(ticket_no)
        others = (Beside(ticket_of(rows[no]), own=bool(people[no] & mine)) for no in sorted(people))
        return ToCompare(found, tuple(others))

    async def keep(
        self, compared: Ticket, found: Weighing, spots: Sequence[SpotKey], at: datetime
    ) -> Sequence[Suggestion]:
        number = compared.ticket_no
        async with self._database.write() as connection:
            held = await _held(connection, {number, *(each.ticket_no for each in found.likely)})
            await hold_suggestions(connection)
            now = held.get(number)
            made: list[Suggestion] = []
            for each in found.likely if now is not None and comparable(now) else ():
                assert now is not None
                other = held.get(each.ticket_no)
                if other is not None and comparable(other) and not together(now, other):
                    made += await _put(connection, number, each, at)
            for other_no in found.unlikely:
                gone = and_(_is(number, other_no), _S.standing == Standing.OPEN)
                await connection.execute(delete(ticket_suggestion).where(gone))
            await _put_spots(connection, compared, spots)
            done = and_(_U.ticket_no == number, _U.version <= compared.version)
            await connection.execute(delete(ticket_uncompared).where(done))
            for fresh in made:
                await _tell(connection, "ticket.suggested", fresh, at, "clock")
        return made

    async def of_ticket(self, ticket_no: TicketNo) -> Sequence[tuple[Suggestion, Ticket]]:
        undecided = case((_S.standing == Standing.OPEN, 0), else_=1)
        query = select(*_S).where(_of(ticket_no), _S.standing != Standing.LAPSED)
        query = query.order_by(undecided, _S.score.desc(), _S.earlier, _S.later).limit(SHOWN)
        async with self._database.read() as connection:
            found = [_suggestion(row) for row in (await connection.execute(query)).mappings()]
            others = {each.other(ticket_no): each for each in found}
            rows = await _with_people(connection, set(others))
        return [(each, ticket_of(rows[no])) for no, each in others.items()]

    async def leads(self, ticket_no: TicketNo) -> bool:
        async with self._database.read() as connection:
            hanging = select(ticket.c.ticket_no).where(ticket.c.group == ticket_no).limit(1)
            return (await connection.execute(hanging)).first() is not None

    async def refuse(
        self,
        ticket_no: TicketNo,
        other: TicketNo,
        by: str,
        why: str,
        at: datetime,
        expected: int | None = None,
    ) -> Suggestion:
        async with self._database.write() as connection:
            await lock(connection, ticket_no, None)
            await hold_suggestions(connection)
            known = await _one(connection, ticket_no, other)
            if known.standing is Standing.REFUSED:
                return known
            if known.standing is Standing.ACCEPTED:
                raise VoicebotError("ticket.illegal_move", "这两件已经并在一起，请先撤销")
            await lock(connection, ticket_no, expected)
            values = {"standing": Standing.REFUSED, "by": by, "why": why, "decided_at": at}
            await connection.execute(update(ticket_suggestion).where(_is(ticket_no, other)).values(values))
            refused = await _one(connection, ticket_no, other)
            await _tell(connection, "ticket.suggestion_refused", refused, at, by)
        return refused

    async def reopen(
        self,
        ticket_no: TicketNo,
        other: TicketNo,
        by: str,
        why: str,
        at: datetime,
        expected: int | None = None,
    ) -> Suggestion:
        async with self._database.write() as connection:
            await lock(connection, ticket_no, None)
            await hold_suggestions(connection)
            known = await _one(connection, ticket_no, other)
            if known.standing is not Standing.REFUSED:
                raise VoicebotError("ticket.illegal_move", "这条建议没有被判定为不是同一件事")
            await lock(connection, ticket_no, expected)
            values = {"standing": Standing.LAPSED, "by": by, "why": why, "decided_at": at}
            await connection.execute(update(ticket_suggestion).where(_is(ticket_no, other)).values(values))
            await revive(connection, ticket_no)
            again = await _one(connection, ticket_no, other)
            await _tell(connection, "ticket.suggestion_reopened", again, at, by)
        return again


async def _suggested(connection: AsyncConnection, ticket_no: TicketNo) -> list[TicketNo]:
    """Those that undecided suggestions of a ticket name."""
    query = select(_S.later, _S.earlier).where(_of(ticket_no), _S.standing == Standing.OPEN)
    rows = await connection.execute(query)
    return [TicketNo(row.earlier if row.later == ticket_no else row.later) for row in rows]


async def _with_people(connection: AsyncConnection, numbers: set[TicketNo]) -> Mapping[TicketNo, Any]:
    query = select(*FIELDS, *_PEOPLE).where(ticket.c.ticket_no.in_(sorted(numbers)))
    return {TicketNo(row["ticket_no"]): row for row in (await connection.execute(query)).mappings()}


async def _held(connection: AsyncConnection, numbers: set[TicketNo]) -> Mapping[TicketNo, Ticket]:
    """Tickets as they are, not to be changed by others before this transaction ends."""
    query = select(*FIELDS).where(ticket.c.ticket_no.in_(sorted(numbers))).order_by(ticket.c.ticket_no)
    rows = (await connection.execute(query.with_for_update(read=True))).mappings()
    return {TicketNo(row["ticket_no"]): ticket_of(row) for row in rows}


async def _put(
    connection: AsyncConnection, ticket_no: TicketNo, found: Weighed, at: datetime
) -> list[Suggestion]:
    """Stores one that is likely; the suggestion, if there was none that stands."""
    later, earlier = pair(ticket_no, found.ticket_no)
    before = (await connection.execute(select(_S.standing).where(_is(later, earlier)))).scalar()
    told: dict[str, Any] = {"own": found.own, "score": found.likeness.score}
    told |= {"reasons": list(found.likeness.reasons), "at": at, "standing": Standing.OPEN}
    fresh = dialect.insert(connection.dialect.name, ticket_suggestion)
    undecided = _S.standing.in_([Standing.OPEN, Standing.LAPSED])
    kept = fresh.on_conflict_do_update(index_elements=[_S.later, _S.earlier], set_=told, where=undecided)
    await connection.execute(kept.values(later=later, earlier=earlier, **told))
    if before not in (None, Standing.LAPSED):
        return []
    made = Suggestion(later, earlier, found.own, found.likeness.score, found.likeness.reasons, at)
    return [made]


async def _put_spots(connection: AsyncConnection, of: Ticket, spots: Sequence[SpotKey]) -> None:
    await connection.execute(delete(ticket_spot).where(ticket_spot.c.ticket_no == of.ticket_no))
    rows = [
        {
            "ticket_no": of.ticket_no,
            "place": each.place,
            "kind": each.kind,
            "name": each.name,
            "at": of.accepted_at,
        }
        for each in spots
    ]
    if rows:
        await connection.execute(insert(ticket_spot), rows)


async def _one(connection: AsyncConnection, ticket_no: TicketNo, other: TicketNo) -> Suggestion:
    query = select(*_S).where(_is(ticket_no, other))
    row = (await connection.execute(query)).mappings().first()
    if row is None:
        raise no_suggestion(ticket_no, other)
    return _suggestion(row)


async def _tell(connection: AsyncConnection, subject: str, about: Suggestion, at: datetime, by: str) -> None:
    body = {"ticket_no": about.later, "other": about.earlier, "own": about.own, "score": about.score}
    await outbox.put(connection, at, subject, {**body, "actor": by, "department": None})


def _of(ticket_no: TicketNo) -> Any:
    return or_(_S.later == ticket_no, _S.earlier == ticket_no)


def _is(one: TicketNo, other: TicketNo) -> Any:
    later, earlier = pair(one, other)
    return and_(_S.later == later, _S.earlier == earlier)


def _suggestion(row: Mapping[Any, Any]) -> Suggestion:
    values = {**row, "reasons": tuple(row["reasons"]), "standing": Standing(row["standing"])}
    return Suggestion(**values)
