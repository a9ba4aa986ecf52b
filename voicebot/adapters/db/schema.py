"""Tables. Migrations make them; a test compares both."""

from datetime import UTC, datetime
from typing import Any, Final

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Date,
    DateTime,
    Dialect,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    false,
)
from sqlalchemy.types import TypeDecorator


class Instant(TypeDecorator[datetime]):
    """An aware moment, kept in UTC (SQLite has no zones)."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"a moment without a time zone: {value}")
        return value.astimezone(UTC)

    def process_result_value(self, value: Any | None, dialect: Dialect) -> datetime | None:
        return None if value is None else value.replace(tzinfo=UTC) if value.tzinfo is None else value


metadata: Final = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

_ID: Final = BigInteger().with_variant(Integer(), "sqlite")

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

ticket_serial = Table(
    "ticket_serial",
    metadata,
    Column("day", Date, primary_key=True),
    Column("last", Integer, nullable=False),
)

ticket = Table(
    "ticket",
    metadata,
    Column("ticket_no", String(14), primary_key=True),
    Column("state", String(32), nullable=False),
    Column("version", Integer, nullable=False),
    Column("appeal_type", String(8), nullable=False),
    Column("title", String(64), nullable=False),
    Column("content", Text, nullable=False),
    Column("channel", String(16), nullable=False),
    Column("urgency", String(8), nullable=False),
    Column("department", String(64)),
    Column("address", Text, nullable=False),
    Column("district", Text, nullable=False),
    Column("occurred", Text, nullable=False),
    Column("object", Text, nullable=False),
    Column("name_mask", String(16), nullable=False),
    Column("phone_mask", String(32), nullable=False),
    Column("confidential", Boolean, nullable=False),
    Column("anonymous", Boolean, nullable=False),
    Column("want_reply", Boolean, nullable=False),
    Column("call_id", String(64)),
    Column("origin_hotline", String(32), nullable=False),
    Column("articles", JSON, nullable=False),
    Column("evidence", JSON, nullable=False),
    Column("callback_only", Boolean, nullable=False),
    Column("accepted_at", Instant, nullable=False),
    Column("sign_due", Instant, nullable=False),
    Column("due_at", Instant, nullable=False),
    Column("round", Integer, nullable=False),
    Column("paused_at", Instant),
    Column("extended", Boolean, nullable=False),
    Column("urged", Integer, nullable=False),
    Column("reply", Text, nullable=False),
    Column("merge_parent", String(14)),
    Column("rating", Integer),
    Column("category", Text, nullable=False, server_default=""),
    Column("co_departments", JSON, nullable=False, server_default="[]"),
    Column("department_score", Float),
    Column("dispatches", Integer, nullable=False, server_default="0"),
    Column("designated", Boolean, nullable=False, server_default=false()),
    Column("dispatched_at", Instant),
    Column("return_due", Instant),
    Column("signed_at", Instant),
    Column("replied_at", Instant),
    Column("closed_at", Instant),
    Column("close_due", Instant),
    Column("answer_since", Instant),
    Column("extension", JSON(none_as_null=True)),
    Column("supervision", JSON(none_as_null=True)),
    Column("difficult", String(16), nullable=False, server_default="一般"),
    Column("disputed", Boolean, nullable=False, server_default=false()),
    Column("return_ground", Text, nullable=False, server_default=""),
    Column("reject_code", String(32)),
    Column("merged_from", String(32)),
    Column("group", String(14)),
    Column("split_from", String(14)),
    Column("split_into", JSON, nullable=False, server_default="[]"),
    Column("solved", Boolean),
    Column("rating_reason", Text, nullable=False, server_default=""),
    Column("objection", Text, nullable=False, server_default=""),
    Column("low_score", Boolean, nullable=False, server_default=false()),
    Column("callbacks", Integer, nullable=False, server_default="0"),
    Column("called_back_at", Instant),
    Column("refs", JSON, nullable=False, server_default="[]"),
    Column("rounds", JSON, nullable=False, server_default="[]"),
    # the person: sealed, and searchable by keyed hash
    Column("name_enc", LargeBinary),
    Column("phone_enc", LargeBinary),
    Column("phone_hash", String(64), nullable=False),
    Column("caller_enc", LargeBinary),
    Column("caller_hash", String(64), nullable=False),
    Index(None, "phone_hash"),
    Index(None, "caller_hash"),
    Index(None, "state", "due_at"),
    Index(None, "call_id"),
    Index(None, "merge_parent"),
    Index(None, "group"),
    Index(None, "state", "ticket_no"),
    Index(None, "state", "closed_at"),
)
ticket_marked: Final = {
    "disputed": ticket.c.disputed,
    "extension": ticket.c.extension.is_not(None),
    "supervision": ticket.c.supervision.is_not(None),
    "low_score": ticket.c.low_score,
    "objection": ticket.c.objection != "",
    "difficult": ticket.c.difficult != "一般",
    "grouped": ticket.c.group.is_not(None),
}
"""What few tickets are, and work lists ask for; each has an index that holds only these few."""
for _name, _condition in ticket_marked.items():
    Index(
        f"ix_ticket_marked_{_name}", ticket.c.ticket_no, sqlite_where=_condition, postgresql_where=_condition
    )

# what tickets are found by; follows from tickets and events, see `ticket_index`

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

job_lease = Table(
    "job_lease",
    metadata,
    Column("name", String(64), primary_key=True),
    # who runs it, "" when nobody does; `beat` moves while that one is alive
    Column("owner", String(64), nullable=False),
    Column("beat", _ID, nullable=False),
    Column("ran_at", Instant),
    Column("failures", Integer, nullable=False),
    Column("trouble", Text, nullable=False),
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

ticket_event = Table(
    "ticket_event",
    metadata,
    Column("ticket_no", String(14), ForeignKey("ticket.ticket_no"), primary_key=True),
    Column("seq", Integer, primary_key=True, autoincrement=False),
    Column("at", Instant, nullable=False),
    Column("actor", String(64), nullable=False),
    Column("action", String(32), nullable=False),
    Column("before", String(32)),
    Column("after", String(32), nullable=False),
    Column("reason", Text, nullable=False),
    Column("changes", JSON, nullable=False),
    Column("hidden_enc", LargeBinary),
    Column("request_hash", String(64)),
    UniqueConstraint("request_hash"),
)

outbox = Table(
    "outbox",
    metadata,
    Column("id", _ID, primary_key=True),
    Column("at", Instant, nullable=False),
    Column("subject", String(128), nullable=False),
    Column("body", JSON, nullable=False),
    Column("published_at", Instant),
    Index(None, "published_at", "id"),
    sqlite_autoincrement=True,
)

account = Table(
    "account",
    metadata,
    Column("id", _ID, primary_key=True),
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
    Column("account_id", _ID, ForeignKey("account.id", ondelete="CASCADE"), nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("seen_at", Instant, nullable=False),
    Index(None, "seen_at"),
)

api_token = Table(
    "api_token",
    metadata,
    Column("secret_hash", String(64), primary_key=True),
    Column("account_id", _ID, ForeignKey("account.id", ondelete="CASCADE"), nullable=False),
    Column("label", String(64), nullable=False),
    Column("created_at", Instant, nullable=False),
)

ticket_access = Table(
    "ticket_access",
    metadata,
    Column("id", _ID, primary_key=True),
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
    Column("id", _ID, primary_key=True),
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
    Column("id", _ID, primary_key=True),
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
    Column("cursor", _ID, nullable=False),
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
    Column("event_id", _ID, primary_key=True, autoincrement=False),
    Column("at", Instant, nullable=False),
    Column("trouble", Text, nullable=False),
)

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

own_note = Table(
    "own_note",
    metadata,
    Column("account", String(64), primary_key=True),
    Column("key", String(120), primary_key=True),
    Column("body_enc", LargeBinary, nullable=False),
    Column("at", Instant, nullable=False),
)

unanswered = Table(
    "unanswered",
    metadata,
    Column("id", _ID, primary_key=True),
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
