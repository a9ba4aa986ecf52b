"""Lines of talks in the database; their words are sealed."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from voicebot.adapters.db import outbox
from voicebot.adapters.db.database import Database
from voicebot.adapters.db.schema import talk_line
from voicebot.adapters.db.vault import Vault
from voicebot.core.ids import CallId
from voicebot.operations.talk_lines import Speaker, TalkLine


class SqlTalkLines:
    """Implements `voicebot.operations.talk_lines.TalkLines`."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._vault = database.vault

    async def lines(self, call_id: CallId, after: int = -1) -> Sequence[TalkLine]:
        wanted = (talk_line.c.call_id == call_id, talk_line.c.index > after)
        query = select(talk_line).where(*wanted).order_by(talk_line.c.index)
        async with self._database.read() as connection:
            rows = (await connection.execute(query)).mappings().all()
        return [_line(row, self._vault) for row in rows]


async def put(connection: AsyncConnection, vault: Vault, line: TalkLine, at: datetime) -> None:
    """Writes a line and its event, in the transaction of `connection`."""
    row = {
        "call_id": line.call_id,
        "index": line.index,
        "who": line.who.value,
        "text_enc": vault.seal(line.text),
        "started": line.started,
        "ended": line.ended,
        "confidence": line.confidence,
    }
    await connection.execute(talk_line.insert().values(**row))
    body = {"call_id": line.call_id, "index": line.index, "who": line.who.value, "dropped": line.dropped}
    await outbox.put(connection, at, "talk.line", body)


def _line(row: Mapping[Any, Any], vault: Vault) -> TalkLine:
    return TalkLine(
        call_id=CallId(row["call_id"]),
        index=row["index"],
        who=Speaker(row["who"]),
        text=vault.open(row["text_enc"]),
        started=row["started"],
        ended=row["ended"],
        confidence=row["confidence"],
    )
