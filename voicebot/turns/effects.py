"""What `turns` decides."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class TurnBegan:
    """The caller has begun to speak at `started`: keep the sound from there on."""

    started: float


@dataclass(frozen=True, slots=True)
class DraftTurn:
    """A pause: recognise and understand what was said so far, commit nothing."""

    revision: int


@dataclass(frozen=True, slots=True)
class JudgeMelody:
    """The words at `revision` are whole: does the melody say so too?"""

    revision: int


@dataclass(frozen=True, slots=True)
class DropDraft:
    """The caller went on: the draft of `revision` is void."""

    revision: int


@dataclass(frozen=True, slots=True)
class TurnEnded:
    """The turn is over; the draft of `revision` may be committed.

    Args:
        started: first speech.
        ended: last speech.
    """

    revision: int
    started: float
    ended: float


@dataclass(frozen=True, slots=True)
class TurnDiscarded:
    """What was heard was no turn (backchannel, echo, noise)."""

    revision: int


@dataclass(frozen=True, slots=True)
class Duck:
    """Lower (True) or restore (False) our voice."""

    on: bool


@dataclass(frozen=True, slots=True)
class StopSpeaking:
    """The caller takes the floor: be silent now."""


@dataclass(frozen=True, slots=True)
class KeysEntered:
    keys: str


@dataclass(frozen=True, slots=True)
class NoInput:
    """Silence where an answer was expected; `count` in a row, from 1."""

    count: int


TurnEffect = (
    TurnBegan
    | DraftTurn
    | JudgeMelody
    | DropDraft
    | TurnEnded
    | TurnDiscarded
    | Duck
    | StopSpeaking
    | KeysEntered
    | NoInput
)
