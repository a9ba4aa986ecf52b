"""Those whom no call of ours has reached, for a person to look after."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Final

from sqlalchemy import RowMapping, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from voicebot.adapters.db import outbox
from voicebot.adapters.db.database import Database
from voicebot.adapters.db.schema import call, callback, callback_try, ticket
from voicebot.core.ids import CallId, TicketNo
from voicebot.operations.unreached import NotReached
from voicebot.tickets.callbacks import CallbackKind, Over, Try, TryOutcome
from voicebot.tickets.privacy import mask_phone

_WAITS: Final = (
    callback.c.over.in_([over.value for over in Over if over.for_a_person]),
    callback.c.seen_by == "",
)
"""For a person to look after it."""


class SqlNotReached:
    """Implements `voicebot.operations.unreached.NotReachedList`."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._vault = database.vault

    async def not_reached(self, limit: int, keys: Collection[str] = ()) -> Sequence[NotReached]:
        query = (
            select(callback, ticket.c.title, ticket.c.phone_mask, call.c.caller_mask)
            .outerjoin(ticket, ticket.c.ticket_no == callback.c.ticket_no)
            .outerjoin(call, call.c.id == callback.c.call_id)
            .where(*_WAITS)
            .order_by(callback.c.over_at)
            .limit(limit)
        )
        async with self._database.read() as connection:
            if keys:
                query = query.where(callback.c.key.in_(keys))
            rows = (await connection.execute(query)).mappings().all()
            tries = await histories(connection, [row["key"] for row in rows])
        return [self._not_reached(row, tuple(tries[row["key"]])) for row in rows]

    def _not_reached(self, row: RowMapping, tries: tuple[Try, ...]) -> NotReached:
        mask = row["phone_mask"] or row["caller_mask"]
        return NotReached(
            key=row["key"],
            kind=CallbackKind(row["kind"]),
            ticket_no=TicketNo(row["ticket_no"]) if row["ticket_no"] else None,
            call_id=CallId(row["call_id"]) if row["call_id"] else None,
            over=Over(row["over"]),
            at=row["over_at"],
            tries=tries,
            title=row["title"] or "",
            mask=mask or mask_phone(self._vault.open(row["number_enc"])),
        )

    async def again(self, key: str, actor: str, at: datetime) -> bool:
        counted = select(func.count()).where(callback_try.c.key == key).scalar_subquery()
        fresh = {"over": "", "over_at": None, "since": at, "due": at, "forgiven": counted}
        async with self._database.write() as connection:
            done = await connection.execute(
                update(callback).where(callback.c.key == key, *_WAITS).values(**fresh)
            )
            if done.rowcount:
                await outbox.put(connection, at, "callback.again", {"key": key, "by": actor})
            return bool(done.rowcount)

    async def seen(self, key: str, actor: str, at: datetime) -> bool:
        unseen = (callback.c.key == key, *_WAITS)
        async with self._database.write() as connection:
            values = {"seen_by": actor, "seen_at": at}
            return bool((await connection.execute(update(callback).where(*unseen).values(**values))).rowcount)


async def histories(
    connection: AsyncConnection, keys: Collection[str], forgiven: int = 0
) -> Mapping[str, list[Try]]:
    """The tries of each, the oldest first, without the first `forgiven`."""
    columns = (callback_try.c.key, callback_try.c.at, callback_try.c.outcome, callback_try.c.again)
    query = select(*columns).where(callback_try.c.key.in_(keys), callback_try.c.n > forgiven)
    found: dict[str, list[Try]] = defaultdict(list)
    for key, at, outcome, again in await connection.execute(query.order_by(callback_try.c.n)):
        found[key].append(Try(at, TryOutcome(outcome), again))
    return found
