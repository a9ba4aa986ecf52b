"""A 工单 and what happened to it, as frozen values.

Neither holds a telephone number or a caller's name in the clear: those are in `Contact`, which
only a store keeps, sealed.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from voicebot.core.ids import ArticleId, CallId, DepartmentName, TicketNo
from voicebot.core.meaning import AppealType, Urgency
from voicebot.tickets.parts import Difficulty, Extension, Reference, Round, Supervision
from voicebot.tickets.rejection import RejectCode
from voicebot.tickets.state import State

TITLE_LENGTH: Final = 30

Json = str | int | float | bool | None | list["Json"] | dict[str, "Json"]


@dataclass(frozen=True, slots=True)
class Ticket:
    """The current row; always equal to what its events rebuild (`lifecycle.rebuild`).

    Fields with a default are left out of the first event while they have it, and rows of earlier
    releases lack the newer ones: a default is part of the stored data and never changes.

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
        rating: 1-5 for this round, None before. `rating_reason`: why it is low.
        solved: the caller's own word, None before.
        category: three levels, ``城市管理/市政设施/路灯``; "" when unknown.
        department: 主办; a suggestion until it is dispatched. `department_score`: how sure that
            suggestion was, 0-1, None when a person chose. `co_departments`: 协办.
        dispatches: how often it was sent to a unit in this round.
        designated: the unit was fixed by the hotline and may not return it.
        return_due: until when the unit may return it; later it counts as accepted. None: no limit.
        answer_since: when the time to answer began, later by all that the clock has stood still; None:
            with the round.
        close_due: until when an answered ticket must be closed; None: nobody watches that.
        return_ground: legal ground of the last return. `disputed`: that return awaits review.
        extension: a request for more time that awaits a decision.
        supervision: the 督办 in force.
        reject_code: why it was not accepted.
        merged_from: state in which it was merged, for undoing that.
        group: number of the 群诉 parent. `split_from`, `split_into`: 拆单, both ways.
        objection: the caller's words against a closure, awaiting review; "" when there are none.
        low_score: a bad rating, or a caller who says nothing was solved, awaits review.
        callbacks: attempts of a 回访 in this round. `called_back_at`: when the caller was reached.
        refs: the matter in other systems.
        rounds: earlier rounds, oldest first.
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
    category: str = ""
    co_departments: tuple[DepartmentName, ...] = ()
    department_score: float | None = None
    dispatches: int = 0
    designated: bool = False
    dispatched_at: datetime | None = None
    return_due: datetime | None = None
    signed_at: datetime | None = None
    replied_at: datetime | None = None
    closed_at: datetime | None = None
    extension: Extension | None = None
    supervision: Supervision | None = None
    difficult: Difficulty = Difficulty.NORMAL
    disputed: bool = False
    return_ground: str = ""
    reject_code: RejectCode | None = None
    merged_from: State | None = None
    group: TicketNo | None = None
    split_from: TicketNo | None = None
    split_into: tuple[TicketNo, ...] = ()
    solved: bool | None = None
    rating_reason: str = ""
    objection: str = ""
    low_score: bool = False
    callbacks: int = 0
    called_back_at: datetime | None = None
    refs: tuple[Reference, ...] = ()
    rounds: tuple[Round, ...] = ()
    close_due: datetime | None = None
    answer_since: datetime | None = None


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
    """Everything that can happen to a ticket; `rules.RULES` says when."""

    DRAFT = "draft"
    ACCEPT = "accept"
    ANSWER = "answer"
    REJECT = "reject"
    CORRECT = "correct"
    QUEUE = "queue"
    DISPATCH = "dispatch"
    DESIGNATE = "designate"
    ASSIGN = "assign"
    SIGN = "sign"
    RETURN = "return"
    UPHOLD = "uphold"
    START = "start"
    EXTEND = "extend"
    ASK_EXTENSION = "ask_extension"
    APPROVE_EXTENSION = "approve_extension"
    REFUSE_EXTENSION = "refuse_extension"
    REPLY = "reply"
    CLOSE = "close"
    CALL_BACK = "call_back"
    CALLED_BACK = "called_back"
    RATE = "rate"
    OBJECT = "object"
    KEEP = "keep"
    REDO = "redo"
    ARCHIVE = "archive"
    CANCEL = "cancel"
    URGE = "urge"
    SUPPLEMENT = "supplement"
    SUPERVISE = "supervise"
    FEED_BACK = "feed_back"
    RELEASE = "release"
    FLAG = "flag"
    MERGE = "merge"
    UNMERGE = "unmerge"
    GROUP = "group"
    UNGROUP = "ungroup"
    SPLIT = "split"
    LINK = "link"


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
