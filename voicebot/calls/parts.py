"""What a call is made of; the same value serves every call of a process."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Protocol

from voicebot.calls.helper import Helper
from voicebot.calls.options import CallOptions
from voicebot.calls.ports import AudioIn, Journal, Melody, Notifier, Recogniser, SpeechDetector, Switchboard
from voicebot.core.audio import AudioChunk
from voicebot.core.clock import Clock
from voicebot.core.ids import CallId
from voicebot.operations.ticket_desk import TicketDesk
from voicebot.speech.ports import Synthesizer


class Recording(Protocol):
    """Sound of both sides kept as one file; bounded and never waited for."""

    @property
    def name(self) -> str:
        """File name, as stored with the call."""
        ...

    def caller(self, sound: AudioIn) -> None: ...

    def ours(self, chunk: AudioChunk, at: float) -> None:
        """What we sent, at the time the far end hears it."""
        ...

    async def close(self) -> None: ...


@dataclass(frozen=True, slots=True)
class CallParts:
    """Ports and options.

    Args:
        melody: judges sentences whose words are whole; None: their words decide.
        record: opens a recording of a call at its rate; None when recordings are off.
        notifier: None where no messages can be sent.
        earlier: how often a number has called lately; None where that is not known.
        helper: the language model; None where there is none, and everything is decided without.
    """

    recogniser: Recogniser
    detector: SpeechDetector
    synthesizer: Synthesizer
    desk: TicketDesk
    switchboard: Switchboard
    journal: Journal
    clock: Clock
    options: CallOptions = field(default_factory=CallOptions)
    melody: Melody | None = None
    record: Callable[[CallId, int], Recording] | None = None
    notifier: Notifier | None = None
    earlier: Callable[[str], Awaitable[int]] | None = None
    helper: Helper | None = None
