"""Who may sign in, and what they keep for themselves."""

from sqlalchemy import Column, ForeignKey, Index, LargeBinary, String, Table, Text, UniqueConstraint

from voicebot.adapters.db.schema.base import ID, Instant, metadata

account = Table(
    "account",
    metadata,
    Column("id", ID, primary_key=True),
    Column("name", String(64), nullable=False),
    Column("role", String(16), nullable=False),
    Column("password_hash", Text, nullable=False),
    Column("created_at", Instant, nullable=False),
    # unit of a handler, name of another system
    Column("department", String(64)),
    UniqueConstraint("name"),
)

session = Table(
    "session",
    metadata,
    Column("secret_hash", String(64), primary_key=True),
    Column("account_id", ID, ForeignKey("account.id", ondelete="CASCADE"), nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("seen_at", Instant, nullable=False),
    Index(None, "seen_at"),
)

api_token = Table(
    "api_token",
    metadata,
    Column("secret_hash", String(64), primary_key=True),
    Column("account_id", ID, ForeignKey("account.id", ondelete="CASCADE"), nullable=False),
    Column("label", String(64), nullable=False),
    Column("created_at", Instant, nullable=False),
)

own_note = Table(
    "own_note",
    metadata,
    Column("account", String(64), primary_key=True),
    Column("key", String(120), primary_key=True),
    Column("body_enc", LargeBinary, nullable=False),
    Column("at", Instant, nullable=False),
)
