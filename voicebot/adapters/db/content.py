"""Content in versions, in the database."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict

from sqlalchemy import delete, select

from voicebot.adapters.db import outbox
from voicebot.adapters.db.content_rows import (
    a_draft,
    a_refusal,
    a_release,
    a_version,
    live_content,
    newest_revision,
    next_revision,
    numbers_in,
    pairs,
    put_live,
    record_release,
    saw,
    upsert,
    version_number,
)
from voicebot.adapters.db.database import Database
from voicebot.adapters.db.schema import (
    content_draft,
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
    no_trial,
)


class SqlContentStore:
    """Implements `voicebot.operations.content.ContentStore`."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    # ── what is live ────────────────────────────────────────────────────────────────────────

    async def live(self) -> LiveContent:
        async with self._database.read() as connection:
            while True:
                found = await live_content(connection)
                # PostgreSQL shows each statement what was committed meanwhile
                if found.revision == await newest_revision(connection):
                    return found

    async def revision(self) -> int:
        async with self._database.read() as connection:
            return await newest_revision(connection)

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
            revision = await next_revision(connection, expected)
            numbers = {
                path: await version_number(connection, path, text, author, note, at)
                for path, text in texts.items()
            }
            made = Release(revision, change, author, note, at, numbers, share)
            await record_release(connection, made)
            if change is Change.TRIAL:
                await connection.execute(delete(content_trial))
                rows = [{"path": p, "number": n, "revision": revision} for p, n in numbers.items()]
                await connection.execute(content_trial.insert(), rows)
            else:
                await put_live(connection, numbers)
            if look is not None:
                await saw(connection, look, at)
        return made

    async def end_trial(self, *, promote: bool, author: str, note: str, expected: int) -> Release:
        at = self._clock.now()
        change = Change.PROMOTE if promote else Change.DROP
        async with self._database.write() as connection:
            revision = await next_revision(connection, expected)
            numbers = await numbers_in(connection, content_trial)
            if not numbers:
                raise no_trial()
            made = Release(revision, change, author, note, at, numbers)
            await record_release(connection, made)
            await connection.execute(delete(content_trial))
            if promote:
                await put_live(connection, numbers)
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
            return pairs(await connection.execute(query))

    async def mark_seen(self, look: Look) -> None:
        async with self._database.write() as connection:
            await saw(connection, look, self._clock.now())

    async def refuse(self, refusal: Refusal) -> None:
        problems = [asdict(problem) for problem in refusal.problems]
        row = {"files": list(refusal.files), "problems": problems, "at": refusal.at}
        body = {"place": refusal.place, "files": list(refusal.files), "problems": len(problems)}
        async with self._database.write() as connection:
            await upsert(connection, content_refusal, {"place": refusal.place}, row)
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
            await upsert(connection, content_draft, key, row)

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
