"""Removes what has been kept long enough, in batches, each with its proof in one transaction.

Nothing of a ticket that is open or supervised goes, nor the calls it was spoken of in.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, Final, assert_never

import structlog
from sqlalchemy import ColumnElement, and_, delete, exists, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from voicebot.adapters.db import purge_proof
from voicebot.adapters.db.database import Database
from voicebot.adapters.db.schema import (
    access_alarm,
    call,
    call_turn,
    callback,
    contact,
    talk_line,
    ticket,
    ticket_access,
    ticket_event,
    ticket_key,
)
from voicebot.operations.retention import KeepOptions, Kept, PurgeReport
from voicebot.tickets.state import FINAL, State

log = structlog.get_logger(__name__)

BATCH: Final = 200
_DONE: Final = tuple(state.value for state in (State.ARCHIVED, *sorted(FINAL)))
"""States after which nobody owes anybody anything."""
_PERSON: Final = {
    "name_enc": None,
    "phone_enc": None,
    "caller_enc": None,
    "phone_hash": "",
    "caller_hash": "",
}


def spoken_for() -> ColumnElement[bool]:
    """Calls of which a ticket still needs to know: one that is not over, or is supervised."""
    alive = or_(ticket.c.state.not_in(_DONE), ticket.c.supervision.is_not(None))
    born = exists().where(ticket.c.call_id == call.c.id, alive)
    told = exists().where(
        call_turn.c.call_id == call.c.id, call_turn.c.ticket_no == ticket.c.ticket_no, alive
    )
    return or_(born, told)


def without_call() -> ColumnElement[bool]:
    """Contacts whose call was never recorded, e.g. since the store was away just then."""
    return ~exists().where(call.c.id == contact.c.call_id)


class Retention:
    """Args: recordings: directory of the files."""

    def __init__(self, database: Database, recordings: Path, options: KeepOptions) -> None:
        self._database = database
        self._recordings = recordings
        self._options = options

    async def run(self, now: datetime) -> tuple[PurgeReport, ...]:
        """Everything that is due; the reports, one per batch. What was cut off goes on the next time."""
        made: list[PurgeReport] = []
        for what in Kept:  # the sound goes before the call that names its file
            until = self._options.until(what, now)
            last: Any = None
            while until is not None:
                ids, report = await self._batch(what, until, now, last)
                if not ids:
                    break
                last = ids[-1]
                if report is not None:
                    made.append(report)
                    log.info("privacy.purged", what=what.value, count=report.count, chain=report.chain)
        return tuple(made)

    async def _batch(
        self, what: Kept, until: datetime, now: datetime, last: Any
    ) -> tuple[Sequence[Any], PurgeReport | None]:
        """Ids that were looked at, in order; the proof of those that went.

        They are looked for without holding writers up, and looked at again when they are held.
        """
        column, due = _due(what, until)
        query = select(column).where(due).order_by(column).limit(BATCH)
        async with self._database.read() as connection:
            further = query if last is None else query.where(column > last)
            found = (await connection.execute(further)).scalars().all()
        if not found:
            return (), None
        if what is Kept.RECORDING:
            return found, await self._recordings_of(found, until, now)
        async with self._database.write() as connection:
            again = query.where(column.in_(found)).with_for_update()
            ids = (await connection.execute(again)).scalars().all()
            if not ids:
                return found, None
            await _REMOVE[what](connection, ids, until)
            return found, await purge_proof.put(connection, now, what, until, map(str, ids))

    async def _recordings_of(self, ids: Sequence[str], until: datetime, now: datetime) -> PurgeReport | None:
        """The files first: killed in between, the rows are found again and the files are gone already."""
        query = select(call.c.id, call.c.recording).where(call.c.id.in_(ids), call.c.recording.is_not(None))
        async with self._database.read() as connection:
            rows = (await connection.execute(query)).all()
        gone = []
        for call_id, name in rows:
            try:
                await asyncio.to_thread(forget_file, self._recordings, name)
                gone.append(call_id)
            except OSError as error:
                log.error("privacy.file_stays", call_id=call_id, error=str(error))
        if not gone:
            return None
        async with self._database.write() as connection:
            await connection.execute(update(call).where(call.c.id.in_(gone)).values(recording=None))
            return await purge_proof.put(connection, now, Kept.RECORDING, until, gone)


def forget_file(folder: Path, name: str) -> bool:
    """Deletes a recording, never a file outside its folder; whether there was one. Raises OSError."""
    path = (folder / name).resolve()
    if not path.is_relative_to(folder.resolve()) or not path.is_file():
        return False
    path.unlink()
    return True


def _due(what: Kept, until: datetime) -> tuple[ColumnElement[Any], ColumnElement[bool]]:
    """What is told apart by which column, and what of it is due."""
    match what:
        case Kept.RECORDING:
            sound = call.c.recording.is_not(None)
            return call.c.id, and_(call.c.ended_at < until, sound, ~spoken_for())
        case Kept.TRANSCRIPT:  # one whose file could not be removed waits for that
            silent = call.c.recording.is_(None)
            return call.c.id, and_(call.c.ended_at < until, silent, ~spoken_for())
        case Kept.PERSON:
            return ticket.c.ticket_no, _finished(until)
        case Kept.ACCESS:
            return ticket_access.c.id, ticket_access.c.at < until
    assert_never(what)


def _finished(until: datetime) -> ColumnElement[bool]:
    """Tickets nobody will ask about again, of whose person something is known."""
    parent = ticket.alias("parent")
    of_ticket = ticket_event.c.ticket_no == ticket.c.ticket_no
    known = or_(
        ticket.c.name_enc.is_not(None),
        ticket.c.phone_hash != "",
        ticket.c.caller_hash != "",
        exists().where(of_ticket, ticket_event.c.hidden_enc.is_not(None)),
    )
    joined = or_(parent.c.ticket_no == ticket.c.merge_parent, parent.c.ticket_no == ticket.c.group)
    return and_(
        ticket.c.state.in_(_DONE),
        ticket.c.accepted_at < until,
        ticket.c.supervision.is_(None),
        known,
        ~exists().where(of_ticket, ticket_event.c.at >= until),
        ~exists().where(joined, parent.c.state.not_in(_DONE)),
    )


async def _calls(connection: AsyncConnection, ids: Sequence[str], until: datetime) -> None:
    await connection.execute(delete(call_turn).where(call_turn.c.call_id.in_(ids)))
    await connection.execute(delete(callback).where(callback.c.call_id.in_(ids), callback.c.over != ""))
    lost = and_(contact.c.ended_at < until, without_call())
    await connection.execute(delete(contact).where(or_(contact.c.call_id.in_(ids), lost)))
    await connection.execute(delete(talk_line).where(talk_line.c.call_id.in_(ids)))
    await connection.execute(delete(call).where(call.c.id.in_(ids)))


async def _persons(connection: AsyncConnection, ids: Sequence[str], until: datetime) -> None:
    """Who is behind tickets, and by what they were found; the tickets stay what their events rebuild."""
    await connection.execute(update(ticket).where(ticket.c.ticket_no.in_(ids)).values(**_PERSON))
    await connection.execute(
        update(ticket_event).where(ticket_event.c.ticket_no.in_(ids)).values(hidden_enc=None)
    )
    keys = delete(ticket_key).where(ticket_key.c.ticket_no.in_(ids), ticket_key.c.key.startswith("ph:"))
    await connection.execute(keys)
    await connection.execute(delete(callback).where(callback.c.ticket_no.in_(ids), callback.c.over != ""))


async def _looks(connection: AsyncConnection, ids: Sequence[int], until: datetime) -> None:
    await connection.execute(delete(ticket_access).where(ticket_access.c.id.in_(ids)))
    await connection.execute(delete(access_alarm).where(access_alarm.c.at < until))


_Remove = Callable[[AsyncConnection, Sequence[Any], datetime], Awaitable[None]]
_REMOVE: Final[Mapping[Kept, _Remove]] = {
    Kept.TRANSCRIPT: _calls,
    Kept.PERSON: _persons,
    Kept.ACCESS: _looks,
}
