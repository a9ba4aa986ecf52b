"""Seats and the calls that want a person, in the database."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, Table, and_, bindparam, case, literal, or_, select, tuple_, update
from sqlalchemy.ext.asyncio import AsyncConnection

from voicebot.adapters.db import dialect, outbox
from voicebot.adapters.db.callbacks import owe_for_contact
from voicebot.adapters.db.database import Database
from voicebot.adapters.db.schema import Instant, call, contact, seat
from voicebot.adapters.db.seat_rows import (
    Told,
    contact_of,
    contact_row,
    seat_of,
    seat_row,
    told_of,
    told_text,
)
from voicebot.core.ids import CallId, SeatId
from voicebot.seats.contact import OVER, Contact
from voicebot.seats.ports import SeatChange, stale
from voicebot.seats.seat import Seat, SeatState

LATEST: Final = 500
"""Calls that have ended of which is told: the pace of a queue shows in these."""
_UNSEALED: Final = tuple(column for column in contact.columns if column is not contact.c.told_enc)
_ON_DUTY: Final = or_(seat.c.state != SeatState.OFFLINE.value, seat.c.call_id.is_not(None))
_OPEN: Final = contact.c.state.not_in([state.value for state in sorted(OVER)])


class SqlSeats:
    """Implements `voicebot.seats.ports.SeatStore`.

    Every change of rows goes seats first, then contacts, each by name, so that two changes never wait for
    each other.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._vault = database.vault
        self._seats_read: dict[SeatId, Seat] = {}
        self._contacts_read: dict[CallId, Contact] = {}
        self._beats: dict[tuple[SeatId, str], _Beat] = {}
        self._beating = asyncio.Lock()

    async def seats(self) -> Sequence[Seat]:
        """Read every second: rows whose version is known are not read again, but for their signs of life."""
        query = select(seat.c.id, seat.c.version, seat.c.beat).where(_ON_DUTY).order_by(seat.c.id)
        known = self._seats_read
        async with self._database.read() as connection:
            listed = (await connection.execute(query)).all()
            new = [i for i, version, _ in listed if i not in known or known[i].version != version]
            read = {row["id"]: seat_of(row) for row in await _rows(connection, seat, seat.c.id, new)}
        self._seats_read = {
            i: read[i] if i in read else _beaten(known[i], beat)
            for i, _, beat in listed
            if i in read or i in known
        }
        return list(self._seats_read.values())

    async def everyone(self) -> Sequence[Seat]:
        return await self._seats()

    async def seat(self, seat_id: SeatId) -> Seat | None:
        found = await self._seats(seat.c.id == seat_id)
        return found[0] if found else None

    async def _seats(self, *which: ColumnElement[bool]) -> Sequence[Seat]:
        async with self._database.read() as connection:
            rows = (await connection.execute(select(seat).where(*which).order_by(seat.c.id))).mappings()
            return [seat_of(row) for row in rows]

    async def contacts(self) -> Sequence[Contact]:
        """Read every second, see `seats`."""
        query = select(contact.c.call_id, contact.c.version).where(_OPEN)
        known = self._contacts_read
        async with self._database.read() as connection:
            listed = (await connection.execute(query.order_by(contact.c.since, contact.c.call_id))).all()
            new = [i for i, version in listed if i not in known or known[i].version != version]
            rows = await _rows(connection, contact, contact.c.call_id, new)
        read = {row["call_id"]: contact_of(row, self._told(row["told_enc"])) for row in rows}
        self._contacts_read = {i: read.get(i) or known[i] for i, _ in listed if i in read or i in known}
        return list(self._contacts_read.values())

    async def contact(self, call_id: CallId) -> Contact | None:
        rows = await self._contacts(contact.c.call_id == call_id)
        return contact_of(rows[0], self._told(rows[0]["told_enc"])) if rows else None

    async def lately(self, since: datetime) -> Sequence[Contact]:
        query = select(*_UNSEALED).where(contact.c.ended_at >= since)
        newest = query.order_by(contact.c.ended_at.desc(), contact.c.call_id).limit(LATEST)
        async with self._database.read() as connection:
            rows = (await connection.execute(newest)).mappings().all()
        return [contact_of(row, told_of("")) for row in reversed(rows)]

    async def ended(self, before: datetime) -> Sequence[CallId]:
        """Contacts that are not over though their call is, since before then: whoever had them is gone."""
        query = (
            select(contact.c.call_id)
            .join(call, call.c.id == contact.c.call_id)
            .where(_OPEN, call.c.ended_at < before)
            .order_by(contact.c.since)
        )
        async with self._database.read() as connection:
            return [CallId(found) for found in (await connection.execute(query)).scalars()]

    async def _contacts(self, which: ColumnElement[bool]) -> Sequence[Mapping[Any, Any]]:
        query = select(contact).where(which).order_by(contact.c.since, contact.c.call_id)
        async with self._database.read() as connection:
            return (await connection.execute(query)).mappings().all()

    def _told(self, sealed: bytes | None) -> Told:
        return told_of(self._vault.open(sealed))

    async def save(self, change: SeatChange) -> None:
        async with self._database.write() as connection:
            for one in sorted(change.seats, key=lambda s: s.id):
                row = seat_row(one)
                if one.version and one.beat is not None:
                    row["beat"] = _later_beat(one.tab, one.beat)
                await self._put(connection, seat, seat.c.id == one.id, one.version, row)
                body = {
                    "seat": one.id,
                    "state": one.state,
                    "call_id": one.call_id,
                    "version": one.version + 1,
                    "actor": change.actor,
                }
                await outbox.put(connection, change.at, f"seat.{change.event}", body)
            for each in sorted(change.contacts, key=lambda c: c.call_id):
                row = contact_row(each) | {"told_enc": self._vault.seal(told_text(each))}
                await self._put(connection, contact, contact.c.call_id == each.call_id, each.version, row)
                await owe_for_contact(connection, each, change.at)
                body = {
                    "call_id": each.call_id,
                    "state": each.state,
                    "queue": each.queue,
                    "seat": each.seat,
                    "version": each.version + 1,
                    "actor": change.actor,
                }
                await outbox.put(connection, change.at, f"contact.{change.event}", body)

    async def _put(
        self,
        connection: AsyncConnection,
        table: Table,
        which: ColumnElement[bool],
        version: int,
        row: Mapping[str, Any],
    ) -> None:
        """Compare and set; raises ``seat.stale``."""
        if version:
            same = and_(which, table.c.version == version)
            done = await connection.execute(update(table).where(same).values(**row, version=version + 1))
        else:
            fresh = dialect.insert(connection.dialect.name, table).values(**row, version=1)
            done = await connection.execute(
                fresh.on_conflict_do_nothing(index_elements=list(table.primary_key))
            )
        if not done.rowcount:
            raise stale()

    async def beat(self, seat_id: SeatId, tab: str, at: datetime) -> bool:
        """Those that come while one is written are written together: a thousand seats beat every few
        seconds."""
        if not tab:
            return False
        mine = self._beats.setdefault((seat_id, tab), _Beat(at))
        async with self._beating:
            if mine.alive is None:
                waiting, self._beats = {**self._beats, (seat_id, tab): mine}, {}
                await self._write_beats(waiting)
        assert mine.alive is not None
        return mine.alive

    async def _write_beats(self, waiting: Mapping[tuple[SeatId, str], "_Beat"]) -> None:
        mine = tuple_(seat.c.id, seat.c.tab).in_(list(waiting))
        moved = update(seat).where(seat.c.id == bindparam("who"), seat.c.tab == bindparam("which"))
        async with self._database.write() as connection:
            rows = await connection.execute(select(seat.c.id, seat.c.tab).where(mine).order_by(seat.c.id))
            alive = [(SeatId(who), which) for who, which in rows]
            if alive:
                values = [{"who": k[0], "which": k[1], "now": waiting[k].at} for k in alive]
                await connection.execute(moved.values(beat=bindparam("now")), values)
        for key, each in waiting.items():
            each.alive = key in alive


async def _rows(
    connection: AsyncConnection, table: Table, key: ColumnElement[str], wanted: Sequence[str]
) -> Sequence[Mapping[Any, Any]]:
    if not wanted:
        return ()
    return (await connection.execute(select(table).where(key.in_(wanted)))).mappings().all()


def _beaten(known: Seat, beat: datetime | None) -> Seat:
    return known if known.beat == beat else replace(known, beat=beat)


@dataclass(slots=True)
class _Beat:
    """A sign of life that is to be written.

    Args:
        alive: whether its tab has the seat; None: not known yet.
    """

    at: datetime
    alive: bool | None = None


def _later_beat(tab: str, read: datetime) -> ColumnElement[datetime]:
    """A sign of life that came between reading and writing is not taken back."""
    since = and_(seat.c.tab == tab, seat.c.beat > read)
    return case((since, seat.c.beat), else_=literal(read, Instant))
