"""Work lists and search over tickets."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, and_, exists, func, literal_column, or_, select, union_all
from sqlalchemy.ext.asyncio import AsyncConnection

from voicebot.adapters.db import ticket_text
from voicebot.adapters.db.database import Database
from voicebot.adapters.db.schema import (
    ticket,
    ticket_key,
    ticket_marked,
    ticket_suggestion,
    ticket_unit,
)
from voicebot.adapters.db.schema.suggestions import UNDECIDED
from voicebot.adapters.db.ticket_cursors import due_and_number, whole_number
from voicebot.adapters.db.ticket_index import TAIL, number_tail, phone_tail
from voicebot.adapters.db.ticket_lights import CLOCK, first_lit, lit_by
from voicebot.adapters.db.ticket_rows import FIELDS, PHONE, ticket_of
from voicebot.adapters.db.vault import Vault
from voicebot.core.clock import Clock
from voicebot.core.errors import VoicebotError
from voicebot.core.ids import TicketNo
from voicebot.tickets.clocks import Light
from voicebot.tickets.listing import UNSURE, Count, Filter, Mark, Page
from voicebot.tickets.numbers import LEAST_TAIL, LENGTH
from voicebot.tickets.privacy import plain_phone
from voicebot.tickets.words import terms

_T: Final = ticket.c
_MARKS: Final[dict[Mark, ColumnElement[bool]]] = {
    Mark.DISPUTED: literal_column("ticket.disputed"),
    Mark.EXTENSION: ticket_marked["extension"],
    Mark.SUPERVISED: ticket_marked["supervision"],
    Mark.GROUPED: ticket_marked["grouped"],
    Mark.LIKELY: _T.ticket_no.in_(select(ticket_suggestion.c.later).where(UNDECIDED)),
    Mark.UNSURE: or_(_T.department.is_(None), _T.department_score < UNSURE),
    Mark.LOW_SCORE: literal_column("ticket.low_score"),
    Mark.OBJECTION: ticket_marked["objection"],
    Mark.DIFFICULT: ticket_marked["difficult"],
    Mark.URGED: _T.urged > 0,
}
"""Written as their indexes are: SQLite does not know `low_score = 1` for `low_score`."""
_FEW: Final = frozenset(Mark) - {Mark.UNSURE, Mark.URGED}
"""Marks that so few have that all of them are looked through."""


_ENDS: Final = select(
    select(func.min(_T.ticket_no)).scalar_subquery(), select(func.max(_T.ticket_no)).scalar_subquery()
)
"""First and last number; both at once in one query SQLite only finds by reading all."""


class SqlTicketLists:
    """Implements `voicebot.tickets.listing.TicketLists`."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._vault: Vault = database.vault
        self._clock = clock

    async def page(self, wanted: Filter, *, limit: int = 50, after: str | None = None) -> Page:
        now = self._clock.now()
        by_due = wanted.light is not None and not wanted.text
        async with self._database.read() as connection:
            if by_due:
                rows = await self._by_due(connection, wanted, now, limit + 1, after)
            else:
                rows = await self._newest(connection, wanted, now, limit + 1, after)
        tickets = tuple(ticket_of(row) for row in rows[:limit])
        if len(rows) <= limit:
            return Page(tickets)
        last = rows[limit - 1]
        following = last["ticket_no"]
        return Page(tickets, f"{last['worst'].isoformat()}_{following}" if by_due else following)

    async def counts(self, wanted: Sequence[Filter], *, most: int = 999) -> tuple[Count, ...]:
        now = self._clock.now()
        async with self._database.read() as connection:
            return tuple([await self._count(connection, one, now, most) for one in wanted])

    async def _count(self, connection: AsyncConnection, wanted: Filter, now: datetime, most: int) -> Count:
        if wanted.text:
            found = len(await self._newest(connection, wanted, now, most + 1, None))
        else:
            some = self._select(wanted, now, ticket.c.ticket_no).limit(most + 1).subquery()
            found = (await connection.execute(select(func.count()).select_from(some))).scalar_one()
        return Count(min(found, most), more=found > most)

    async def _newest(
        self, connection: AsyncConnection, wanted: Filter, now: datetime, limit: int, after: str | None
    ) -> list[Any]:
        newest = whole_number(after) if after is not None else None
        if wanted.text:
            return await self._found(connection, wanted, now, limit, newest)
        number = _T.ticket_no
        narrow = (
            len(wanted.departments) > 1
            or wanted.number
            or wanted.phone
            or wanted.marks & _FEW
            or wanted.light
        )
        if len(wanted.states) > 1 and not narrow:
            query = self._of_states(wanted, now, limit, newest)
        else:
            query = self._select(wanted, now, *FIELDS)
            number = ticket_unit.c.ticket_no if _walked(wanted) else number
        query = query.order_by(number.desc()).limit(limit)
        if newest is not None:
            query = query.where(number < newest)
        return list((await connection.execute(query)).mappings())

    def _of_states(self, wanted: Filter, now: datetime, limit: int, below: TicketNo | None) -> Select[Any]:
        """The newest of each state: an index has those in order, but not those of several states."""
        each = []
        for state in sorted(wanted.states):
            of_one = self._select(replace(wanted, states=frozenset({state})), now, _T.ticket_no)
            if below is not None:
                of_one = of_one.where(_T.ticket_no < below)
            each.append(select(of_one.order_by(_T.ticket_no.desc()).limit(limit).subquery()))
        return select(*FIELDS).where(_T.ticket_no.in_(union_all(*each)))

    async def _found(
        self, connection: AsyncConnection, wanted: Filter, now: datetime, limit: int, below: TicketNo | None
    ) -> list[Any]:
        """Tickets whose texts hold what is sought, newest first."""
        sought, backend = terms(wanted.text), connection.dialect.name
        ends = (await connection.execute(_ENDS)).one()
        if not sought or ends[0] is None:
            return []
        newest = ends[1] if below is None else TicketNo(str(int(below) - 1))
        rows: list[Any] = []
        for condition in ticket_text.passes(backend, sought, min(newest, ends[1]), ends[0]):
            hits = ticket_text.hits(backend, condition)
            query = self._select(wanted, now, *FIELDS).join(hits, hits.c.ticket_no == _T.ticket_no)
            query = query.order_by(hits.c.rank.desc()).limit(limit - len(rows))
            rows += (await connection.execute(query)).mappings()
            if len(rows) >= limit:
                break
        return rows

    async def _by_due(
        self, connection: AsyncConnection, wanted: Filter, now: datetime, limit: int, after: str | None
    ) -> list[Any]:
        """Tickets with a light, what is due first first."""
        assert wanted.light is not None
        clock = CLOCK.c if wanted.light is not Light.GREEN else lit_by(wanted.light, now).subquery().c
        conditions = [clock.ticket_no == _T.ticket_no]
        worst = clock.worst if wanted.light is Light.GREEN else clock.due
        if wanted.light is not Light.GREEN:
            conditions += first_lit(wanted.light, now)
        query = self._select(wanted, now, *FIELDS, worst.label("worst"), lit=False)
        query = query.where(*conditions)
        if after is not None:
            due, number = due_and_number(after)
            query = query.where(or_(worst > due, and_(worst == due, clock.ticket_no > number)))
        query = query.order_by(worst, clock.ticket_no).limit(limit)
        return list((await connection.execute(query)).mappings())

    def _select(self, wanted: Filter, now: datetime, *columns: Any, lit: bool = True) -> Select[Any]:
        """Args: lit: False where the caller sees to `Filter.light`."""
        query = select(*columns)
        if wanted.light is not None and lit:
            query = query.where(_T.ticket_no.in_(select(lit_by(wanted.light, now).subquery().c.ticket_no)))
        for condition in self._conditions(wanted):
            query = query.where(condition)
        if wanted.departments:
            query = _of_units(query, wanted)
        return query

    def _conditions(self, wanted: Filter) -> list[ColumnElement[bool]]:
        found = [_MARKS[mark] for mark in sorted(wanted.marks)]
        if wanted.states:
            # where few have the mark, its index is the one to use
            state = _T.state.concat("") if wanted.marks & _FEW else _T.state
            found.append(state.in_(sorted(wanted.states)))
        exact = {
            _T.appeal_type: wanted.appeal and wanted.appeal.value,
            _T.urgency: wanted.urgency and wanted.urgency.value,
            _T.district: wanted.district,
            _T.channel: wanted.channel,
        }
        found += [column == value for column, value in exact.items() if value]
        if wanted.category:
            found.append(_T.category.startswith(wanted.category, autoescape=True))
        if wanted.since is not None:
            found.append(_T.ticket_no >= _first(wanted.since))
        if wanted.until is not None:
            found.append(_T.ticket_no <= _last(wanted.until))
        return [*found, *self._numbers(wanted)]

    def _numbers(self, wanted: Filter) -> list[ColumnElement[bool]]:
        found: list[ColumnElement[bool]] = []
        if wanted.number:
            found.append(_has_number(wanted.number))
        if wanted.phone:
            number = plain_phone(wanted.phone)
            if len(number) > TAIL:
                digest = self._vault.digest(PHONE, number)
                found.append(or_(_T.phone_hash == digest, _T.caller_hash == digest))
            else:
                found.append(_keyed(phone_tail(self._vault, number)))
        return found


