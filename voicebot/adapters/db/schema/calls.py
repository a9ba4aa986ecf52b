"""Calls, what was said in them, and what they left open."""

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
    false,
)

from voicebot.adapters.db.schema.base import ID, Instant, metadata

call = Table(
    "call",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("caller_enc", LargeBinary),
    Column("caller_hash", String(64), nullable=False),
    Column("caller_mask", String(64), nullable=False),
    Column("dialled", String(64), nullable=False),
    Column("channel", String(16), nullable=False),
    Column("flow", String(64), nullable=False),
    Column("started_at", Instant, nullable=False),
    Column("ended_at", Instant),
    Column("reason", String(64), nullable=False),
    Column("state", String(64), nullable=False),
    Column("score", Integer),
    Column("recording", Text),
    Column("content", String(80), nullable=False, server_default=""),
    # we rang them; `caller` is still the person
    Column("outbound", Boolean, nullable=False, server_default=false()),
    Index(None, "started_at", "id"),
    Index(None, "ended_at"),
    Index(None, "caller_hash"),
    Index(None, "content"),
)

call_turn = Table(
    "call_turn",
    metadata,
    Column("call_id", String(64), ForeignKey("call.id", ondelete="CASCADE"), primary_key=True),
    Column("index", Integer, primary_key=True, autoincrement=False),
    Column("said", Text, nullable=False),
    Column("confidence", Float, nullable=False),
    Column("engine", String(64), nullable=False),
    Column("keys", Text, nullable=False),
    Column("meaning", Text, nullable=False),
    Column("action", String(32), nullable=False),
    Column("article", String(64)),
    Column("ticket_no", String(14)),
    Column("reply", Text, nullable=False),
    Column("heard", Text, nullable=False),
    Column("started", Float, nullable=False),
    Column("ended", Float, nullable=False),
    Column("replied", Float, nullable=False),
    Column("interrupted", Boolean, nullable=False),
    Column("stages", JSON, nullable=False),
    # what the dialogue was told, with personal data: sealed
    Column("told_enc", LargeBinary),
)

talk_line = Table(
    "talk_line",
    metadata,
    Column("call_id", String(64), ForeignKey("call.id", ondelete="CASCADE"), primary_key=True),
    Column("index", Integer, primary_key=True, autoincrement=False),
    Column("who", String(16), nullable=False),
    Column("text_enc", LargeBinary),
    Column("started", Float, nullable=False),
    Column("ended", Float, nullable=False),
    Column("confidence", Float, nullable=False),
)

unanswered = Table(
    "unanswered",
    metadata,
    Column("id", ID, primary_key=True),
    Column("form", String(255), nullable=False, unique=True),
    Column("question", Text, nullable=False),
    Column("wordings", JSON, nullable=False),
    Column("times", Integer, nullable=False),
    Column("gap", String(16), nullable=False),
    Column("article", String(64)),
    Column("score", Float, nullable=False),
    Column("call_id", String(64), nullable=False),
    Column("first_at", Instant, nullable=False),
    Column("last_at", Instant, nullable=False, index=True),
    Column("standing", String(16), nullable=False, index=True),
    Column("changed_by", String(64), nullable=False, server_default=""),
    Column("changed_at", Instant),
)
