"""Tables, a file for each matter. Migrations make them; a test compares both."""

from voicebot.adapters.db.schema.accounts import account, api_token, own_note, session
from voicebot.adapters.db.schema.base import Instant, metadata
from voicebot.adapters.db.schema.callbacks import callback, callback_try, never_ring
from voicebot.adapters.db.schema.calls import call, call_turn, talk_line, unanswered
from voicebot.adapters.db.schema.content import (
    content_draft,
    content_live,
    content_refusal,
    content_release,
    content_release_version,
    content_seen,
    content_trial,
    content_version,
)
from voicebot.adapters.db.schema.events import job_lease, outbox, webhook, webhook_parked
from voicebot.adapters.db.schema.privacy import access_alarm, purge_report, ticket_access
from voicebot.adapters.db.schema.seats import contact, seat
from voicebot.adapters.db.schema.suggestions import (
    hot_spot,
    ticket_spot,
    ticket_suggestion,
    ticket_uncompared,
)
from voicebot.adapters.db.schema.ticket_index import (
    ticket_clock,
    ticket_index_format,
    ticket_key,
    ticket_unit,
)
from voicebot.adapters.db.schema.tickets import ticket, ticket_event, ticket_marked, ticket_serial

__all__ = [
    "Instant",
    "access_alarm",
    "account",
    "api_token",
    "call",
    "call_turn",
    "callback",
    "callback_try",
    "contact",
    "content_draft",
    "content_live",
    "content_refusal",
    "content_release",
    "content_release_version",
    "content_seen",
    "content_trial",
    "content_version",
    "hot_spot",
    "job_lease",
    "metadata",
    "never_ring",
    "outbox",
    "own_note",
    "purge_report",
    "seat",
    "session",
    "talk_line",
    "ticket",
    "ticket_access",
    "ticket_clock",
    "ticket_event",
    "ticket_index_format",
    "ticket_key",
    "ticket_marked",
    "ticket_serial",
    "ticket_spot",
    "ticket_suggestion",
    "ticket_uncompared",
    "ticket_unit",
    "unanswered",
    "webhook",
    "webhook_parked",
]
