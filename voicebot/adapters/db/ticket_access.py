"""Who looked at whom, in the database; rows are only ever added, until their time is over (`retention`)."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any, Final

import structlog
from sqlalchemy import ColumnElement, distinct, func, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from voicebot.adapters.db import dialect, outbox
from voicebot.adapters.db.database import Database
from voicebot.adapters.db.schema import access_alarm, call, ticket, ticket_access
from voicebot.core.ids import TicketNo
from voicebot.operations.ticket_access import CLEAR, Access, AccessPage, AccessWanted, Looked, WatchOptions
from voicebot.tickets.privacy import conceal

log = structlog.get_logger(__name__)

_C: Final = ticket_access.c
_FIELDS: Final = (_C.at, _C.who, _C.ticket_no, _C.what, _C.why, _C.call_id)


class SqlAccessLog:
    """Implements `voicebot.operations.ticket_access.AccessLog`."""

    def __init__(self, database: Database, watch: WatchOptions | None = None) -> None:
        self._database = database
        self._watch = watch or WatchOptions()
        self._alarms = 0

    @property
    def alarms(self) -> int:
        return self._alarms

    async def note(self, access: Access) -> None:
        async with self._database.write() as connection:
            row = {
                "at": access.at,
                "who": access.who,
                "ticket_no": access.ticket_no,
                "call_id": access.call_id,
                "person": await _person(connection, access),
                "what": access.what.value,
                "why": conceal(access.why)[0],
            }
            await connection.execute(ticket_access.insert().values(**row))
            found = await self._too_many(connection, access)
        if found is not None:
            self._alarms += 1
            log.warning("privacy.bulk_read", **found)

    async def of_ticket(self, ticket_no: TicketNo, limit: int = 100) -> Sequence[Access]:
        query = select(*_FIELDS).where(_C.ticket_no == ticket_no).order_by(_C.id.desc()).limit(limit)
        async with self._database.read() as connection:
            return [_access(*row) for row in await connection.execute(query)]

    async def page(self, wanted: AccessWanted, limit: int = 50, before: int | None = None) -> AccessPage:
        query = select(*_FIELDS, _C.id).where(*_conditions(wanted)).order_by(_C.id.desc()).limit(limit + 1)
        if before is not None:
            query = query.where(_C.id < before)
        async with self._database.read() as connection:
            rows = (await connection.execute(query)).all()
        following = int(rows[limit - 1][-1]) if len(rows) > limit else None
        return AccessPage(tuple(_access(*row[:-1]) for row in rows[:limit]), following)

    async def _too_many(self, connection: AsyncConnection, access: Access) -> dict[str, Any] | None:
        """Keeps and tells an alarm, when there is to be one; what it tells."""
        since = access.at - timedelta(minutes=self._watch.minutes)
        lately = (_C.who == access.who, _C.at > since, _C.at <= access.at)
        clear = _C.what.in_([what.value for what in CLEAR])
        views = await _counted(connection, distinct(_C.person), *lately, _C.person != "")
        persons = await _counted(connection, distinct(_C.person), *lately, _C.person != "", clear)
        exports = await _counted(connection, _C.id, *lately, _C.what == Looked.EXPORT.value)
        watch = self._watch
        if persons <= watch.persons and views <= watch.views and exports <= watch.exports:
            return None
        await dialect.lock_name(connection, f"alarm:{access.who}")
        of_late = select(access_alarm.c.at).where(access_alarm.c.who == access.who, access_alarm.c.at > since)
        if (await connection.execute(of_late.limit(1))).first() is not None:
            return None
        body = {"who": access.who, "persons": persons, "views": views, "exports": exports}
        await connection.execute(access_alarm.insert().values(at=access.at, **body))
        body["minutes"] = watch.minutes
        await outbox.put(connection, access.at, "privacy.bulk_read", body)
        return body


async def _person(connection: AsyncConnection, access: Access) -> str:
    """Tells people apart without telling who they are; "" for several at once."""
    hashes = []
    if access.ticket_no is not None:
        of_ticket = select(ticket.c.phone_hash, ticket.c.caller_hash)
        found = await connection.execute(of_ticket.where(ticket.c.ticket_no == access.ticket_no))
        hashes += [each for row in found for each in row if each]
    if not hashes and access.call_id is not None:
        found = await connection.execute(select(call.c.caller_hash).where(call.c.id == access.call_id))
        hashes += [each for row in found for each in row if each]
    return str(hashes[0]) if hashes else (access.ticket_no or access.call_id or "")


async def _counted(connection: AsyncConnection, what: Any, *conditions: ColumnElement[bool]) -> int:
    return int((await connection.execute(select(func.count(what)).where(*conditions))).scalar_one())


def _conditions(wanted: AccessWanted) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if wanted.who:
        found.append(or_(_C.who == wanted.who, _C.who.endswith(f":{wanted.who}", autoescape=True)))
    if wanted.ticket_no is not None:
        found.append(_C.ticket_no == wanted.ticket_no)
    if wanted.call_id is not None:
        found.append(_C.call_id == wanted.call_id)
    if wanted.what is not None:
        found.append(_C.what == wanted.what.value)
    if wanted.since is not None:
        found.append(_C.at >= wanted.since)
    if wanted.until is not None:
        found.append(_C.at < wanted.until)
    return found


def _access(at: Any, who: str, ticket_no: Any, what: str, why: str, call_id: Any) -> Access:
    return Access(at, who, ticket_no, Looked(what), why, call_id)
