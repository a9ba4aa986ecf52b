"""Full text of tickets by pairs of characters: FTS5 on SQLite, GIN over `tsvector` on PostgreSQL.

The table `ticket_text` is not in `schema.metadata`: each database has its own kind, made by the
migration. Newest tickets come first on both: FTS5 walks its rows backwards (row id = ticket number);
GIN knows no order, so each word carries the week of its ticket and weeks are looked through backwards.
"""

from collections.abc import Iterator
from datetime import date
from typing import Final

from sqlalchemy import ColumnElement, String, Subquery, cast, column, insert, select, table, text
from sqlalchemy.ext.asyncio import AsyncConnection

from voicebot.core.ids import TicketNo
from voicebot.tickets.words import Term, words

_FTS: Final = table("ticket_text", column("rowid"), column("words"), column("ticket_text"))
_GIN: Final = table("ticket_text", column("ticket_no"), column("words"))
_DAYS: Final = 7
_NEW_FTS: Final = insert(_FTS)
_PUT_GIN: Final = text(
    "INSERT INTO ticket_text (ticket_no, words) VALUES (:no, CAST(:words AS tsvector))"
    " ON CONFLICT (ticket_no) DO UPDATE SET words = excluded.words"
)

MAKE: Final = {
    "sqlite": (
        "CREATE VIRTUAL TABLE ticket_text USING fts5"
        "(words, content='', tokenize=\"unicode61 remove_diacritics 0\")",
    ),
    "postgresql": (
        "CREATE TABLE ticket_text (ticket_no varchar(14) CONSTRAINT pk_ticket_text PRIMARY KEY,"
        " words tsvector NOT NULL)",
        # without its list of latecomers, which every search would have to read through
        "CREATE INDEX ix_ticket_text_words ON ticket_text USING gin (words) WITH (fastupdate = off)",
    ),
}
"""What the migration runs."""


async def put(connection: AsyncConnection, ticket_no: TicketNo, before: str, after: str) -> None:
    """Makes a ticket findable by `after`; `before` is what it was findable by, "" when it is new."""
    if connection.dialect.name == "sqlite":
        if before:  # an index without content forgets only what it is shown
            old = {"no": int(ticket_no), "words": " ".join(words(before))}
            await connection.execute(
                text("INSERT INTO ticket_text(ticket_text, rowid, words) VALUES ('delete', :no, :words)"), old
            )
        await connection.execute(_NEW_FTS, {"rowid": int(ticket_no), "words": " ".join(words(after))})
        return
    await connection.execute(_PUT_GIN, {"no": ticket_no, "words": vector(ticket_no, after)})


async def drop(connection: AsyncConnection, ticket_no: TicketNo, before: str) -> None:
    """Forgets a ticket; `before` is what it was findable by."""
    if connection.dialect.name == "sqlite":
        old = {"no": int(ticket_no), "words": " ".join(words(before))}
        gone = "INSERT INTO ticket_text(ticket_text, rowid, words) VALUES ('delete', :no, :words)"
        await connection.execute(text(gone), old)
        return
    await connection.execute(text("DELETE FROM ticket_text WHERE ticket_no = :no"), {"no": ticket_no})


def vector(ticket_no: TicketNo, searched: str) -> str:
    """The text as PostgreSQL reads a `tsvector`."""
    week = week_of(ticket_no)
    return " ".join(f"'{week}:{word}':{at}" for at, word in enumerate(words(searched), start=1))


def hits(backend: str, condition: ColumnElement[bool]) -> Subquery:
    """Numbers of the tickets that pass, as `ticket_no`; sort by `rank`, newest last."""
    if backend == "sqlite":
        row = _FTS.c.rowid
        return select(cast(row, String).label("ticket_no"), row.label("rank")).where(condition).subquery()
    found = select(_GIN.c.ticket_no, _GIN.c.ticket_no.label("rank")).where(condition)
    # OFFSET keeps the planner from walking all tickets backwards in the hope of an early match
    return found.offset(0).subquery()


async def clear(connection: AsyncConnection) -> None:
    """Forgets everything."""
    every = "DELETE FROM ticket_text"
    if connection.dialect.name == "sqlite":
        every = "INSERT INTO ticket_text(ticket_text) VALUES ('delete-all')"
    await connection.execute(text(every))


def passes(
    backend: str, sought: tuple[Term, ...], newest: TicketNo, oldest: TicketNo
) -> Iterator[ColumnElement[bool]]:
    """Conditions to try one after the other until enough is found; each finds older tickets than the
    one before, together they cover everything from `newest` back to `oldest`."""
    if backend == "sqlite":
        query = " AND ".join(_fts(term) for term in sought)
        yield _FTS.c.ticket_text.op("MATCH")(query) & _FTS.c.rowid.between(int(oldest), int(newest))
        return
    week, first, width = week_of(newest), week_of(oldest), 1
    while week >= first:
        weeks = range(week, max(week - width, first - 1), -1)
        query = " & ".join(f"({' | '.join(_gin(term, one) for one in weeks)})" for term in sought)
        yield _GIN.c.words.op("@@")(text("CAST(:query AS tsquery)").bindparams(query=query)) & (
            _GIN.c.ticket_no.between(oldest, newest)
        )
        week, width = weeks[-1] - 1, width * 2


def week_of(ticket_no: TicketNo) -> int:
    """Weeks since the beginning of time, by the day in a ticket's number."""
    day = date(int(ticket_no[:4]), int(ticket_no[4:6]), int(ticket_no[6:8]))
    return day.toordinal() // _DAYS


def _fts(term: Term) -> str:
    return f'"{" ".join(term.words)}"{"*" if term.prefix else ""}'


def _gin(term: Term, week: int) -> str:
    return " <-> ".join(f"'{week}:{word}'{':*' if term.prefix else ''}" for word in term.words)
