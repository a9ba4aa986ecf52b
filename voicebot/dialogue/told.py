"""What the dialogue of a call was told and what it did: kept so that the call can be replayed.

One `Told` for each event that went into `step`. What was heard is kept as words, not as meaning: a replay
understands them anew. As text it is JSON, at most `LONGEST` characters a turn; whoever stores it must
seal it, for it holds what people said of themselves.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Self, assert_never

from pydantic import TypeAdapter

from voicebot.core.answer import Answer
from voicebot.core.errors import VoicebotError
from voicebot.core.ids import ArticleId
from voicebot.core.meaning import Intent
from voicebot.core.utterance import Utterance
from voicebot.dialogue.effects import Effect, EndCall, Listen, NoteUnanswered, Say
from voicebot.dialogue.events import (
    CallStarted,
    Event,
    HandoverEnded,
    Heard,
    Keyed,
    NoInput,
    Notified,
    PersonCame,
    Queued,
    StepFailed,
    TicketChanged,
    TicketFiled,
    TicketsFound,
)
from voicebot.dialogue.state import State

LONGEST: Final = 64_000
APART: Final = (Say, Listen, NoteUnanswered)
"""Effects that a record does not list among the others."""


@dataclass(frozen=True, slots=True)
class Said:
    """`Heard`, with what it was understood as then (`article`: that was answered with)."""

    utterance: Utterance
    intent: Intent
    article: ArticleId | None
    at: datetime


@dataclass(frozen=True, slots=True)
class Cut:
    """What followed in this turn was too long to be kept."""

    at: datetime


ToldEvent = (
    CallStarted
    | Said
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
    | Cut
)

KINDS: Final[Mapping[str, type[ToldEvent]]] = {
    kind.__name__: kind
    for kind in (
        CallStarted,
        Said,
        Keyed,
        NoInput,
        TicketFiled,
        TicketsFound,
        TicketChanged,
        Notified,
        Queued,
        PersonCame,
        HandoverEnded,
        StepFailed,
        Cut,
    )
}


@dataclass(frozen=True, slots=True)
class After:
    """Where the dialogue stood after an event, and what it did.

    Args:
        place: ``flow.step``.
        awaits: kind of answer that is awaited, see `ExpectKind`; "" when nothing is.
        slots: (name, value) of what the caller told.
        says: sentence by sentence.
        effects: all others but `Listen` and `NoteUnanswered` (it follows from the rest), as JSON objects with
            their class as ``kind``.
    """

    place: str
    awaits: str = ""
    slots: tuple[tuple[str, str], ...] = ()
    says: tuple[str, ...] = ()
    effects: tuple[Mapping[str, Any], ...] = ()

    @classmethod
    def of(cls, state: State, effects: Sequence[Effect]) -> Self:
        return cls(
            f"{state.flow}.{state.node}",
            state.expect.kind.value if state.expect else "",
            tuple(state.slot_values().items()),
            tuple(effect.text for effect in effects if isinstance(effect, Say)),
            tuple(_plain(effect) for effect in effects if not isinstance(effect, APART)),
        )

    @property
    def said(self) -> str:
        return "".join(self.says)

    @property
    def ends(self) -> bool:
        return any(effect["kind"] == EndCall.__name__ for effect in self.effects)


@dataclass(frozen=True, slots=True)
class Told:
    """One event, and what came of it."""

    event: ToldEvent
    after: After

    @classmethod
    def of(cls, event: Event, state: State, effects: Sequence[Effect]) -> Self:
        """Args: state, effects: what `step` led to."""
        match event:
            case Heard(utterance=utterance, meaning=meaning, answer=answer, at=at):
                article = answer.article if isinstance(answer, Answer) else None
                return cls(Said(utterance, meaning.intent, article, at), After.of(state, effects))
            case (
                CallStarted()
                | Keyed()
                | NoInput()
                | TicketFiled()
                | TicketsFound()
                | TicketChanged()
                | Notified()
                | Queued()
                | PersonCame()
                | HandoverEnded()
                | StepFailed()
            ):
                return cls(event, After.of(state, effects))
            case _:
                assert_never(event)


_ADAPTERS: dict[str, TypeAdapter[Any]] = {}


def _adapter(kind: type[Any]) -> TypeAdapter[Any]:
    """Made when first needed, and kept: classes of ours only."""
    if kind.__name__ not in _ADAPTERS:
        _ADAPTERS[kind.__name__] = TypeAdapter(kind)
    return _ADAPTERS[kind.__name__]


def _plain(value: object) -> dict[str, Any]:
    """As JSON, with its class as ``kind``."""
    kind = type(value)
    return {"kind": kind.__name__, **_adapter(kind).dump_python(value, mode="json")}


def encode(told: Sequence[Told]) -> str:
    """Empty for nothing. Half a character (a surrogate) becomes a question mark."""
    if not told:
        return ""
    rows, length = [], 0
    for one in told:
        row = json.dumps({"event": _plain(one.event), "after": _plain(one.after)}, ensure_ascii=False)
        length += len(row) + 1
        if length > LONGEST - 200:  # room for the row that says so
            cut = {"event": _plain(Cut(one.event.at)), "after": _plain(After(one.after.place))}
            rows.append(json.dumps(cut, ensure_ascii=False))
            break
        rows.append(row)
    return f"[{','.join(rows)}]".encode(errors="replace").decode()


def decode(text: str) -> tuple[Told, ...]:
    """Inverse of `encode`.

    Raises:
        VoicebotError: ``told.unreadable``: written by a version that knows other events.
    """
    try:
        return tuple(_told(row) for row in json.loads(text)) if text else ()
    except (ValueError, KeyError, TypeError) as error:  # a ValidationError is a ValueError
        message = "这通电话的记录读不出来（可能是别的版本写的），无法重放"
        raise VoicebotError("told.unreadable", message) from error


def _told(row: Mapping[str, Any]) -> Told:
    event, after = dict(row["event"]), dict(row["after"])
    kind = KINDS[event.pop("kind")]
    after.pop("kind")
    return Told(_adapter(kind).validate_python(event), _adapter(After).validate_python(after))
