"""The ledger of messages to other systems, kept in the outbox: no table of its own, its events are told."""

import base64
import json
from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any, Final

from sqlalchemy import select

from voicebot.adapters.db import outbox
from voicebot.adapters.db.database import Database
from voicebot.adapters.db.schema import outbox as events
from voicebot.core.clock import Clock
from voicebot.operations.notices import Notice

ACCEPTED: Final = "notify.accepted"
SENT: Final = "notify.sent"
FAILED: Final = "notify.failed"


class SqlNotices:
    """Implements `voicebot.operations.notices.NoticeLedger`; the message itself is sealed."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._vault = database.vault
        self._clock = clock

    async def accepted(self, notice: Notice) -> None:
        written = json.dumps(asdict(notice) | {"at": notice.at.isoformat()}, ensure_ascii=False)
        sealed = self._vault.seal(written) or b""
        await self._put(ACCEPTED, notice, sealed=base64.b64encode(sealed).decode())

    async def sent(self, notice: Notice) -> None:
        await self._put(SENT, notice)

    async def failed(self, notice: Notice, code: str) -> None:
        await self._put(FAILED, notice, code=code)

    async def unfinished(self) -> Sequence[Notice]:
        query = (
            select(events.c.subject, events.c.body)
            .where(events.c.subject.in_((ACCEPTED, SENT, FAILED)))
            .order_by(events.c.id)
        )
        left: dict[str, str] = {}
        async with self._database.read() as connection:
            for subject, body in await connection.execute(query):
                if subject == ACCEPTED:
                    left[body["notice"]] = body["sealed"]
                else:
                    left.pop(body["notice"], None)
        return [self._opened(sealed) for sealed in left.values()]

    def _opened(self, sealed: str) -> Notice:
        written: dict[str, Any] = json.loads(self._vault.open(base64.b64decode(sealed)))
        written["at"] = datetime.fromisoformat(written["at"])
        written["slots"] = tuple((name, value) for name, value in written["slots"])
        return Notice(**written)

    async def _put(self, subject: str, notice: Notice, **more: str) -> None:
        body = {"notice": notice.id, "target": notice.target, "step": notice.step, "call_id": notice.call_id}
        async with self._database.write() as connection:
            await outbox.put(connection, self._clock.now(), subject, {**body, **more})
