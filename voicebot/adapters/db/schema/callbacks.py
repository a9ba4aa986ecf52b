"""Calls that are owed."""

from sqlalchemy import Boolean, Column, ForeignKey, Index, Integer, LargeBinary, String, Table

from voicebot.adapters.db.schema.base import Instant, metadata

callback = Table(
    "callback",
    metadata,
    Column("key", String(80), primary_key=True),
    Column("kind", String(16), nullable=False),
    Column("ticket_no", String(14)),
    Column("call_id", String(64)),
    # whom to ring; of a ticket only the hash, the number stays with the ticket
    Column("number_hash", String(64), nullable=False),
    Column("number_enc", LargeBinary),
    Column("urgent", Boolean, nullable=False),
    Column("since", Instant, nullable=False),
    # when somebody has to look at it next; None: nobody any more
    Column("due", Instant),
    # why it is over, "" while it is owed
    Column("over", String(16), nullable=False, server_default=""),
    Column("over_at", Instant),
    # the process that rings now, and until when that is believed
    Column("holder", String(64), nullable=False, server_default=""),
    Column("held_until", Instant),
    # tries of before somebody had it rung again, which count no more
    Column("forgiven", Integer, nullable=False, server_default="0"),
    # who has looked after one that nobody could be reached for
    Column("seen_by", String(64), nullable=False, server_default=""),
    Column("seen_at", Instant),
    Index(None, "due"),
    Index(None, "number_hash"),
    Index(None, "ticket_no"),
    Index(None, "over", "seen_by", "over_at"),
)

callback_try = Table(
    "callback_try",
    metadata,
    Column("key", String(80), ForeignKey("callback.key", ondelete="CASCADE"), primary_key=True),
    Column("n", Integer, primary_key=True, autoincrement=False),
    Column("at", Instant, nullable=False),
    Column("outcome", String(16), nullable=False),
    Column("again", Instant),
    Column("call_id", String(64)),
    Index(None, "at"),
)

never_ring = Table(
    "never_ring",
    metadata,
    Column("number_hash", String(64), primary_key=True),
    Column("at", Instant, nullable=False),
    Column("why", String(80), nullable=False),
)
