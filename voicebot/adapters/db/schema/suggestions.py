"""Tickets that may be one matter, where tickets count as hot spots, and the alarms about these."""

from typing import Final

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    Text,
    literal,
)

from voicebot.adapters.db.schema.base import ID, Instant, metadata

ticket_uncompared = Table(
    "ticket_uncompared",
    metadata,
    Column("ticket_no", String(14), ForeignKey("ticket.ticket_no"), primary_key=True),
    # of the ticket when it became so; one that was compared at a later version is done
    Column("version", Integer, nullable=False),
    # later than it became so when comparing it failed
    Column("next_at", Instant, nullable=False),
    Index(None, "next_at"),
)

ticket_suggestion = Table(
    "ticket_suggestion",
    metadata,
    Column("later", String(14), ForeignKey("ticket.ticket_no"), primary_key=True),
    Column("earlier", String(14), ForeignKey("ticket.ticket_no"), primary_key=True),
    # both of one caller
    Column("own", Boolean, nullable=False),
    Column("score", Float, nullable=False),
    Column("reasons", JSON, nullable=False),
    Column("at", Instant, nullable=False),
    Column("standing", String(16), nullable=False),
    # who decided, "" while nobody has
    Column("by", String(64), nullable=False, server_default=""),
    Column("decided_at", Instant),
    Column("why", Text, nullable=False, server_default=""),
    # which of the two was merged or grouped
    Column("joined", String(14)),
    Index(None, "earlier"),
)
UNDECIDED: Final = ticket_suggestion.c.standing == literal("open", literal_execute=True)
"""In the statement itself, so that the index of these few serves it."""
Index(
    "ix_ticket_suggestion_open",
    ticket_suggestion.c.later,
    sqlite_where=ticket_suggestion.c.standing == "open",
    postgresql_where=ticket_suggestion.c.standing == "open",
)

ticket_spot = Table(
    "ticket_spot",
    metadata,
    Column("ticket_no", String(14), ForeignKey("ticket.ticket_no"), primary_key=True),
    # the place by sound, and what goes on there
    Column("place", String(64), primary_key=True),
    Column("kind", String(64), primary_key=True),
    Column("name", String(64), nullable=False),
    Column("at", Instant, nullable=False),
    Index(None, "at"),
    Index(None, "place", "kind", "at"),
)

hot_spot = Table(
    "hot_spot",
    metadata,
    Column("id", ID, primary_key=True),
    Column("place", String(64), nullable=False),
    Column("kind", String(64), nullable=False),
    Column("name", String(64), nullable=False),
    Column("level", String(8), nullable=False),
    Column("since", Instant, nullable=False),
    # how it stood when it was looked at last
    Column("seen_at", Instant, nullable=False),
    Column("callers", Integer, nullable=False),
    Column("mean", Float, nullable=False),
    Column("reason", Text, nullable=False),
    # None while it lasts
    Column("over_at", Instant),
    Index(None, "over_at"),
    sqlite_autoincrement=True,
)
