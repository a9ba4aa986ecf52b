"""Looking after the database: backup and purge."""

import asyncio
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import CursorResult, Delete, delete, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from voicebot.adapters.db import purge_proof
from voicebot.adapters.db.accounts import IDLE
from voicebot.adapters.db.database import Database
from voicebot.adapters.db.dialect import backup_sqlite
from voicebot.adapters.db.retention import spoken_for, without_call
from voicebot.adapters.db.schema import (
    call,
    call_turn,
    callback,
    contact,
    outbox,
    session,
    talk_line,
    unanswered,
    webhook,
)
from voicebot.core.errors import VoicebotError
from voicebot.operations.retention import Kept


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


async def purge(database: Database, before: datetime, now: datetime, *, spare: bool = False) -> Purged:
    """Deletes calls that ended before a moment with their turns, events published before it, questions
    without an answer that nobody has asked since, calls owed that were over before it, and sessions nobody
    uses any more. Tickets and their history stay, and so do numbers that are not to be rung. What
    calls went is in a report (`purge_proof`).

    Args:
        spare: keep calls that a ticket still needs (`spoken_for`).
    """
    due = [call.c.ended_at < before]
    if spare:
        due.append(~spoken_for())
    async with database.write() as connection:
        found = (await connection.execute(select(call.c.id, call.c.recording).where(*due))).all()
        recordings = tuple(recording for _, recording in found if recording is not None)
        turns = calls = 0
        for ids in _batches([call_id for call_id, _ in found]):
            turns += await _count(connection, delete(call_turn).where(call_turn.c.call_id.in_(ids)))
            await connection.execute(delete(contact).where(contact.c.call_id.in_(ids)))
            await connection.execute(delete(talk_line).where(talk_line.c.call_id.in_(ids)))
            calls += await _count(connection, delete(call).where(call.c.id.in_(ids)))
        if found:
            await purge_proof.put(connection, now, Kept.TRANSCRIPT, before, (each for each, _ in found))
        sent = delete(outbox).where(outbox.c.published_at < before)
        behind = select(func.min(webhook.c.cursor)).where(webhook.c.active)
        if (cursor := (await connection.execute(behind)).scalar()) is not None:
            sent = sent.where(outbox.c.id <= cursor)  # the rest is still to be sent
        events = await _count(connection, sent)
        asked = await _count(connection, delete(unanswered).where(unanswered.c.last_at < before))
        await connection.execute(delete(callback).where(callback.c.over_at < before))
        await connection.execute(delete(contact).where(contact.c.ended_at < before, without_call()))
        sessions = await _count(connection, delete(session).where(session.c.seen_at < now - IDLE))
    return Purged(calls, turns, events, sessions, recordings, asked)


def _batches(ids: list[str], most: int = 500) -> Iterator[list[str]]:
    return (ids[at : at + most] for at in range(0, len(ids), most))


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
