"""Rows of the content tables, read and written inside a transaction."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Table, delete, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from voicebot.adapters.db import dialect, outbox
from voicebot.adapters.db.schema import (
    content_live,
    content_refusal,
    content_release,
    content_release_version,
    content_seen,
    content_trial,
    content_version,
)
from voicebot.core.problem import Problem, Severity
from voicebot.operations.content import (
    Change,
    Draft,
    LiveContent,
    Look,
    Refusal,
    Release,
    Version,
    digest_of,
    stale,
)

_LOCK: Final = "content"
_NEWEST: Final = select(func.coalesce(func.max(content_release.c.revision), 0))


def a_version(row: Mapping[Any, Any]) -> Version:
    return Version(**row)


def a_release(row: Mapping[Any, Any], versions: Mapping[str, int]) -> Release:
    return Release(**{**row, "change": Change(row["change"])}, versions=versions)


def a_draft(row: Mapping[Any, Any]) -> Draft:
    return Draft(**row)


def a_refusal(row: Mapping[Any, Any]) -> Refusal:
    problems = (Problem(**{**found, "severity": Severity(found["severity"])}) for found in row["problems"])
    return Refusal(row["place"], tuple(row["files"]), tuple(problems), row["at"])


async def newest_revision(connection: AsyncConnection) -> int:
    return int((await connection.execute(_NEWEST)).scalar_one())


async def next_revision(connection: AsyncConnection, expected: int) -> int:
    """Takes the next revision, with every other writer of content kept out until the end."""
    await dialect.lock_name(connection, _LOCK)
    if await newest_revision(connection) != expected:
        raise stale()
    return expected + 1


async def live_content(connection: AsyncConnection) -> LiveContent:
    revision = await newest_revision(connection)
    live = (await connection.execute(texts_of(content_live))).all()
    trial = (await connection.execute(texts_of(content_trial))).all()
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
        seen=pairs(await connection.execute(looks)),
    )


def texts_of(table: Table) -> Any:
    """(path, number, text) of the versions a table points to."""
    same = (content_version.c.path == table.c.path) & (content_version.c.number == table.c.number)
    columns = (content_version.c.path, content_version.c.number, content_version.c.text)
    return select(*columns).join_from(table, content_version, same).order_by(content_version.c.path)


def pairs(rows: Iterable[Any]) -> dict[str, Any]:
    return {row[0]: row[1] for row in rows}


async def numbers_in(connection: AsyncConnection, table: Table) -> dict[str, int]:
    query = select(table.c.path, table.c.number).order_by(table.c.path)
    return pairs(await connection.execute(query))


async def version_number(
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


async def record_release(connection: AsyncConnection, made: Release) -> None:
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


async def put_live(connection: AsyncConnection, numbers: Mapping[str, int]) -> None:
    for path, number in numbers.items():
        await connection.execute(delete(content_live).where(content_live.c.path == path))
        gone = select(content_version.c.number).where(
            content_version.c.path == path,
            content_version.c.number == number,
            content_version.c.text.is_(None),
        )
        if (await connection.execute(gone)).first() is None:
            await connection.execute(content_live.insert().values(path=path, number=number))


async def saw(connection: AsyncConnection, look: Look, at: datetime) -> None:
    for path, digest in look.digests.items():
        key = {"place": look.place, "path": path}
        await upsert(connection, content_seen, key, {"digest": digest, "at": at})
    await connection.execute(delete(content_refusal).where(content_refusal.c.place == look.place))


async def upsert(
    connection: AsyncConnection, table: Table, key: Mapping[str, object], row: Mapping[str, object]
) -> None:
    made = dialect.insert(connection.dialect.name, table).values(**key, **row)
    await connection.execute(made.on_conflict_do_update(index_elements=[*key], set_=dict(row)))
