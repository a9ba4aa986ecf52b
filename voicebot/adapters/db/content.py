"""Content in versions, in the database."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Table, delete, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from voicebot.adapters.db import dialect, outbox
from voicebot.adapters.db.content_rows import a_draft, a_refusal, a_release, a_version
from voicebot.adapters.db.database import Database
from voicebot.adapters.db.schema import (
    content_draft,
    content_live,
    content_refusal,
    content_release,
    content_release_version,
    content_seen,
    content_trial,
    content_version,
)
from voicebot.core.clock import Clock
from voicebot.operations.content import (
    Change,
    Draft,
    LiveContent,
    Look,
    Refusal,
    Release,
    Version,
    digest_of,
    no_trial,
    stale,
)

_LOCK: Final = "content"
_NEWEST: Final = select(func.coalesce(func.max(content_release.c.revision), 0))


class SqlContentStore:
    """Implements `voicebot.operations.content.ContentStore`."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    # ── what is live ────────────────────────────────────────────────────────────────────────

    async def live(self) -> LiveContent:
        async with self._database.read() as connection:
            while True:
                found = await _live(connection)
                # PostgreSQL shows each statement what was committed meanwhile
                if found.revision == await _revision(connection):
                    return found

    async def revision(self) -> int:
        async with self._database.read() as connection:
            return await _revision(connection)

    async def release(
        self,
        change: Change,
        texts: Mapping[str, str | None],
        *,
        author: str,
        note: str,
        expected: int,
        share: float = 1.0,
        look: Look | None = None,
    ) -> Release:
        at = self._clock.now()
        async with self._database.write() as connection:
            revision = await _next_revision(connection, expected)
            numbers = {
                path: await _number(connection, path, text, author, note, at) for path, text in texts.items()
            }
            made = Release(revision, change, author, note, at, numbers, share)
            await _record(connection, made)
            if change is Change.TRIAL:
                await connection.execute(delete(content_trial))
                rows = [{"path": p, "number": n, "revision": revision} for p, n in numbers.items()]
                await connection.execute(content_trial.insert(), rows)
            else:
                await _put_live(connection, numbers)
            if look is not None:
                await _saw(connection, look, at)
        return made

    async def end_trial(self, *, promote: bool, author: str, note: str, expected: int) -> Release:
        at = self._clock.now()
        change = Change.PROMOTE if promote else Change.DROP
        async with self._database.write() as connection:
            revision = await _next_revision(connection, expected)
            numbers = await _numbers(connection, content_trial)
            if not numbers:
                raise no_trial()
            made = Release(revision, change, author, note, at, numbers)
            await _record(connection, made)
            await connection.execute(delete(content_trial))
            if promote:
                await _put_live(connection, numbers)
        return made

    # ── what has been ───────────────────────────────────────────────────────────────────────

    async def history(self, path: str) -> Sequence[Version]:
        query = select(content_version).where(content_version.c.path == path)
        async with self._database.read() as connection:
            rows = await connection.execute(query.order_by(content_version.c.number.desc()))
            return [a_version(row) for row in rows.mappings()]

    async def releases(self, path: str | None = None, limit: int = 50) -> Sequence[Release]:
        query = select(content_release).order_by(content_release.c.revision.desc()).limit(limit)
        if path is not None:
            of_path = select(content_release_version.c.revision).where(content_release_version.c.path == path)
            query = query.where(content_release.c.revision.in_(of_path))
        async with self._database.read() as connection:
            rows = (await connection.execute(query)).mappings().all()
            versions: dict[int, dict[str, int]] = {row["revision"]: {} for row in rows}
            table = content_release_version
            members = await connection.execute(
                select(table.c.revision, table.c.path, table.c.number)
                .where(table.c.revision.in_(versions))
                .order_by(table.c.path)
            )
            for revision, member, number in members:
                versions[revision][member] = number
        return [a_release(row, versions[row["revision"]]) for row in rows]

    # ── content folders ─────────────────────────────────────────────────────────────────────

    async def seen(self, place: str) -> Mapping[str, str]:
        query = select(content_seen.c.path, content_seen.c.digest).where(content_seen.c.place == place)
        async with self._database.read() as connection:
            return _pairs(await connection.execute(query))

    async def mark_seen(self, look: Look) -> None:
        async with self._database.write() as connection:
            await _saw(connection, look, self._clock.now())

    async def refuse(self, refusal: Refusal) -> None:
        problems = [asdict(problem) for problem in refusal.problems]
        row = {"files": list(refusal.files), "problems": problems, "at": refusal.at}
        body = {"place": refusal.place, "files": list(refusal.files), "problems": len(problems)}
        async with self._database.write() as connection:
            await _upsert(connection, content_refusal, {"place": refusal.place}, row)
            await outbox.put(connection, refusal.at, "content.refused", body)

    async def refusals(self) -> Sequence[Refusal]:
        query = select(content_refusal).order_by(content_refusal.c.place)
        async with self._database.read() as connection:
            return [a_refusal(row) for row in (await connection.execute(query)).mappings()]

    # ── drafts ──────────────────────────────────────────────────────────────────────────────

    async def save_draft(self, draft: Draft) -> None:
        key = {"path": draft.path, "author": draft.author}
        row = {"base": draft.base, "text": draft.text, "at": draft.at}
        async with self._database.write() as connection:
            await _upsert(connection, content_draft, key, row)

    async def drafts(self, path: str | None = None) -> Sequence[Draft]:
        query = select(content_draft).order_by(content_draft.c.at.desc(), content_draft.c.author)
        if path is not None:
            query = query.where(content_draft.c.path == path)
        async with self._database.read() as connection:
            return [a_draft(row) for row in (await connection.execute(query)).mappings()]

    async def drop_draft(self, path: str, author: str) -> None:
        mine = (content_draft.c.path == path) & (content_draft.c.author == author)
        async with self._database.write() as connection:
            await connection.execute(delete(content_draft).where(mine))


