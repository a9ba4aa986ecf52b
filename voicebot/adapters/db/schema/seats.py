"""Seats, and the calls that want a person."""

from sqlalchemy import JSON, Boolean, Column, Index, Integer, LargeBinary, String, Table, Text, false

from voicebot.adapters.db.schema.base import Instant, metadata

seat = Table(
    "seat",
    metadata,
    # name of its account
    Column("id", String(64), primary_key=True),
    Column("state", String(16), nullable=False),
    Column("since", Instant),
    Column("skills", JSON, nullable=False),
    Column("team", String(64), nullable=False),
    Column("reason", String(64), nullable=False),
    Column("call_id", String(64)),
    Column("until", Instant),
    Column("next_state", String(16)),
    Column("next_reason", String(64), nullable=False, server_default=""),
    Column("idle_since", Instant),
    # sign of life of the page that has the seat: moved without a new version
    Column("beat", Instant),
    Column("tab", String(64), nullable=False),
    Column("phone", String(255), nullable=False),
    Column("taken", Integer, nullable=False),
    Column("missed", Integer, nullable=False),
    Column("version", Integer, nullable=False),
)

contact = Table(
    "contact",
    metadata,
    Column("call_id", String(64), primary_key=True),
    Column("queue", String(64), nullable=False),
    Column("since", Instant, nullable=False),
    Column("state", String(16), nullable=False),
    Column("skill", String(64), nullable=False),
    Column("language", String(35), nullable=False),
    Column("emergency", String(8), nullable=False),
    Column("elder", Boolean, nullable=False, server_default=false()),
    Column("enterprise", Boolean, nullable=False, server_default=false()),
    Column("repeat", Integer, nullable=False, server_default="0"),
    Column("front", Boolean, nullable=False, server_default=false()),
    Column("seat", String(64)),
    Column("until", Instant),
    Column("taken_at", Instant),
    Column("ended_at", Instant),
    Column("refused", JSON, nullable=False),
    # masked
    Column("caller", String(64), nullable=False),
    Column("why", String(32), nullable=False),
    # summary, slots and who takes part in the talk: personal, sealed
    Column("told_enc", LargeBinary),
    Column("line", Text, nullable=False),
    Column("version", Integer, nullable=False),
    Index(None, "state", "since"),
    Index(None, "ended_at"),
)
