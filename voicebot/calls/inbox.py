"""What reaches the conductor of one call."""

from dataclasses import dataclass

from voicebot.calls.ports import DigitIn, HeldIn, HungUp, TextIn
from voicebot.calls.waiting_room import PersonGone, PersonThere
from voicebot.core.errors import VoicebotError
from voicebot.core.utterance import Utterance
from voicebot.dialogue import events as dialogue
from voicebot.turns.events import Melody, Speaking, Tick, Vad


@dataclass(frozen=True, slots=True)
class Recognised:
    """The text of the turn so far at `revision`; `took` seconds."""

    revision: int
    utterance: Utterance
    took: float


@dataclass(frozen=True, slots=True)
class Unrecognised:
    """Recognition of `revision` failed; `final`: it was no mere draft."""

    revision: int
    error: VoicebotError
    final: bool


@dataclass(frozen=True, slots=True)
class Assisted:
    """The language model's reply to question `number`, after `took` seconds; `code`: why there is none."""

    number: int
    reply: str
    code: str
    took: float


@dataclass(frozen=True, slots=True)
class VoiceFailed:
    """A clause of ours could not be made."""

    error: VoicebotError


JobDone = (
    dialogue.TicketFiled
    | dialogue.TicketsFound
    | dialogue.TicketChanged
    | dialogue.Notified
    | dialogue.StepFailed
)
"""Results of what the dialogue asked the ticket desk for, and of messages it waits for."""

Message = (
    TextIn
    | DigitIn
    | HeldIn
    | HungUp
    | Vad
    | Melody
    | Tick
    | Speaking
    | Recognised
    | Unrecognised
    | Assisted
    | VoiceFailed
    | PersonThere
    | PersonGone
    | JobDone
    | dialogue.HandoverEnded
)
