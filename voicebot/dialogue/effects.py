"""What a dialogue wants done. Carried out by `calls`, in order."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from voicebot.core.answer import Gap
from voicebot.core.demand import Demand, TicketRequest
from voicebot.core.handover import HandoverOutcome, HandoverReason
from voicebot.core.ids import MANDARIN, ArticleId, LanguageTag, QueueName, TicketNo
from voicebot.core.utterance import Expect


class Action(StrEnum):
    """What a reply does (a contract of `voicebot chat --jsonl` and of the call record)."""

    GREET = "greet"
    ASK = "ask"
    ANSWER = "answer"
    CONFIRM = "confirm"
    TICKET_CREATED = "ticket_created"
    TICKET_UPDATED = "ticket_updated"
    TICKET_STATUS = "ticket_status"
    TRANSFER_HUMAN = "transfer_human"
    TRANSFER_EMERGENCY = "transfer_emergency"
    CALLBACK = "callback"
    WAIT = "wait"
    REPAIR = "repair"
    DECLINE = "decline"
    RATE = "rate"
    CLOSE = "close"


WEIGHT: Final = (
    Action.TRANSFER_EMERGENCY,
    Action.CALLBACK,
    Action.TRANSFER_HUMAN,
    Action.TICKET_CREATED,
    Action.TICKET_UPDATED,
    Action.TICKET_STATUS,
    Action.ANSWER,
    Action.DECLINE,
    Action.RATE,
    Action.CONFIRM,
    Action.REPAIR,
    Action.GREET,
    Action.ASK,
    Action.CLOSE,
    Action.WAIT,
)
"""Which action names several prompts to one input: what was done outweighs what is asked next."""


@dataclass(frozen=True, slots=True)
class Say:
    """Speak `text` (as it is written; `speech` decides how it is read).

    Args:
        action: what this reply does; the last one of a step is recorded for the turn.
        article: the article it quotes, if any.
        ticket_no: the ticket it concerns, if any.
        interruptible: False only where an interruption would be unsafe or unlawful
            (the recording notice is interruptible too).
        language: of `text`.
    """

    text: str
    action: Action
    article: ArticleId | None = None
    ticket_no: TicketNo | None = None
    interruptible: bool = True
    language: LanguageTag = MANDARIN


@dataclass(frozen=True, slots=True)
class Listen:
    """After what was said, wait for the caller."""

    expect: Expect


@dataclass(frozen=True, slots=True)
class FileTicket:
    """Store a ticket; the result comes back as `TicketFiled` or `StepFailed`."""

    demand: Demand


@dataclass(frozen=True, slots=True)
class FindTickets:
    """Look for the caller's tickets; by number or its tail, or all open ones of `caller`."""

    ticket_no: str
    caller: str


@dataclass(frozen=True, slots=True)
class ChangeTicket:
    ticket_no: TicketNo
    request: TicketRequest
    text: str
    caller: str


@dataclass(frozen=True, slots=True)
class HandOver:
    """Give the call to a person once everything said before has been heard.

    Args:
        queue: whose seats, "" for nobody's.
        emergency: ``110``, ``119``, ``120`` or ``122``: do not wait for speech to end longer
            than the one safety line.
        language: which the person must speak.
        skill: which seats of the queue come first.
        number: another hotline or office to ring before the queue.
    """

    queue: QueueName
    reason: HandoverReason
    summary: str
    emergency: str | None = None
    language: LanguageTag = MANDARIN
    skill: str = ""
    number: str = ""


@dataclass(frozen=True, slots=True)
class LeaveQueue:
    """The caller does not wait for the person any more; the result comes back as `HandoverEnded`.

    Args:
        outcome: ``call_back``: to be rung, keeping the place; ``left``: nobody is wanted any more.
    """

    outcome: HandoverOutcome


@dataclass(frozen=True, slots=True)
class Notify:
    """Send a message to a target that the operator has configured.

    Args:
        step: ``flow.step``, for the record.
        phone: whom an SMS is for, "" for nobody.
        slots: (name, value) of what is sent along.
        waits: the dialogue waits for `Notified` or `StepFailed`; else nothing comes back.
    """

    target: str
    step: str
    phone: str
    text: str
    slots: tuple[tuple[str, str], ...]
    waits: bool


@dataclass(frozen=True, slots=True)
class Rate:
    """Store a satisfaction score 1 (very poor) to 5 for this call."""

    score: int


@dataclass(frozen=True, slots=True)
class NoteUnanswered:
    """Put a question on the list for the owner of the knowledge.

    Args:
        question: in the caller's words, without what tells who they are.
        article: the article that came nearest, or did not help; `score`: its probability, 0 without one.
    """

    question: str
    gap: Gap
    article: ArticleId | None = None
    score: float = 0.0


@dataclass(frozen=True, slots=True)
class SetPace:
    """Speaking rate from now on: 1.0 normal, 0.75-0.85 for a patient manner (longer waits are part of
    each `Expect`)."""

    rate: float


@dataclass(frozen=True, slots=True)
class EndCall:
    """Hang up once everything said before has been heard."""

    reason: str


Effect = (
    Say
    | Listen
    | FileTicket
    | FindTickets
    | ChangeTicket
    | HandOver
    | LeaveQueue
    | Notify
    | NoteUnanswered
    | Rate
    | SetPace
    | EndCall
)
