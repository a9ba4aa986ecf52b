"""Events, who is told of them, and which process does timed work."""

from sqlalchemy import JSON, Boolean, Column, ForeignKey, Index, Integer, LargeBinary, String, Table, Text

from voicebot.adapters.db.schema.base import ID, Instant, metadata

outbox = Table(
    "outbox",
    metadata,
    Column("id", ID, primary_key=True),
    Column("at", Instant, nullable=False),
    Column("subject", String(128), nullable=False),
    Column("body", JSON, nullable=False),
    Column("published_at", Instant),
    Index(None, "published_at", "id"),
    sqlite_autoincrement=True,
)

webhook = Table(
    "webhook",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("url", Text, nullable=False),
    Column("secret_enc", LargeBinary, nullable=False),
    # which events: subjects and units, [] for all
    Column("subjects", JSON, nullable=False),
    Column("departments", JSON, nullable=False),
    Column("made_by", String(128), nullable=False),
    Column("made_at", Instant, nullable=False),
    Column("active", Boolean, nullable=False),
    # id of the last event that was dealt with
    Column("cursor", ID, nullable=False),
    # tries of the next one that failed, and since when; when it is tried again
    Column("failures", Integer, nullable=False),
    Column("failing_since", Instant),
    Column("next_at", Instant),
    Column("trouble", Text, nullable=False),
    # the process that sends now, and until when that is believed
    Column("holder", String(64), nullable=False),
    Column("held_until", Instant),
)

webhook_parked = Table(
    "webhook_parked",
    metadata,
    Column("webhook_id", String(32), ForeignKey("webhook.id", ondelete="CASCADE"), primary_key=True),
    Column("event_id", ID, primary_key=True, autoincrement=False),
    Column("at", Instant, nullable=False),
    Column("trouble", Text, nullable=False),
)

job_lease = Table(
    "job_lease",
    metadata,
    Column("name", String(64), primary_key=True),
    # who runs it, "" when nobody does; `beat` moves while that one is alive
    Column("owner", String(64), nullable=False),
    Column("beat", ID, nullable=False),
    Column("ran_at", Instant),
    Column("failures", Integer, nullable=False),
    Column("trouble", Text, nullable=False),
)
