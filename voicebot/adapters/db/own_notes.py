"""What people keep for themselves, in the database."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import delete, func, select

from voicebot.adapters.db import dialect
from voicebot.adapters.db.database import Database
from voicebot.adapters.db.schema import own_note
from voicebot.core.clock import Clock
from voicebot.operations.own_notes import MOST, Note, checked, too_many

_N = own_note.c


class SqlOwnNotes:
    """Implements `voicebot.operations.own_notes.OwnNotes`."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def put(self, account: str, key: str, body: Mapping[str, Any]) -> datetime:
        text = json.dumps(body, ensure_ascii=False)
        checked(key, text)
        at = self._clock.now()
        values = {"body_enc": self._database.vault.seal(text), "at": at}
        async with self._database.write() as connection:
            others = select(func.count()).where(_N.account == account, _N.key != key)
            if (await connection.execute(others)).scalar_one() >= MOST:
                raise too_many()
            fresh = dialect.insert(connection.dialect.name, own_note).values(
                account=account, key=key, **values
            )
            await connection.execute(
                fresh.on_conflict_do_update(index_elements=[_N.account, _N.key], set_=values)
            )
        return at

    async def get(self, account: str, key: str) -> Note | None:
        query = select(_N.key, _N.body_enc, _N.at).where(_N.account == account, _N.key == key)
        async with self._database.read() as connection:
            row = (await connection.execute(query)).first()
        return None if row is None else self._note(*row)

    async def below(self, account: str, prefix: str) -> Sequence[Note]:
        query = select(_N.key, _N.body_enc, _N.at).where(
            _N.account == account, _N.key.startswith(prefix, autoescape=True)
        )
        async with self._database.read() as connection:
            rows = (await connection.execute(query.order_by(_N.at.desc(), _N.key))).all()
        return [self._note(*row) for row in rows]

    async def drop(self, account: str, key: str) -> None:
        async with self._database.write() as connection:
            await connection.execute(delete(own_note).where(_N.account == account, _N.key == key))

    def _note(self, key: str, sealed: bytes, at: datetime) -> Note:
        return Note(key, json.loads(self._database.vault.open(sealed)), at)
