"""What is kept of a call, and how it is read back."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from voicebot.core.ids import CallId
from voicebot.dialogue.told import Told


@dataclass(frozen=True, slots=True)
class TurnRecord:
    """One turn of a call as stored. Times in seconds since the call began.

    Args:
        ended: last speech of the caller; `replied`: first sound of our reply.
        stages: name → ms (end_of_turn, recognise, understand, answer, synthesise …).
        heard: the part of `reply` the caller was given to hear.
    """

    index: int
    said: str
    confidence: float
    engine: str
    keys: str
    meaning: str
    action: str
    article: str | None
    ticket_no: str | None
    reply: str
    heard: str
    started: float
    ended: float
    replied: float
    interrupted: bool
    stages: tuple[tuple[str, float], ...] = ()


@dataclass(frozen=True, slots=True)
class CallView:
    """A stored call. `caller` is masked (138****8000); `ended` None while it runs.

    Args:
        content: label of the content the call began with (`Brain.version`), "" for calls of old.
        outbound: we rang `caller`.
    """

    call_id: CallId
    caller: str
    dialled: str
    channel: str
    flow: str
    started: datetime
    ended: datetime | None
    reason: str
    state: str
    score: int | None
    recording: str | None
    turns: tuple[TurnRecord, ...] = ()
    content: str = ""
    outbound: bool = False

    @property
    def tickets(self) -> tuple[str, ...]:
        """Numbers of the tickets that the call was about."""
        return tuple(dict.fromkeys(turn.ticket_no for turn in self.turns if turn.ticket_no))


class CallReader(Protocol):
    async def call(self, call_id: CallId) -> CallView | None:
        """With its turns."""
        ...

    async def calls(self, limit: int, before: str | None = None) -> Sequence[CallView]:
        """Newest first, without turns; `before` is a call id to page from."""
        ...


class CallMemory(Protocol):
    async def told(self, call_id: CallId) -> tuple[Told, ...]:
        """All that the dialogue of a call was told and did, in order; empty when nothing is kept of it
        (or nothing any more).

        Raises:
            VoicebotError: ``told.unreadable``.
        """
        ...

    async def replayable(self, limit: int) -> Sequence[CallId]:
        """Calls of which it is kept, ended ones only, newest first."""
        ...
