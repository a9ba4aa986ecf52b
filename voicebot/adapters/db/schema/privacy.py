"""Who looked at people, and proof of what was deleted."""

from sqlalchemy import Column, Index, Integer, String, Table, Text

from voicebot.adapters.db.schema.base import ID, Instant, metadata

ticket_access = Table(
    "ticket_access",
    metadata,
    Column("id", ID, primary_key=True),
    Column("at", Instant, nullable=False),
    Column("who", String(128), nullable=False),
    # None: several at once
    Column("ticket_no", String(14)),
    Column("what", String(16), nullable=False),
    Column("why", Text, nullable=False),
    Column("call_id", String(64)),
    # tells people apart: keyed hash of a number, else a ticket or call; "" for several
    Column("person", String(64), nullable=False, server_default=""),
    Index(None, "ticket_no", "id"),
    Index(None, "who", "at"),
    Index(None, "at"),
    sqlite_autoincrement=True,
)

access_alarm = Table(
    "access_alarm",
    metadata,
    Column("id", ID, primary_key=True),
    Column("at", Instant, nullable=False),
    Column("who", String(128), nullable=False),
    Column("persons", Integer, nullable=False),
    Column("views", Integer, nullable=False),
    Column("exports", Integer, nullable=False),
    Index(None, "who", "at"),
    sqlite_autoincrement=True,
)

purge_report = Table(
    "purge_report",
    metadata,
    Column("id", ID, primary_key=True),
    Column("at", Instant, nullable=False),
    # what was removed: recording, transcript, person, access …; how many; everything until then was due
    Column("what", String(16), nullable=False),
    Column("until", Instant, nullable=False),
    Column("count", Integer, nullable=False),
    # SHA-256 of the removed ids; SHA-256 of this report together with the one before
    Column("ids_digest", String(64), nullable=False),
    Column("chain", String(64), nullable=False, unique=True),
    sqlite_autoincrement=True,
)
