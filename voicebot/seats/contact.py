"""A call that wants a person, from its place in the queue to the end of the talk."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType

from voicebot.core.handover import HandoverReason
from voicebot.core.ids import MANDARIN, CallId, LanguageTag, QueueName, SeatId


class ContactState(StrEnum):
    WAITING = "waiting"
    OFFERED = "offered"
    """Rings at `Contact.seat` until `Contact.until`."""
    TAKEN = "taken"
    """A seat has accepted or talks."""
    DONE = "done"
    """The talk has ended."""
    LEFT = "left"
    """The caller hung up before anybody took the call; they are called back."""
    CALL_BACK = "call_back"
    """The caller chose to be rung, or has waited as long as anybody may."""
    ELSEWHERE = "elsewhere"
    """Given to another line (overflow, an emergency line, night)."""


OVER = frozenset({ContactState.DONE, ContactState.LEFT, ContactState.CALL_BACK, ContactState.ELSEWHERE})


class Party(StrEnum):
    """Who takes part in a talk, beside the caller."""

    SEAT = "seat"
    OUTSIDE = "outside"
    """An emergency line, a department, an interpreter."""
    MONITOR = "monitor"
    """监听: hears both, is heard by nobody."""
    WHISPER = "whisper"
    """耳语: hears both, is heard by the seat."""
    BARGE = "barge"
    """强插: one of the talk."""


@dataclass(frozen=True, slots=True)
class Leg:
    """One party of a running talk.

    Args:
        id: of the leg, unique in its talk. name: seat id, or the number or name that was rung.
        state: ``ringing``, ``talking``, ``held``.
    """

    id: str
    party: Party
    name: str
    state: str


@dataclass(frozen=True, slots=True)
class Talk:
    """What a talk looks like from outside, so that a page can show it after any reload.

    Args:
        held: the caller hears music. muted: the seat is not heard. recording: it is recorded now.
        released: the caller was sent to the seat's phone (REFER): nothing of the talk is heard here.
        dropped: sentences whose transcription was left out because the machine had better to do.
    """

    legs: tuple[Leg, ...] = ()
    held: bool = False
    muted: bool = False
    recording: bool = False
    released: bool = False
    dropped: int = 0


@dataclass(frozen=True, slots=True)
class SeatNote:
    """小结: how a seat ended its part, and what it wrote. Args: result: code, e.g. ``answered``."""

    seat: SeatId
    result: str
    text: str


@dataclass(frozen=True, slots=True)
class Contact:
    """One call in the queue or with a person.

    Args:
        queue: whose seats; a skill they must have. skill: a topic, language dialect … they should have.
        language: they must speak.
        emergency: ``110`` … or "". elder, enterprise: kinds of caller. repeat: calls of theirs lately.
        since: when it began to wait; kept over an offer that failed and a seat that vanished.
        front: it is served before all others of its urgency: its seat vanished, or it kept its place.
        seat: whom it is offered to or talks with. until: when that offer runs out.
        refused: seats that declined, did not answer or vanished: offered again last.
        caller: as it may be shown, masked. why: reason of the hand-over. summary: one sentence.
        slots: what the bot heard, name → words. line: the line process that has the call.
        talk: while there is one. notes: one of each seat that talked with the caller.
        version: grows by one with each change; 0 is not stored yet.
    """

    call_id: CallId
    queue: QueueName
    since: datetime
    state: ContactState = ContactState.WAITING
    skill: str = ""
    language: LanguageTag = MANDARIN
    emergency: str = ""
    elder: bool = False
    enterprise: bool = False
    repeat: int = 0
    front: bool = False
    seat: SeatId | None = None
    until: datetime | None = None
    taken_at: datetime | None = None
    ended_at: datetime | None = None
    refused: tuple[SeatId, ...] = ()
    caller: str = ""
    why: HandoverReason = HandoverReason.ASKED
    summary: str = ""
    slots: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    line: str = ""
    talk: Talk | None = None
    notes: tuple[SeatNote, ...] = ()
    version: int = 0
