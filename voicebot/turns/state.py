"""What is known about who is speaking."""

from dataclasses import dataclass, field, replace
from enum import StrEnum

from voicebot.core.utterance import Expect, ExpectKind
from voicebot.turns.effects import StopSpeaking, TurnEffect
from voicebot.turns.events import Verdict
from voicebot.turns.loudness import Loudness
from voicebot.turns.options import TurnOptions


class Phase(StrEnum):
    QUIET = "quiet"
    ONSET = "onset"
    SPEECH = "speech"
    PAUSE = "pause"


@dataclass(frozen=True, slots=True)
class State:
    """Of one call; every step makes a new one.

    Args:
        speech: seconds of speech in this turn; `again`: speech inside the current pause.
        began, voice_at: first and last speech of the turn.
        stopping: we were told to be silent and have not reported it yet.
        melody: how surely it is that of a finished sentence.
        paused: longest silence so far inside one of the caller's sentences.
        over: this turn began while we spoke.
        aside: its words so far are only 嗯 or 好, or our own.
        first_words_at: when we first spoke.
        quiet_since: the no-input clock; None while it does not run.
        quiet_before: what it was when this turn began: noise that proves to be no turn does not set it back.
    """

    options: TurnOptions = field(default_factory=TurnOptions)
    expect: Expect = field(default_factory=lambda: Expect(ExpectKind.NOTHING))
    expecting: bool = False
    speaking: bool = False
    interruptible: bool = True
    stopping: bool = False
    ducked: bool = False
    over: bool = False
    probed: bool = False
    aside: bool = False
    first_words_at: float | None = None
    held: bool = False
    phase: Phase = Phase.QUIET
    began: float = 0.0
    voice_at: float = 0.0
    window_at: float | None = None
    speech: float = 0.0
    again: float = 0.0
    paused: float = 0.0
    revision: int = 0
    verdict: Verdict | None = None
    melody: float = 1.0
    quiet_since: float | None = None
    quiet_before: float | None = None
    no_inputs: int = 0
    keys: str = ""
    key_at: float = 0.0
    loudness: Loudness = field(default_factory=Loudness)


Step = tuple[State, tuple[TurnEffect, ...]]


def answered(state: State) -> State:
    """The caller gave input: whatever comes next is the dialogue's move."""
    return replace(
        state, expecting=False, verdict=None, quiet_since=None, no_inputs=0, stopping=state.speaking
    )


def silence_us(state: State) -> tuple[TurnEffect, ...]:
    """We are to be silent, unless we were told so already."""
    return (StopSpeaking(),) if state.speaking and not state.stopping else ()
