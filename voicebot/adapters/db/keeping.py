"""Looking after the database: backup and purge."""

import asyncio
import sqlite3
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import CursorResult, Delete, delete, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from voicebot.adapters.db.accounts import IDLE
from voicebot.adapters.db.database import Database
from voicebot.adapters.db.dialect import backup_sqlite
from voicebot.adapters.db.schema import call, call_turn, callback, outbox, session, unanswered, webhook
from voicebot.core.errors import VoicebotError


@dataclass(frozen=True, slots=True)
class Purged:
    """What was deleted, by kind.

    Args:
        questions: unanswered ones, last asked before it.
        recordings: names of recordings whose call is gone; the files are still there.
    """

    calls: int
    turns: int
    events: int
    sessions: int
    recordings: tuple[str, ...]
    questions: int = 0


async def purge(database: Database, before: datetime, now: datetime) -> Purged:
    """Deletes calls that ended before a moment with their turns, events published before it, questions
    without an answer that nobody has asked since, calls owed that were over before it, and sessions nobody
    uses any more. Tickets and their history stay, and so do numbers that are not to be rung."""
    old = select(call.c.id).where(call.c.ended_at < before)
    async with database.write() as connection:
        names = select(call.c.recording).where(call.c.ended_at < before, call.c.recording.is_not(None))
        recordings = tuple((await connection.execute(names)).scalars())
        turns = await _count(connection, delete(call_turn).where(call_turn.c.call_id.in_(old)))
        calls = await _count(connection, delete(call).where(call.c.ended_at < before))
        sent = delete(outbox).where(outbox.c.published_at < before)
        behind = select(func.min(webhook.c.cursor)).where(webhook.c.active)
        if (cursor := (await connection.execute(behind)).scalar()) is not None:
            sent = sent.where(outbox.c.id <= cursor)  # the rest is still to be sent
        events = await _count(connection, sent)
        asked = await _count(connection, delete(unanswered).where(unanswered.c.last_at < before))
        await connection.execute(delete(callback).where(callback.c.over_at < before))
        sessions = await _count(connection, delete(session).where(session.c.seen_at < now - IDLE))
    return Purged(calls, turns, events, sessions, recordings, asked)


async def _count(connection: AsyncConnection, statement: Delete) -> int:
    result: CursorResult[object] = await connection.execute(statement)
    return result.rowcount


async def backup(source: Path, target: Path) -> None:
    """Copies a SQLite database that may be in use; the copy is checked before it gets its name.

    Raises:
        VoicebotError: ``db.missing``, ``db.backup_failed``; an older file at `target` stays then.
    """
    await asyncio.to_thread(_backup, source, target)


def _backup(source: Path, target: Path) -> None:
    if not source.is_file():
        raise VoicebotError("db.missing", f"没有数据库文件 {source}")
    half = target.with_name(target.name + ".part")
    try:
        half.unlink(missing_ok=True)
        backup_sqlite(source, half)
        half.chmod(0o600)
        half.replace(target)
    except (sqlite3.Error, OSError) as error:
        raise VoicebotError("db.backup_failed", f"备份到 {target} 没有成功：{error}") from error
    finally:
        half.unlink(missing_ok=True)
