"""What tickets are found by and what runs on them; follows from tickets and events, see `ticket_index`."""

from sqlalchemy import Boolean, Column, ForeignKey, Index, Integer, String, Table

from voicebot.adapters.db.schema.base import Instant, metadata

ticket_key = Table(
    "ticket_key",
    metadata,
    Column("key", String(80), primary_key=True),
    Column("ticket_no", String(14), ForeignKey("ticket.ticket_no"), primary_key=True),
    Index(None, "ticket_no"),
)

ticket_clock = Table(
    "ticket_clock",
    metadata,
    Column("ticket_no", String(14), ForeignKey("ticket.ticket_no"), primary_key=True),
    Column("kind", String(16), primary_key=True),
    Column("round", Integer, primary_key=True, autoincrement=False),
    Column("since", Instant, nullable=False),
    Column("warn_at", Instant, nullable=False),
    Column("due", Instant, nullable=False),
    # moment of the last step that was taken because of it; None: none
    Column("acted", Instant),
    # when somebody has to look at it next; None: nothing more follows
    Column("next_at", Instant),
    Index(None, "due"),
    Index(None, "warn_at"),
    Index(None, "next_at"),
)

ticket_unit = Table(
    "ticket_unit",
    metadata,
    Column("ticket_no", String(14), ForeignKey("ticket.ticket_no"), primary_key=True),
    Column("department", String(64), primary_key=True),
    Column("leads", Boolean, nullable=False),
    Column("state", String(32), nullable=False),
    Index(None, "department", "state", "ticket_no"),
    Index(None, "department", "ticket_no"),
)

ticket_index_format = Table(
    "ticket_index_format",
    metadata,
    Column("format", String(16), primary_key=True),
)