async def _revision(connection: AsyncConnection) -> int:
    return int((await connection.execute(_NEWEST)).scalar_one())


async def _next_revision(connection: AsyncConnection, expected: int) -> int:
    """Takes the next revision, with every other writer of content kept out until the end."""
    await dialect.lock_name(connection, _LOCK)
    if await _revision(connection) != expected:
        raise stale()
    return expected + 1


async def _live(connection: AsyncConnection) -> LiveContent:
    revision = await _revision(connection)
    live = (await connection.execute(_texts_of(content_live))).all()
    trial = (await connection.execute(_texts_of(content_trial))).all()
    began = select(content_trial.c.revision, content_release.c.share).join(content_release).limit(1)
    on_trial = (await connection.execute(began)).first()
    looks = select(content_seen.c.path, content_seen.c.digest).order_by(content_seen.c.at)
    return LiveContent(
        revision=revision,
        texts={path: text for path, _, text in live},
        numbers={path: number for path, number, _ in live},
        trial={path: text for path, _, text in trial},
        trial_numbers={path: number for path, number, _ in trial},
        trial_revision=on_trial.revision if on_trial else 0,
        share=on_trial.share if on_trial else 0.0,
        seen=_pairs(await connection.execute(looks)),
    )


def _texts_of(table: Table) -> Any:
    """(path, number, text) of the versions a table points to."""
    same = (content_version.c.path == table.c.path) & (content_version.c.number == table.c.number)
    columns = (content_version.c.path, content_version.c.number, content_version.c.text)
    return select(*columns).join_from(table, content_version, same).order_by(content_version.c.path)


def _pairs(rows: Iterable[Any]) -> dict[str, Any]:
    return {row[0]: row[1] for row in rows}


async def _numbers(connection: AsyncConnection, table: Table) -> dict[str, int]:
    query = select(table.c.path, table.c.number).order_by(table.c.path)
    return _pairs(await connection.execute(query))


async def _number(
    connection: AsyncConnection, path: str, text: str | None, author: str, note: str, at: datetime
) -> int:
    """The version that holds this text, made when there is none."""
    digest = digest_of(text)
    of_path = content_version.c.path == path
    same = select(func.max(content_version.c.number)).where(of_path, content_version.c.digest == digest)
    known = (await connection.execute(same)).scalar()
    if known is not None:
        return int(known)
    last = (await connection.execute(select(func.max(content_version.c.number)).where(of_path))).scalar()
    number = int(last or 0) + 1
    row = {"path": path, "number": number, "text": text, "digest": digest}
    await connection.execute(content_version.insert().values(**row, author=author, note=note, at=at))
    return number


async def _record(connection: AsyncConnection, made: Release) -> None:
    """The release, its versions and its event."""
    row = asdict(made) | {"change": made.change.value}
    versions = row.pop("versions")
    await connection.execute(content_release.insert().values(**row))
    if versions:
        members = [{"revision": made.revision, "path": p, "number": n} for p, n in versions.items()]
        await connection.execute(content_release_version.insert(), members)
    body = {
        "revision": made.revision,
        "change": made.change.value,
        "author": made.author,
        "share": made.share,
        "versions": dict(versions),
    }
    await outbox.put(connection, made.at, "content.released", body)


async def _put_live(connection: AsyncConnection, numbers: Mapping[str, int]) -> None:
    for path, number in numbers.items():
        await connection.execute(delete(content_live).where(content_live.c.path == path))
        gone = select(content_version.c.number).where(
            content_version.c.path == path,
            content_version.c.number == number,
            content_version.c.text.is_(None),
        )
        if (await connection.execute(gone)).first() is None:
            await connection.execute(content_live.insert().values(path=path, number=number))


async def _saw(connection: AsyncConnection, look: Look, at: datetime) -> None:
    for path, digest in look.digests.items():
        key = {"place": look.place, "path": path}
        await _upsert(connection, content_seen, key, {"digest": digest, "at": at})
    await connection.execute(delete(content_refusal).where(content_refusal.c.place == look.place))


async def _upsert(
    connection: AsyncConnection, table: Table, key: Mapping[str, object], row: Mapping[str, object]
) -> None:
    made = dialect.insert(connection.dialect.name, table).values(**key, **row)
    await connection.execute(made.on_conflict_do_update(index_elements=[*key], set_=dict(row)))
