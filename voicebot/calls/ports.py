"""What a call needs from the world."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Protocol

from voicebot.calls.records import TurnRecord as TurnRecord
from voicebot.core.audio import AudioChunk
from voicebot.core.handover import Handover, HandoverEnd, HandoverOutcome, Place
from voicebot.core.ids import CallId
from voicebot.core.utterance import Expect, Utterance
from voicebot.dialogue.effects import NoteUnanswered
from voicebot.dialogue.told import Told
from voicebot.operations.notices import Notice
from voicebot.operations.talk_lines import TalkLine
from voicebot.turns.events import Vad

# ── the line ────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class LineInfo:
    """Who calls, as the line knows it.

    Args:
        caller: digits, "" when withheld.
        dialled: digits the caller dialled, e.g. ``12345``.
        channel: ``phone``, ``web`` or ``text``.
        rate: samples per second both ways; 0 for a text line.
        outbound: we rang them: `caller` is whom we rang, `dialled` the number we show.
    """

    call_id: CallId
    caller: str
    dialled: str
    channel: str
    rate: int
    outbound: bool = False


@dataclass(frozen=True, slots=True)
class AudioIn:
    """Sound from the caller; `at` is `Clock.monotonic()` of its last sample."""

    chunk: AudioChunk
    at: float


@dataclass(frozen=True, slots=True)
class TextIn:
    """Typed words (text line, text box of the phone page)."""

    text: str


@dataclass(frozen=True, slots=True)
class DigitIn:
    """One key, ``0``-``9``, ``*``, ``#``."""

    key: str


@dataclass(frozen=True, slots=True)
class HeldIn:
    """The caller put us on hold (True) or came back (False)."""

    held: bool


@dataclass(frozen=True, slots=True)
class HungUp:
    """The line is gone; the last event of every line. `reason`: ``caller``, ``us``, ``rtp_timeout``,
    ``lost``, ``transferred``, ``error`` …"""

    reason: str


LineEvent = AudioIn | TextIn | DigitIn | HeldIn | HungUp


LEAD: Final = 0.06
"""Seconds of sound that may be ahead of the listener: a stall of the event loop up to this long
makes no gap, and an interruption is heard within it (findings.md)."""


class Line(Protocol):
    """One leg of a call. All methods belong to the event loop's thread.

    Contract (tests/contract/test_line.py): `events()` is consumed once and ends after `HungUp`;
    `send` returns when no more than `LEAD` seconds are ahead of the listener, so the caller of
    `send` is paced; after `flush` nothing sent before is heard any more; every method may be
    called after the line is gone and then does nothing.
    """

    @property
    def info(self) -> LineInfo: ...

    def events(self) -> AsyncIterator[LineEvent]: ...

    async def answer(self) -> None:
        """Accepts the call; sound flows from now on."""
        ...

    async def send(self, chunk: AudioChunk) -> None:
        """Queues sound at `info.rate`; chunks of 20-40 ms."""
        ...

    async def flush(self) -> None:
        """Forgets sound not yet heard, down to the native ring."""
        ...

    def played(self) -> int:
        """Samples of ours that the far end has been given to hear, since `answer`."""
        ...

    async def caption(self, who: str, text: str, final: bool) -> None:
        """Shows words (of ``caller``, ``bot`` or ``seat``) where the line has a screen; else nothing."""
        ...

    async def state(self, state: str) -> None:
        """Shows the call's state (listening, thinking, speaking, waiting, talking) likewise."""
        ...

    async def transfer(self, target: str, reference: str) -> bool:
        """Sends the far end elsewhere (REFER); False when this line cannot or it failed."""
        ...

    async def send_keys(self, keys: str) -> bool:
        """Presses keys (``0``-``9``, ``*``, ``#``) for the far end; False when this line cannot."""
        ...

    async def hang_up(self, reason: str) -> None: ...


class Unanswered(StrEnum):
    """Why nobody took an outgoing call (RFC 3261 §21.4)."""

    BUSY = "busy"
    NO_ANSWER = "no_answer"
    REFUSED = "refused"
    UNREACHABLE = "unreachable"
    FAILED = "failed"


class Outward(Protocol):
    """Rings people over the public network."""

    @property
    def open(self) -> bool:
        """There is a way out."""
        ...

    async def ring_out(self, number: str, timeout: float) -> Line | Unanswered:
        """Rings a person's number; an answered line whose `info` says `outbound`, or why there is none.

        Args:
            number: digits; what is no person's number (`core.ringing.may_ring`) is unreachable.
            timeout: seconds to let it ring.

        Raises:
            VoicebotError: ``sip.…``: something of ours failed.
        """
        ...


class Dialer(Protocol):
    """Makes outgoing legs (a seat, an emergency line)."""

    async def dial(
        self, target: str, reference: str, timeout: float, caller: str = ""
    ) -> Line | HandoverOutcome:
        """Rings `target`; an answered line, or why there is none.

        Args:
            target: SIP URI.
            reference: id of the call record, carried in a header (UUI), never text.
            timeout: seconds to let it ring.
            caller: number of whom the call is for, shown to an emergency line; "" shows ours.
        """
        ...


