"""Questions without an answer, in the database."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import and_, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from voicebot.adapters.db import dialect, outbox
from voicebot.adapters.db.database import Database
from voicebot.adapters.db.schema import unanswered
from voicebot.core.answer import Gap
from voicebot.core.clock import Clock
from voicebot.core.ids import ArticleId
from voicebot.operations.unanswered import (
    LONGEST,
    WORDINGS,
    Asked,
    Standing,
    Unanswered,
    normal_form,
    unknown,
)
from voicebot.tickets.privacy import conceal

NOTED = "question.unanswered"
MARKED = "question.marked"


async def add(connection: AsyncConnection, asked: Asked) -> None:
    """Counts a question once more, with its event; what tells who asked is masked first."""
    text = conceal(asked.question.strip())[0][:LONGEST]
    form = normal_form(text)
    if not form:
        return
    await dialect.lock_name(connection, f"unanswered {form}")
    row = (await connection.execute(select(unanswered).where(unanswered.c.form == form))).mappings().first()
    now = {
        "question": text,
        "gap": asked.gap.value,
        "article": asked.article,
        "score": asked.score,
        "call_id": asked.call_id,
        "last_at": asked.at,
    }
    if row is None:
        first = {"form": form, "wordings": [text], "times": 1, "first_at": asked.at}
        new = unanswered.insert().values(**now, **first, standing=Standing.NEW.value)
        number = int((await connection.execute(new.returning(unanswered.c.id))).scalar_one())
        times = 1
    else:
        number, times = int(row["id"]), int(row["times"]) + 1
        wordings = [*(word for word in row["wordings"] if word != text), text][-WORDINGS:]
        reopened = Standing.NEW if row["standing"] == Standing.MADE else Standing(row["standing"])
        again = {"wordings": wordings, "times": times, "standing": reopened.value}
        await connection.execute(update(unanswered).where(unanswered.c.id == number).values(**now, **again))
    body = {"question": number, "times": times, "gap": asked.gap.value, "article": asked.article}
    await outbox.put(connection, asked.at, NOTED, body | {"call_id": asked.call_id})


class SqlUnanswered:
    """Implements `voicebot.operations.unanswered.UnansweredBook`."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def list(
        self, standing: Standing | None, limit: int, after: tuple[int, int] | None = None
    ) -> Sequence[Unanswered]:
        times, number = unanswered.c.times, unanswered.c.id
        query = select(unanswered).order_by(times.desc(), number.desc()).limit(limit)
        if standing is not None:
            query = query.where(unanswered.c.standing == standing.value)
        if after is not None:
            query = query.where(or_(times < after[0], and_(times == after[0], number < after[1])))
        async with self._database.read() as connection:
            return [self._read(row) for row in (await connection.execute(query)).mappings()]

    async def mark(self, number: int, standing: Standing, by: str) -> Unanswered:
        at = self._clock.now()
        values = {"standing": standing.value, "changed_by": by[:64], "changed_at": at}
        query = select(unanswered).where(unanswered.c.id == number)
        async with self._database.write() as connection:
            await connection.execute(update(unanswered).where(unanswered.c.id == number).values(**values))
            row = (await connection.execute(query)).mappings().first()
            if row is None:
                raise unknown(number)
            body = {"question": number, "standing": standing.value, "by": by[:64]}
            await outbox.put(connection, at, MARKED, body)
        return self._read(row)

    def _read(self, row: Mapping[Any, Any]) -> Unanswered:
        zone = self._clock.now().tzinfo
        return Unanswered(
            id=row["id"],
            question=row["question"],
            wordings=tuple(row["wordings"]),
            times=row["times"],
            gap=Gap(row["gap"]),
            article=ArticleId(row["article"]) if row["article"] else None,
            score=row["score"],
            call_id=row["call_id"],
            first=row["first_at"].astimezone(zone),
            last=row["last_at"].astimezone(zone),
            standing=Standing(row["standing"]),
            changed_by=row["changed_by"],
        )
