"""Versions of flows, articles and all else that is published."""

from sqlalchemy import JSON, Column, Float, ForeignKey, Index, Integer, String, Table, Text

from voicebot.adapters.db.schema.base import Instant, metadata

content_version = Table(
    "content_version",
    metadata,
    Column("path", String(255), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("text", Text),
    Column("digest", String(64), nullable=False),
    Column("author", String(64), nullable=False),
    Column("note", Text, nullable=False),
    Column("at", Instant, nullable=False),
    Index(None, "path", "digest"),
)

content_release = Table(
    "content_release",
    metadata,
    Column("revision", Integer, primary_key=True, autoincrement=False),
    Column("change", String(16), nullable=False),
    Column("author", String(64), nullable=False),
    Column("note", Text, nullable=False),
    Column("at", Instant, nullable=False),
    Column("share", Float, nullable=False),
)

content_release_version = Table(
    "content_release_version",
    metadata,
    Column("revision", Integer, ForeignKey("content_release.revision"), primary_key=True),
    Column("path", String(255), primary_key=True),
    Column("number", Integer, nullable=False),
    Index(None, "path", "revision"),
)

content_live = Table(
    "content_live",
    metadata,
    Column("path", String(255), primary_key=True),
    Column("number", Integer, nullable=False),
)

content_trial = Table(
    "content_trial",
    metadata,
    Column("path", String(255), primary_key=True),
    Column("number", Integer, nullable=False),
    Column("revision", Integer, ForeignKey("content_release.revision"), nullable=False),
)

content_seen = Table(
    "content_seen",
    metadata,
    Column("place", String(255), primary_key=True),
    Column("path", String(255), primary_key=True),
    Column("digest", String(64), nullable=False),
    Column("at", Instant, nullable=False),
)

content_refusal = Table(
    "content_refusal",
    metadata,
    Column("place", String(255), primary_key=True),
    Column("files", JSON, nullable=False),
    Column("problems", JSON, nullable=False),
    Column("at", Instant, nullable=False),
)

content_draft = Table(
    "content_draft",
    metadata,
    Column("path", String(255), primary_key=True),
    Column("author", String(64), primary_key=True),
    Column("base", Integer, nullable=False),
    Column("text", Text, nullable=False),
    Column("at", Instant, nullable=False),
)
