"""诉求: what a caller wants done, as collected by the dialogue and stored as a ticket."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from voicebot.core.ids import ArticleId, CallId, DepartmentName, TicketNo
from voicebot.core.meaning import AppealType, DepartmentGuess, Urgency


@dataclass(frozen=True, slots=True)
class Demand:
    """Everything a ticket needs at birth; texts are the caller's words, not our summary of law.

    Args:
        title: at most 30 characters.
        content: third-person note of the demand, first person removed.
        address: place in the caller's words; may be empty when there is no place.
        occurred: time in the caller's words; may be empty.
        object: person or firm concerned (被反映对象); may be empty.
        phone: digits to call back; may be empty for anonymous callers.
        origin_hotline: number the caller dialled (12345, 12315 …).
        evidence: field → verbatim span of the transcript.
        callback_only: the caller waits for a person's call back; nothing else was asked.
        guesses: who may be in charge by the caller's words, best first; `department` may be none of them.
    """

    appeal_type: AppealType
    title: str
    content: str
    channel: str
    urgency: Urgency = Urgency.NORMAL
    department: DepartmentName | None = None
    address: str = ""
    district: str = ""
    occurred: str = ""
    object: str = ""
    caller_name: str = ""
    phone: str = ""
    confidential: bool = False
    anonymous: bool = False
    want_reply: bool = True
    call_id: CallId | None = None
    origin_hotline: str = "12345"
    articles: tuple[ArticleId, ...] = ()
    evidence: tuple[tuple[str, str], ...] = ()
    callback_only: bool = False
    guesses: tuple[DepartmentGuess, ...] = ()


@dataclass(frozen=True, slots=True)
class TicketReceipt:
    """Proof that a ticket is stored; only after this may its number be spoken.

    Args:
        certain: `due_at` was counted on a published calendar all the way.
    """

    ticket_no: TicketNo
    department: DepartmentName | None
    due_at: datetime
    appended: bool = False
    certain: bool = True


@dataclass(frozen=True, slots=True)
class TicketSummary:
    """What may be told to a caller about a ticket of theirs."""

    ticket_no: TicketNo
    title: str
    state: str
    department: DepartmentName | None
    due_at: datetime
    reply: str = ""


class TicketRequest(StrEnum):
    """What a caller may ask of an existing ticket."""

    STATUS = "status"
    URGE = "urge"
    SUPPLEMENT = "supplement"
    WITHDRAW = "withdraw"
    OBJECTION = "objection"
