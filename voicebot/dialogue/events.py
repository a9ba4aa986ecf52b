"""What happens to a dialogue."""

from dataclasses import dataclass
from datetime import datetime

from voicebot.core.answer import Answer, NoAnswer
from voicebot.core.demand import TicketReceipt, TicketSummary
from voicebot.core.handover import HandoverOutcome, Place
from voicebot.core.ids import CallId
from voicebot.core.meaning import Meaning
from voicebot.core.utterance import Utterance


@dataclass(frozen=True, slots=True)
class CallStarted:
    """Caller and dialled number are digits as the line gave them; caller "" when withheld.

    Args:
        overload: there are more calls than can be served well.
        earlier: calls of this number in the last days, as far as they are known.
        outbound: we rang `caller`; `known`: slots (name, value) that the call begins with.
    """

    call_id: CallId
    caller: str
    dialled: str
    channel: str
    at: datetime
    overload: bool = False
    earlier: int = 0
    outbound: bool = False
    known: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Heard:
    """The caller ended a turn.

    Args:
        answer: what knowledge knows about it (looked up for every utterance that may need it).
        at: wall time in the city, for relative dates.
    """

    utterance: Utterance
    meaning: Meaning
    answer: Answer | NoAnswer
    at: datetime


@dataclass(frozen=True, slots=True)
class Keyed:
    """Keys pressed as one input (turns collects them)."""

    keys: str
    at: datetime


@dataclass(frozen=True, slots=True)
class NoInput:
    """The caller stayed silent; `count` in a row, from 1."""

    count: int
    at: datetime


@dataclass(frozen=True, slots=True)
class TicketFiled:
    receipt: TicketReceipt
    at: datetime


@dataclass(frozen=True, slots=True)
class TicketsFound:
    """Answer to `FindTickets`; empty when there is none the caller may hear about."""

    tickets: tuple[TicketSummary, ...]
    at: datetime


@dataclass(frozen=True, slots=True)
class TicketChanged:
    """Answer to `ChangeTicket`; `ticket` None when it was not possible (`reason`: Chinese)."""

    ticket: TicketSummary | None
    at: datetime
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Notified:
    """The target has taken the message of `Notify`."""

    at: datetime


@dataclass(frozen=True, slots=True)
class Queued:
    """The caller still waits for a person, and stands there now. Given when nobody speaks, at most every
    few seconds: where the dialogue waits, the caller is told (see `queueing`)."""

    place: Place
    at: datetime


@dataclass(frozen=True, slots=True)
class PersonCame:
    """A person takes the call: until `HandoverEnded` nothing is said and nothing is heard."""

    at: datetime


@dataclass(frozen=True, slots=True)
class HandoverEnded:
    """Args: flow: where the person sent the caller back to, "" for nowhere in particular."""

    outcome: HandoverOutcome
    at: datetime
    flow: str = ""


@dataclass(frozen=True, slots=True)
class StepFailed:
    """Something behind an effect failed (recognition lost, store unreachable …).

    Args:
        code: stable, e.g. ``stt.lost``, ``ticket.store``; chooses the sentence the caller hears.
    """

    code: str
    at: datetime


Event = (
    CallStarted
    | Heard
    | Keyed
    | NoInput
    | TicketFiled
    | TicketsFound
    | TicketChanged
    | Notified
    | Queued
    | PersonCame
    | HandoverEnded
    | StepFailed
)
