"""Handing a call to a person."""

from dataclasses import dataclass
from enum import StrEnum

from voicebot.core.ids import MANDARIN, CallId, LanguageTag, QueueName


class HandoverReason(StrEnum):
    ASKED = "asked"
    NOT_UNDERSTOOD = "not_understood"
    ANGRY = "angry"
    EMERGENCY = "emergency"
    NO_ANSWER_KNOWN = "no_answer_known"
    FAILURE = "failure"
    POLICY = "policy"


@dataclass(frozen=True, slots=True)
class Handover:
    """What the person who takes over must know before the first ring.

    Args:
        queue: which seats, "" for nobody's; `skill`: those of them to be rung first.
        number: another hotline or office to ring before the queue, "" for none.
        emergency: ``110``, ``119``, ``120`` or ``122`` when an emergency line is wanted.
        summary: one sentence for the whisper.
        slots: name → value, in the order they were filled.
        language: which the person must speak.
    """

    call_id: CallId
    queue: QueueName
    reason: HandoverReason
    summary: str
    emergency: str | None = None
    slots: tuple[tuple[str, str], ...] = ()
    language: LanguageTag = MANDARIN
    skill: str = ""
    number: str = ""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a caller stands in the queue.

    Args:
        ahead: callers who are served before. seconds: an honest estimate of the wait; None: not known.
    """

    ahead: int
    seconds: float | None


class HandoverOutcome(StrEnum):
    """How it ended; each has a next step for the caller."""

    COMPLETED = "completed"
    """The person took the call and it ended with them."""
    RETURNED = "returned"
    """The person hung up first or gave the caller back to us."""
    NO_ANSWER = "no_answer"
    BUSY = "busy"
    FAILED = "failed"
    CALL_BACK = "call_back"
    """The caller left the queue for a call back and keeps the place, or has waited as long as anybody may."""
    LEFT = "left"
    """The caller does not want a person any more; the call goes on, and nobody is to ring them."""
    UNAVAILABLE = "unavailable"
    """Nobody is configured or on duty."""


@dataclass(frozen=True, slots=True)
class HandoverEnd:
    """How a hand-over ended.

    Args:
        flow: where the person sent the caller back to, "" when nowhere in particular.
    """

    outcome: HandoverOutcome
    flow: str = ""
