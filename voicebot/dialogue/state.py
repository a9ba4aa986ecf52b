"""Where a conversation stands: one small frozen value that can move to another process."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from typing import Final

from pydantic import TypeAdapter

from voicebot.core.answer import Answer
from voicebot.core.handover import HandoverReason, Place
from voicebot.core.ids import (
    MANDARIN,
    ArticleId,
    CallId,
    DepartmentName,
    FlowName,
    LanguageTag,
    QueueName,
    TicketNo,
)
from voicebot.core.meaning import AppealType, DepartmentGuess, Intent, Urgency
from voicebot.core.utterance import Expect
from voicebot.dialogue.effects import Action
from voicebot.dialogue.manner import Manner

HIDDEN: Final = frozenset(
    {
        "question",
        "certain",
        "manner",
        "danger",
        "danger_words",
        "danger_denied",
        "request",
        "detail",
        "outage_told",
        "outage_register",
        "title",
        "status",
    }
    | {"due", "ticket_department", "reply", "tickets", "refusal"}
)
"""Slots for the flows' own use: neither on the desk's screen nor in `voicebot chat`."""


class Label(StrEnum):
    """The state as the call record and `voicebot chat` show it."""

    GREETING = "greeting"
    LISTENING = "listening"
    COLLECTING = "collecting"
    CONFIRMING = "confirming"
    WAITING = "waiting"
    CLOSING = "closing"
    ENDED = "ended"


class Waiting(StrEnum):
    """Which effect has not reported back yet."""

    NOTHING = ""
    TICKET = "ticket"
    SEARCH = "search"
    CHANGE = "change"
    PERSON = "person"
    NOTICE = "notice"


@dataclass(frozen=True, slots=True)
class Frame:
    """A step to enter when the flow above it ends.

    Args:
        call: the `call` step that waits for it, "" when that flow broke in.
    """

    flow: FlowName
    node: str
    call: str = ""


@dataclass(frozen=True, slots=True)
class Queueing:
    """What a caller who waits for a person comes back to: the `transfer` step, and all around it.

    Args:
        place: as it was told last.
    """

    base: FlowName
    flow: FlowName
    node: str
    stack: tuple[Frame, ...]
    place: Place


@dataclass(frozen=True, slots=True)
class Filled:
    """A slot with its evidence; `span` is empty for what did not come from the caller's mouth."""

    name: str
    value: str
    span: str = ""
    confidence: float = 1.0


@dataclass(frozen=True, slots=True)
class State:
    """Everything the dialogue knows about one call.

    Args:
        base: the flow the call began in; its anchors are home.
        stack: where to go on when this flow ends, innermost last.
        slots: in the order they were filled.
        said: last words of ours, for 再说一遍; `expect`: what we wait for.
        doubt: an answer that may not be meant; given once the caller has said so.
        focus: the answer given last; `unsure`: it may not have been what was asked. `asked`: the question
            it was for, without what tells who asks. `bundle`: the life event whose parts are told one after
            the other; `part`: how many were.
        terse: the caller wants it short.
        more: longer answer of the article in focus; `aspects`: its answers to follow-ups; `rest`:
            what a patient reading has left to read.
        misses: utterances in a row that led nowhere; `repairs`: all of them (chooses the variant).
        counters: name → how often.
        history: questions asked before, for 上一步; the newest last, at most 8.
        filed: the slots belong to a ticket already stored.
        guesses: who may be in charge of the matter, best first; dispatch wants more than `department`.
        manner: how we speak; `chosen`: the caller said so. `strains`, `stumbles`, `slow_turns`: what
            speaks for patience, see `manner`.
        queueing: a person is waited for, and meanwhile the dialogue goes on, with the waiting flow as `base`.
        outbound: we rang them. `heard`: they have said or keyed something.
        wanted: language the caller asked for; `language`: in which we speak, Mandarin where the flow
            has no other words.
    """

    base: FlowName
    flow: FlowName
    node: str
    stack: tuple[Frame, ...] = ()
    slots: tuple[Filled, ...] = ()
    waiting: Waiting = Waiting.NOTHING
    label: Label = Label.GREETING
    said: tuple[str, ...] = ()
    expect: Expect | None = None
    action: Action | None = None
    more: str = ""
    aspects: tuple[tuple[str, str], ...] = ()
    rest: tuple[str, ...] = ()
    article: ArticleId | None = None
    doubt: Answer | None = None
    focus: Answer | None = None
    unsure: bool = False
    asked: str = ""
    bundle: Answer | None = None
    part: int = 0
    terse: bool = False
    articles: tuple[ArticleId, ...] = ()
    ticket_no: TicketNo | None = None
    queue: QueueName | None = None
    queueing: Queueing | None = None
    reason: HandoverReason | None = None
    misses: int = 0
    repairs: int = 0
    counters: tuple[tuple[str, int], ...] = ()
    history: tuple[Frame, ...] = ()
    filed: bool = False
    manner: Manner = Manner.NORMAL
    chosen: bool = False
    strains: tuple[bool, ...] = ()
    stumbles: int = 0
    slow_turns: int = 0
    wanted: LanguageTag = MANDARIN
    language: LanguageTag = MANDARIN
    intent: Intent | None = None
    appeal_type: AppealType | None = None
    urgency: Urgency = Urgency.NORMAL
    department: DepartmentName | None = None
    guesses: tuple[DepartmentGuess, ...] = ()
    call_id: CallId | None = None
    caller: str = ""
    dialled: str = ""
    channel: str = "phone"
    overload: bool = False
    earlier: int = 0
    outbound: bool = False
    heard: bool = False

    def slot(self, name: str) -> str:
        """Value of a slot, "" when it is not filled."""
        return next((s.value for s in self.slots if s.name == name), "")

    def slot_values(self) -> Mapping[str, str]:
        """What the caller told, name → value, in the order it was filled."""
        return {s.name: s.value for s in self.slots if s.name not in HIDDEN}

    @property
    def home(self) -> FlowName:
        """The flow the call began in, also while the caller waits for a person."""
        return self.queueing.base if self.queueing else self.base

    @property
    def parts_left(self) -> tuple[Answer, ...]:
        """Parts of the bundle that were not told yet."""
        return self.bundle.parts[self.part :] if self.bundle else ()

    def count(self, name: str) -> int:
        return next((n for key, n in self.counters if key == name), 0)


@cache
def _adapter() -> TypeAdapter[State]:
    return TypeAdapter(State)


def to_json(state: State) -> str:
    """The state as one JSON object."""
    return _adapter().dump_json(state).decode()


def from_json(text: str) -> State:
    """Inverse of `to_json`.

    Raises:
        pydantic.ValidationError: not a state (a `ValueError`).
    """
    return _adapter().validate_json(text)
