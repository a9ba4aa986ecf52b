"""A 工单 and what happened to it, as frozen values.

Neither holds a telephone number or a caller's name in the clear: those are in `Contact`, which
only a store keeps, sealed.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from voicebot.core.ids import ArticleId, CallId, DepartmentName, TicketNo
from voicebot.core.meaning import AppealType, Urgency
from voicebot.tickets.state import State

Json = str | int | float | bool | None | list["Json"] | dict[str, "Json"]


@dataclass(frozen=True, slots=True)
class Ticket:
    """The current row; always equal to what its events rebuild (`lifecycle.rebuild`).

    Args:
        version: number of events so far; a change names the version it was made from.
        round: 1, and one more for each 重办.
        title: at most 30 characters.
        name_mask: 王**; "" when unknown or anonymous. `phone_mask`: 138****8000 likewise.
        sign_due: until when a department must take it.
        due_at: until when the caller must have the answer of this round.
        paused_at: the clock stands still since then (returned, nobody owns it).
        extended: the one extension of this round is used up.
        urged: how often the caller pressed.
        reply: last answer to the caller; "" before.
        rating: 1-5, None before.
    """

    ticket_no: TicketNo
    state: State
    version: int
    appeal_type: AppealType
    title: str
    content: str
    channel: str
    urgency: Urgency
    department: DepartmentName | None
    address: str
    district: str
    occurred: str
    object: str
    name_mask: str
    phone_mask: str
    confidential: bool
    anonymous: bool
    want_reply: bool
    call_id: CallId | None
    origin_hotline: str
    articles: tuple[ArticleId, ...]
    evidence: tuple[tuple[str, str], ...]
    callback_only: bool
    accepted_at: datetime
    sign_due: datetime
    due_at: datetime
    round: int = 1
    paused_at: datetime | None = None
    extended: bool = False
    urged: int = 0
    reply: str = ""
    merge_parent: TicketNo | None = None
    rating: int | None = None


@dataclass(frozen=True, slots=True)
class Contact:
    """Who stands behind a ticket, in the clear; digits only.

    Args:
        phone: number to call back. `caller`: number the call came from; may be the same.
    """

    name: str = ""
    phone: str = ""
    caller: str = ""


class TicketAction(StrEnum):
    """Everything that can happen to a ticket."""

    ACCEPT = "accept"
    QUEUE = "queue"
    DISPATCH = "dispatch"
    SIGN = "sign"
    RETURN = "return"
    START = "start"
    EXTEND = "extend"
    REPLY = "reply"
    CLOSE = "close"
    CALL_BACK = "call_back"
    REDO = "redo"
    ARCHIVE = "archive"
    MERGE = "merge"
    CANCEL = "cancel"
    REJECT = "reject"
    URGE = "urge"
    SUPPLEMENT = "supplement"
    OBJECT = "object"
    RATE = "rate"


@dataclass(frozen=True, slots=True)
class Change:
    """One field of the row; values as `codec` writes them."""

    field: str
    before: Json
    after: Json


@dataclass(frozen=True, slots=True)
class TicketEvent:
    """One entry of the append-only history.

    Args:
        seq: 1, 2, 3 …; equals the version of the ticket after it.
        actor: ``caller``, ``bot``, or kind and name: ``seat:8001``, ``handler:lihua``.
        before: None at birth.
        reason: why, or the caller's words (supplement, objection); numbers masked.
    """

    ticket_no: TicketNo
    seq: int
    at: datetime
    actor: str
    action: TicketAction
    before: State | None
    after: State
    reason: str
    changes: tuple[Change, ...]
