"""Hot spots in the database: reports follow from tickets (`ticket_suggestions`), alarms are kept."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import and_, case, delete, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from voicebot.adapters.db import dialect, outbox
from voicebot.adapters.db.database import Database
from voicebot.adapters.db.schema import hot_spot, ticket, ticket_spot
from voicebot.operations.hot_spots import HotSpot, Judged
from voicebot.tickets.hotspots import WINDOW, HotSpotOptions, Level, Reported
from voicebot.tickets.spots import SpotKey

_S: Final = ticket_spot.c
_H: Final = hot_spot.c
_CALLER: Final = case((ticket.c.phone_hash != "", ticket.c.phone_hash), else_=ticket.c.caller_hash)
_LOCK: Final = "hot_spot"


class SqlHotSpots:
    """Implements `voicebot.operations.hot_spots.HotSpotBook`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def warm(
        self, now: datetime, options: HotSpotOptions, limit: int
    ) -> Sequence[tuple[SpotKey, Sequence[Reported]]]:
        callers = func.count(_CALLER.distinct())
        query = select(_S.place, _S.kind).join(ticket, ticket.c.ticket_no == _S.ticket_no)
        query = query.where(_S.at > now - WINDOW, _S.at <= now).group_by(_S.place, _S.kind)
        query = query.having(callers >= options.least).order_by(callers.desc(), _S.place, _S.kind)
        raised = select(_H.place, _H.kind).where(_H.over_at.is_(None))
        oldest = now - WINDOW - timedelta(days=options.days)
        async with self._database.read() as connection:
            warm = (await connection.execute(query.limit(limit))).all()
            places = {(row.place, row.kind) for row in (*warm, *(await connection.execute(raised)))}
            return [await _reports(connection, place, kind, oldest, now) for place, kind in sorted(places)]

    async def keep(self, judged: Sequence[Judged], now: datetime) -> Sequence[HotSpot]:
        made = []
        async with self._database.write() as connection:
            await dialect.lock_name(connection, _LOCK)
            query = select(hot_spot).where(_H.over_at.is_(None))
            rows = (await connection.execute(query)).mappings().all()
            lasting = {(row["place"], row["kind"], row["level"]): row for row in rows}
            for each in judged:
                for level, reason in each.heat.levels:
                    row = lasting.get((each.key.place, each.key.kind, level.value))
                    if row is None:
                        made.append(await _raise(connection, each, level, reason, now))
                    else:
                        await _renew(connection, row, each, reason, now)
                if not each.lasts:
                    await _end(connection, each.key, now)
        return made

    async def lasting(self) -> Sequence[HotSpot]:
        serious = case((_H.level == Level.GROUP.value, 0), else_=1)
        query = select(hot_spot).where(_H.over_at.is_(None)).order_by(serious, _H.since.desc(), _H.id.desc())
        async with self._database.read() as connection:
            return [_alarm(row) for row in (await connection.execute(query)).mappings()]

    async def forget(self, before: datetime) -> None:
        old = select(_S.ticket_no).where(_S.at <= before).limit(1)
        async with self._database.read() as connection:
            if (await connection.execute(old)).first() is None:
                return
        async with self._database.write() as connection:
            await connection.execute(delete(ticket_spot).where(_S.at <= before))


async def _reports(
    connection: AsyncConnection, place: str, kind: str, oldest: datetime, now: datetime
) -> tuple[SpotKey, Sequence[Reported]]:
    query = select(_S.at, _S.name, _CALLER.label("caller"))
    query = query.join(ticket, ticket.c.ticket_no == _S.ticket_no).order_by(_S.at)
    query = query.where(_S.place == place, _S.kind == kind, _S.at > oldest, _S.at <= now)
    rows = (await connection.execute(query)).all()
    name = rows[-1].name if rows else place
    return SpotKey(place, kind, name), [Reported(place, kind, row.caller, row.at) for row in rows]


async def _raise(
    connection: AsyncConnection, judged: Judged, level: Level, reason: str, now: datetime
) -> HotSpot:
    key, found = judged.key, judged.heat
    values: dict[str, Any] = {
        "place": key.place,
        "kind": key.kind,
        "name": key.name,
        "level": level.value,
        "since": now,
    }
    values |= {"seen_at": now, "callers": found.callers, "mean": found.mean, "reason": reason}
    await connection.execute(insert(hot_spot), values)
    told: dict[str, Any] = {
        "place": key.name,
        "kind": key.kind,
        "level": level.value,
        "callers": found.callers,
    }
    told |= {"mean": round(found.mean, 2), "reason": reason, "actor": "clock", "department": None}
    await outbox.put(connection, now, "ticket.hot_spot", told)
    return HotSpot(key, level, now, now, found.callers, found.mean, reason)


async def _renew(
    connection: AsyncConnection, row: Mapping[Any, Any], judged: Judged, reason: str, now: datetime
) -> None:
    seen = {"seen_at": now, "callers": judged.heat.callers, "mean": judged.heat.mean, "reason": reason}
    await connection.execute(update(hot_spot).where(_H.id == row["id"]).values(seen))


async def _end(connection: AsyncConnection, key: SpotKey, now: datetime) -> None:
    mine = and_(_H.place == key.place, _H.kind == key.kind, _H.over_at.is_(None))
    await connection.execute(update(hot_spot).where(mine).values(over_at=now))


def _alarm(row: Mapping[Any, Any]) -> HotSpot:
    return HotSpot(
        key=SpotKey(row["place"], row["kind"], row["name"]),
        level=Level(row["level"]),
        since=row["since"],
        seen_at=row["seen_at"],
        callers=row["callers"],
        mean=row["mean"],
        reason=row["reason"],
        over_at=row["over_at"],
    )