def _has_number(number: str) -> ColumnElement[bool]:
    if len(number) == LENGTH:
        return _T.ticket_no == number
    if len(number) < LEAST_TAIL:
        raise VoicebotError("ticket.short_tail", f"工单编号至少要输后 {LEAST_TAIL} 位")
    return and_(_keyed(number_tail(number)), _T.ticket_no.endswith(number, autoescape=True))


def _keyed(key: str) -> ColumnElement[bool]:
    return _T.ticket_no.in_(select(ticket_key.c.ticket_no).where(ticket_key.c.key == key))


def _walked(wanted: Filter) -> bool:
    """Whether a unit's own index leads the way."""
    return len(wanted.departments) == 1 and not wanted.marks & _FEW and wanted.light is None


def _of_units(query: Select[Any], wanted: Filter) -> Select[Any]:
    """One unit's tickets are walked in order; those of several, and the few with a mark, are looked up."""
    unit = ticket_unit.c
    conditions = [unit.ticket_no == _T.ticket_no, unit.department.in_(sorted(wanted.departments))]
    if wanted.states:
        conditions.append(unit.state.in_(sorted(wanted.states)))
    if _walked(wanted):
        return query.join(ticket_unit, and_(*conditions))
    return query.where(exists().where(*conditions))


def _first(day: date) -> str:
    return f"{day:%Y%m%d}000000"


def _last(day: date) -> str:
    return f"{day:%Y%m%d}999999"
