"""The turn machine: one state per call, fed with durations.

Sound never comes here, only how speech-like and how loud each window was, what we play ourselves
and what the text so far looks like. So every rule is a row of a table in tests/unit/turns.
"""

from dataclasses import replace
from typing import assert_never

from voicebot.turns import loudness
from voicebot.turns.effects import DropDraft
from voicebot.turns.events import (
    Expecting,
    Held,
    Key,
    Melody,
    Sent,
    Speaking,
    Tick,
    TurnInput,
    Typed,
    Vad,
    Verdict,
)
from voicebot.turns.hearing import judged, probed, window
from voicebot.turns.state import Phase, State, Step, answered, silence_us
from voicebot.turns.timers import key, timers


def step(state: State, event: TurnInput) -> Step:
    """The next state and what follows from it."""
    match event:
        case Vad():
            return window(state, event)
        case Sent(level=level, at=at):
            return replace(state, loudness=loudness.sent(state.loudness, level, at)), ()
        case Speaking():
            return _speaking(state, event)
        case Expecting(expect=expect, at=at):
            since = None if state.speaking else at
            return replace(state, expect=expect, expecting=True, quiet_since=since), ()
        case Verdict(revision=revision) if revision != state.revision:
            return state, ()
        case Verdict() if state.phase is Phase.PAUSE:
            return judged(replace(state, verdict=event, melody=1.0), event)
        case Verdict() if state.phase is Phase.SPEECH:
            return probed(state, event)
        case Verdict():
            return state, ()
        case Melody(revision=revision, finished=finished):
            current = revision == state.revision and state.phase is Phase.PAUSE
            return (replace(state, melody=finished) if current else state), ()
        case Key():
            return key(state, event)
        case Typed():
            return answered(replace(state, phase=Phase.QUIET)), silence_us(state)
        case Held(on=on, at=at):
            quiet = replace(state, held=on, phase=Phase.QUIET, quiet_since=None if on else at)
            return quiet, ((DropDraft(state.revision),) if state.phase is Phase.PAUSE else ())
        case Tick(at=at):
            return timers(state, at)
        case _:
            assert_never(event)


def _speaking(state: State, event: Speaking) -> Step:
    if event.on:
        first = state.first_words_at if state.first_words_at is not None else event.at
        return replace(
            state,
            speaking=True,
            interruptible=event.interruptible,
            stopping=False,
            quiet_since=None,
            first_words_at=first,
        ), ()
    since = event.at if state.expecting and state.phase is Phase.QUIET else None
    return replace(state, speaking=False, stopping=False, ducked=False, quiet_since=since), ()
