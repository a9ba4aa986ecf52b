"""Calls in the database: written by `SqlJournal`, read by `SqlCalls`."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import and_, func, or_, select, update

from voicebot.adapters.db import outbox, talk_lines
from voicebot.adapters.db.callbacks import owe_for_call
from voicebot.adapters.db.database import Database
from voicebot.adapters.db.schema import call, call_turn
from voicebot.adapters.db.unanswered import add
from voicebot.calls.ports import LineInfo
from voicebot.calls.records import CallView, TurnRecord
from voicebot.core.clock import Clock
from voicebot.core.errors import VoicebotError
from voicebot.core.ids import CallId
from voicebot.dialogue.effects import NoteUnanswered
from voicebot.dialogue.told import Told, decode, encode
from voicebot.operations.talk_lines import TalkLine
from voicebot.operations.unanswered import Asked
from voicebot.tickets.privacy import clean, conceal, mask_phone, plain_phone

LOST: Final = "lost"
_UNTOLD: Final = ("call_id", "told_enc")
LATELY: Final = timedelta(days=7)
_TEXTS: Final = ("said", "keys", "meaning", "reply", "heard")
"""Where a caller's number may stand; it is masked before it is stored."""


class SqlJournal:
    """Implements `voicebot.calls.ports.Journal`."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._vault = database.vault
        self._clock = clock

    async def opened(self, info: LineInfo, flow: str, content: str = "") -> None:
        at = self._clock.now()
        number = plain_phone(info.caller)
        row = {
            "id": info.call_id,
            "caller_enc": self._vault.seal(number),
            "caller_hash": self._vault.digest("phone", number),
            "caller_mask": mask_phone(number),
            "dialled": clean(info.dialled),
            "channel": info.channel,
            "flow": flow,
            "content": content,
            "outbound": info.outbound,
            "started_at": at,
            "reason": "",
            "state": "",
        }
        body = {
            "call_id": info.call_id,
            "caller": row["caller_mask"],
            "dialled": row["dialled"],
            "channel": info.channel,
            "flow": flow,
            "content": content,
            "outbound": info.outbound,
        }
        async with self._database.write() as connection:
            await connection.execute(call.insert().values(**row))
            await outbox.put(connection, at, "call.opened", body)

    async def turn(self, call_id: CallId, record: TurnRecord, told: tuple[Told, ...] = ()) -> None:
        row: dict[str, Any] = asdict(record) | {"told_enc": self._vault.seal(encode(told))}
        row |= {name: conceal(row[name])[0] for name in _TEXTS}
        body = {
            "call_id": call_id,
            "index": record.index,
            "action": record.action,
            "article": record.article,
            "ticket_no": record.ticket_no,
            "confidence": record.confidence,
            "interrupted": record.interrupted,
            "stages": dict(record.stages),
        }
        async with self._database.write() as connection:
            await connection.execute(call_turn.insert().values(call_id=call_id, **row))
            await outbox.put(connection, self._clock.now(), "call.turn", body)

    async def spoken(self, line: TalkLine) -> None:
        async with self._database.write() as connection:
            await talk_lines.put(connection, self._vault, line, self._clock.now())

    async def rated(self, call_id: CallId, score: int) -> None:
        async with self._database.write() as connection:
            done = await connection.execute(update(call).where(call.c.id == call_id).values(score=score))
            if not done.rowcount:
                raise _unknown(call_id)
            body = {"call_id": call_id, "score": score}
            await outbox.put(connection, self._clock.now(), "call.rated", body)

    async def unanswered(self, call_id: CallId, noted: NoteUnanswered) -> None:
        asked = Asked(noted.question, noted.gap, noted.article, noted.score, call_id, self._clock.now())
        async with self._database.write() as connection:
            await add(connection, asked)

    async def closed(self, call_id: CallId, reason: str, state: str, recording: str | None) -> None:
        """The first closing counts; a second one changes nothing."""
        at = self._clock.now()
        values = {"ended_at": at, "reason": reason, "state": state, "recording": recording}
        async with self._database.write() as connection:
            known = (
                await connection.execute(
                    select(call.c.ended_at).where(call.c.id == call_id).with_for_update()
                )
            ).first()
            if known is None:
                raise _unknown(call_id)
            if known.ended_at is not None:
                return
            await connection.execute(update(call).where(call.c.id == call_id).values(**values))
            body = {"call_id": call_id, "reason": reason, "state": state}
            await owe_for_call(connection, call_id, reason, state, at)
            await outbox.put(connection, at, "call.closed", body)

    async def earlier(self, number: str) -> int:
        """Calls from a number in the last `LATELY`, the one that is about to be opened not among them."""
        plain = plain_phone(number)
        known = select(func.count()).where(
            call.c.caller_hash == self._vault.digest("phone", plain),
            call.c.started_at >= self._clock.now() - LATELY,
            call.c.ended_at.is_not(None),
            call.c.outbound.is_(False),
        )
        async with self._database.read() as connection:
            return int((await connection.execute(known)).scalar_one()) if plain else 0

    async def recover(self, before: datetime) -> tuple[CallId, ...]:
        """Closes as `LOST` what a crash left open: calls begun before this process was started."""
        at = self._clock.now()
        left_open = select(call.c.id, call.c.state).where(
            call.c.ended_at.is_(None), call.c.started_at < before
        )
        async with self._database.write() as connection:
            rows = (await connection.execute(left_open.order_by(call.c.started_at))).all()
            for call_id, state in rows:
                await connection.execute(
                    update(call).where(call.c.id == call_id).values(ended_at=at, reason=LOST)
                )
                body = {"call_id": call_id, "reason": LOST, "state": state}
                await owe_for_call(connection, CallId(call_id), LOST, state, at)
                await outbox.put(connection, at, "call.closed", body)
        return tuple(CallId(call_id) for call_id, _ in rows)


class SqlCalls:
    """Implements `voicebot.calls.records.CallReader` and `CallMemory`."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._vault = database.vault
        self._clock = clock

    async def call(self, call_id: CallId) -> CallView | None:
        turns = select(call_turn).where(call_turn.c.call_id == call_id).order_by(call_turn.c.index)
        async with self._database.read() as connection:
            row = (await connection.execute(select(call).where(call.c.id == call_id))).mappings().first()
            if row is None:
                return None
            records = [_turn(found) for found in (await connection.execute(turns)).mappings()]
        return self._view(row, tuple(records))

    async def calls(self, limit: int, before: str | None = None) -> Sequence[CallView]:
        query = select(call).order_by(call.c.started_at.desc(), call.c.id.desc()).limit(limit)
        if before is not None:
            mark = select(call.c.started_at).where(call.c.id == before).scalar_subquery()
            query = query.where(
                or_(call.c.started_at < mark, and_(call.c.started_at == mark, call.c.id < before))
            )
        async with self._database.read() as connection:
            return [self._view(row) for row in (await connection.execute(query)).mappings()]

    async def told(self, call_id: CallId) -> tuple[Told, ...]:
        query = select(call_turn.c.told_enc).where(call_turn.c.call_id == call_id).order_by(call_turn.c.index)
        async with self._database.read() as connection:
            sealed = (await connection.execute(query)).scalars().all()
        return tuple(told for turn in sealed for told in decode(self._vault.open(turn)))

    async def replayable(self, limit: int) -> Sequence[CallId]:
        kept = select(call_turn.c.call_id).where(call_turn.c.told_enc.is_not(None))
        query = select(call.c.id).where(call.c.ended_at.is_not(None), call.c.id.in_(kept))
        newest = query.order_by(call.c.started_at.desc(), call.c.id.desc()).limit(limit)
        async with self._database.read() as connection:
            return [CallId(found) for found in (await connection.execute(newest)).scalars()]

    def _view(self, row: Mapping[Any, Any], turns: tuple[TurnRecord, ...] = ()) -> CallView:
        zone = self._clock.now().tzinfo
        ended = row["ended_at"]
        return CallView(
            call_id=CallId(row["id"]),
            caller=row["caller_mask"],
            dialled=row["dialled"],
            channel=row["channel"],
            flow=row["flow"],
            started=row["started_at"].astimezone(zone),
            ended=ended.astimezone(zone) if ended is not None else None,
            reason=row["reason"],
            state=row["state"],
            score=row["score"],
            recording=row["recording"],
            turns=turns,
            content=row["content"],
            outbound=row["outbound"],
        )


def _turn(row: Mapping[Any, Any]) -> TurnRecord:
    values = {name: value for name, value in row.items() if name not in _UNTOLD}
    values["stages"] = tuple((name, ms) for name, ms in values["stages"])
    return TurnRecord(**values)


def _unknown(call_id: CallId) -> VoicebotError:
    return VoicebotError("call.unknown", f"没有编号为 {call_id} 的通话记录")
