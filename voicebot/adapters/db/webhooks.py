"""Subscriptions of other systems in the database; their secrets are sealed."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Row, and_, delete, exists, or_, select, update

from voicebot.adapters.db import dialect
from voicebot.adapters.db.database import Database
from voicebot.adapters.db.feed import OF_TICKETS
from voicebot.adapters.db.schema import outbox, webhook, webhook_parked
from voicebot.operations.webhooks import Hook, Parked

_C: Final = webhook.c
_P: Final = webhook_parked.c
_FREE: Final = {"holder": "", "held_until": None}
_NEWS: Final = exists().where(outbox.c.id > _C.cursor, OF_TICKETS)
_AGAIN: Final = exists().where(_P.webhook_id == _C.id, _P.trouble == "")


class SqlHookBook:
    """Implements `voicebot.operations.webhooks.HookBook`."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._vault = database.vault

    async def add(self, hook: Hook) -> None:
        values = {
            **_standing(hook),
            **_wishes(hook),
            **_FREE,
            "id": hook.id,
            "secret_enc": self._vault.seal(hook.secret),
            "made_by": hook.made_by,
            "made_at": hook.made_at,
        }
        async with self._database.write() as connection:
            await connection.execute(webhook.insert().values(**values))

    async def all(self) -> Sequence[Hook]:
        async with self._database.read() as connection:
            rows = (await connection.execute(select(webhook).order_by(_C.made_at, _C.id))).all()
        return [self._hook(row) for row in rows]

    async def one(self, hook_id: str) -> Hook | None:
        async with self._database.read() as connection:
            row = (await connection.execute(select(webhook).where(_C.id == hook_id))).first()
        return None if row is None else self._hook(row)

    async def put(self, hook: Hook) -> bool:
        fresh = {"failures": 0, "failing_since": None, "next_at": None, "trouble": ""}
        values = {**_wishes(hook), **fresh, **_FREE, "active": hook.active, "cursor": hook.cursor}
        changed = update(webhook).where(_C.id == hook.id).values(**values).returning(_C.id)
        async with self._database.write() as connection:
            return (await connection.execute(changed)).first() is not None

    async def remove(self, hook_id: str) -> bool:
        gone = delete(webhook).where(_C.id == hook_id).returning(_C.id)
        async with self._database.write() as connection:
            await connection.execute(delete(webhook_parked).where(_P.webhook_id == hook_id))
            return (await connection.execute(gone)).first() is not None

    async def take(self, holder: str, now: datetime, until: datetime) -> Hook | None:
        free = or_(_C.held_until.is_(None), _C.held_until <= now)
        due = or_(_C.next_at.is_(None), _C.next_at <= now)
        ready = and_(_C.active, free, or_(and_(due, _NEWS), _AGAIN))
        async with self._database.read() as connection:  # most looks find nothing, and write nothing
            found = (
                await connection.execute(select(_C.id).where(ready).order_by(_C.next_at).limit(1))
            ).scalar()
        if found is None:
            return None
        mine = update(webhook).where(_C.id == found, ready).values(holder=holder, held_until=until)
        async with self._database.write() as connection:
            if (await connection.execute(mine.returning(_C.id))).first() is None:
                return None
            row = (await connection.execute(select(webhook).where(_C.id == found))).one()
        return self._hook(row)

    async def moved(self, hook_id: str, holder: str, cursor: int, until: datetime) -> bool:
        well = {"failures": 0, "failing_since": None, "next_at": None, "trouble": ""}
        mine = update(webhook).where(_C.id == hook_id, _C.holder == holder)
        moved = mine.values(cursor=cursor, held_until=until, **well).returning(_C.id)
        async with self._database.write() as connection:
            return (await connection.execute(moved)).first() is not None

    async def release(self, hook: Hook, holder: str) -> None:
        mine = update(webhook).where(_C.id == hook.id, _C.holder == holder)
        async with self._database.write() as connection:
            await connection.execute(mine.values(**_standing(hook), **_FREE))

    async def park(self, hook_id: str, parked: Parked) -> None:
        async with self._database.write() as connection:
            row = {"webhook_id": hook_id, "event_id": parked.event_id}
            values = {"at": parked.at, "trouble": parked.trouble}
            put = dialect.insert(connection.dialect.name, webhook_parked).values(**row, **values)
            key = [_P.webhook_id, _P.event_id]
            await connection.execute(put.on_conflict_do_update(index_elements=key, set_=values))

    async def parked(self, hook_id: str, limit: int = 100) -> Sequence[Parked]:
        query = select(_P.event_id, _P.at, _P.trouble).where(_P.webhook_id == hook_id)
        async with self._database.read() as connection:
            rows = (await connection.execute(query.order_by(_P.event_id).limit(limit))).all()
        return [Parked(*row) for row in rows]

    async def unpark(self, hook_id: str, event_id: int) -> None:
        gone = delete(webhook_parked).where(_P.webhook_id == hook_id, _P.event_id == event_id)
        async with self._database.write() as connection:
            await connection.execute(gone)

    def _hook(self, row: Row[Any]) -> Hook:
        return Hook(
            id=row.id,
            url=row.url,
            secret=self._vault.open(row.secret_enc),
            made_by=row.made_by,
            made_at=row.made_at,
            subjects=tuple(row.subjects),
            departments=tuple(row.departments),
            active=row.active,
            cursor=row.cursor,
            failures=row.failures,
            failing_since=row.failing_since,
            next_at=row.next_at,
            trouble=row.trouble,
        )


def _wishes(hook: Hook) -> dict[str, Any]:
    return {"url": hook.url, "subjects": list(hook.subjects), "departments": list(hook.departments)}


def _standing(hook: Hook) -> dict[str, Any]:
    return {
        "active": hook.active,
        "cursor": hook.cursor,
        "failures": hook.failures,
        "failing_since": hook.failing_since,
        "next_at": hook.next_at,
        "trouble": hook.trouble,
    }