# ── ears ────────────────────────────────────────────────────────────────────────────────────


class DetectorStream(Protocol):
    def feed(self, chunk: AudioChunk, at: float) -> None: ...

    def close(self) -> None: ...


class SpeechDetector(Protocol):
    """One shared, batched detector for all calls."""

    def open(self, on_window: Callable[[Vad], None]) -> DetectorStream:
        """A stream of its own; `on_window` is called on the event loop for each window."""
        ...


class Melody(Protocol):
    """Hears from the melody of a sentence whether it is finished."""

    async def finished(self, turn: AudioChunk) -> float:
        """Probability, 0-1. Off the event loop; 1.0 when there is no time to find out.

        Args:
            turn: the turn so far, with the silence after it.
        """
        ...


class Hearing(Protocol):
    """Recognition of one call's current turn. Streaming engines work while they are fed; others
    keep the sound until `transcribe`."""

    @property
    def streaming(self) -> bool:
        """It works while it is fed, so that the words so far cost nothing, amid speech too."""
        ...

    def feed(self, chunk: AudioChunk) -> None:
        """Speech (with its pre-roll) of the current turn."""
        ...

    async def transcribe(self, expect: Expect, *, final: bool) -> Utterance:
        """Text of all fed since `restart`; a speculative job (`final` False) may be dropped by the
        engine in favour of final ones and may be cancelled at any time.

        Raises:
            VoicebotError: ``stt.lost`` (worker died), ``stt.busy``, ``stt.failed``; retryable.
        """
        ...

    def restart(self) -> None:
        """Forget the turn so far."""
        ...

    def close(self) -> None: ...


class Recogniser(Protocol):
    def open(self, call_id: CallId, rate: int) -> Hearing: ...

    def backlog(self) -> float:
        """Seconds of work that wait before a new utterance; admission looks at it."""
        ...


# ── people and records ──────────────────────────────────────────────────────────────────────


class WaitingRoom(Protocol):
    """What a call does for its caller until a person is there."""

    @property
    def sounding(self) -> bool:
        """The caller is given something to hear already: nobody else needs to play a ringing tone."""
        ...

    def news(self, place: Place) -> None:
        """Where the caller stands now; the call says so when it is time. From the first news on the caller
        hears soft music between the words."""
        ...

    def told(self) -> tuple[str, Mapping[str, str]]:
        """Summary and slots of the call as they stand now: more may be told while the caller waits."""
        ...

    async def person(self) -> None:
        """Somebody takes the call: returns when we are silent and the caller's sound goes to the talk."""
        ...

    def back(self) -> None:
        """That person is gone and another is sought: all is as it was before `person`."""
        ...

    def people(self, sound: AudioIn) -> None:
        """What all but the caller say to the caller during the talk, mixed: for the recording and whoever
        writes down what is said. Silence too, a frame every 20 ms."""
        ...

    @property
    def dropped(self) -> int:
        """Sentences of the talk that were not written down because the machine had better to do."""
        ...

    def record(self, on: bool) -> bool:
        """Pauses the recording of the call, or goes on with it; whether it is recorded now."""
        ...

    async def gone(self) -> HandoverOutcome:
        """Returns when the caller does not want to wait any more: `CALL_BACK`, or `LEFT`: nobody is to ring
        them either. The hand-over then ends with this outcome."""
        ...


class Switchboard(Protocol):
    """Brings a person to the call."""

    async def hand_over(
        self, handover: Handover, line: Line, audio: AsyncIterator[AudioIn], room: WaitingRoom
    ) -> HandoverEnd:
        """Rings or queues, joins and stays until the talk ends; `audio` is the caller's sound while there
        is a talk. Cancelled when the caller hangs up."""
        ...


class Notifier(Protocol):
    """Takes messages to other systems; they are sent whether or not the call is still there."""

    def give(self, notice: Notice) -> "asyncio.Future[str]":
        """The outcome is "" when the target has the message, else the code of the failure."""
        ...


class Journal(Protocol):
    """Writes what happened; each call is one transaction with its event."""

    async def opened(self, info: LineInfo, flow: str, content: str = "") -> None:
        """`content`: label of what the call is served with (`Brain.version`)."""
        ...

    async def turn(self, call_id: CallId, record: TurnRecord, told: tuple[Told, ...] = ()) -> None:
        """`told`: what the dialogue was told in this turn; nobody may read it in the store."""
        ...

    async def spoken(self, line: TalkLine) -> None:
        """What was said in a talk with a person; nobody may read it in the store."""
        ...

    async def rated(self, call_id: CallId, score: int) -> None: ...

    async def unanswered(self, call_id: CallId, noted: NoteUnanswered) -> None:
        """A question for the list of the owner (see `operations.unanswered`)."""
        ...

    async def closed(self, call_id: CallId, reason: str, state: str, recording: str | None) -> None: ...
