"""The turn machine: one state per call, fed with durations.

Sound never comes here, only how speech-like and how loud each window was, what we play ourselves
and what the text so far looks like. So every rule is a row of a table in tests/unit/turns.
"""

from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import assert_never

from voicebot.core.utterance import Expect, ExpectKind
from voicebot.turns.effects import (
    DraftTurn,
    DropDraft,
    Duck,
    KeysEntered,
    NoInput,
    StopSpeaking,
    TurnBegan,
    TurnDiscarded,
    TurnEffect,
    TurnEnded,
)
from voicebot.turns.events import Expecting, Held, Key, Sent, Speaking, Tick, TurnInput, Typed, Vad, Verdict
from voicebot.turns.options import TurnOptions

WINDOW = 0.032
"""Seconds of a detector window; assumed for the first one."""

RESUMED = 0.06
"""Speech needed inside a pause before the draft is dropped (clicks cost a decode otherwise)."""

NOISE = 0.6
"""Speech shorter than this that gives no text is noise; longer is a caller we did not understand."""

COMPLETE = 0.7
HALF_COMPLETE = 0.4
CERTAIN = 0.9


class Phase(StrEnum):
    QUIET = "quiet"
    ONSET = "onset"
    SPEECH = "speech"
    PAUSE = "pause"


@dataclass(frozen=True, slots=True)
class State:
    """What is known about who is speaking.

    Args:
        speech: seconds of speech in this turn; `again`: speech inside the current pause.
        began, voice_at: first and last speech of the turn.
        stopping: we were told to be silent and have not reported it yet.
        quiet_since: the no-input clock; None while it does not run.
        quiet_before: what it was when this turn began: noise that proves to be no turn does not set it back.
        sent: (time, level) of our voice within the echo memory.
    """

    options: TurnOptions = field(default_factory=TurnOptions)
    expect: Expect = field(default_factory=lambda: Expect(ExpectKind.NOTHING))
    expecting: bool = False
    speaking: bool = False
    interruptible: bool = True
    stopping: bool = False
    ducked: bool = False
    held: bool = False
    phase: Phase = Phase.QUIET
    began: float = 0.0
    voice_at: float = 0.0
    window_at: float | None = None
    speech: float = 0.0
    again: float = 0.0
    revision: int = 0
    verdict: Verdict | None = None
    quiet_since: float | None = None
    quiet_before: float | None = None
    no_inputs: int = 0
    keys: str = ""
    key_at: float = 0.0
    sent: tuple[tuple[float, float], ...] = ()


Step = tuple[State, tuple[TurnEffect, ...]]


def step(state: State, event: TurnInput) -> Step:
    """The next state and what follows from it."""
    match event:
        case Vad():
            return _window(state, event)
        case Sent(level=level, at=at):
            kept = tuple(s for s in state.sent if at - s[0] <= state.options.echo_memory)
            return replace(state, sent=(*kept, (at, level))), ()
        case Speaking():
            return _speaking(state, event)
        case Expecting(expect=expect, at=at):
            since = None if state.speaking else at
            return replace(state, expect=expect, expecting=True, quiet_since=since), ()
        case Verdict(revision=revision):
            if revision != state.revision or state.phase is not Phase.PAUSE:
                return state, ()
            return _pause(replace(state, verdict=event), event.at)
        case Key():
            return _key(state, event)
        case Typed():
            return _heard(replace(state, phase=Phase.QUIET)), _silence_us(state)
        case Held(on=on, at=at):
            quiet = replace(state, held=on, phase=Phase.QUIET, quiet_since=None if on else at)
            return quiet, ((DropDraft(state.revision),) if state.phase is Phase.PAUSE else ())
        case Tick(at=at):
            return _timers(state, at)
        case _:
            assert_never(event)


def deadline(state: State) -> float | None:
    """When to send a `Tick` at the latest; None when nothing is timed."""
    times = []
    if state.keys:
        times.append(state.key_at + state.options.digit_gap)
    if state.quiet_since is not None and state.expecting and not state.held:
        times.append(state.quiet_since + state.expect.no_input)
    return min(times, default=None)


# ── speech ──────────────────────────────────────────────────────────────────────────────────


def _window(state: State, window: Vad) -> Step:
    passed = WINDOW if state.window_at is None else min(max(window.at - state.window_at, 0.0), 0.1)
    state = replace(state, window_at=window.at)
    if state.held:
        return state, ()
    voiced = window.probability >= _threshold(state) and not _may_be_echo(state, window)
    match state.phase:
        case Phase.QUIET if voiced:
            return _onset(replace(state, began=window.at - passed, speech=0.0), window.at, passed)
        case Phase.QUIET:
            return _timers(state, window.at)
        case Phase.ONSET if voiced:
            return _onset(state, window.at, passed)
        case Phase.ONSET:
            lost = window.at - state.voice_at > state.options.gap
            return (replace(state, phase=Phase.QUIET) if lost else state), ()
        case Phase.SPEECH if voiced:
            return _speech(replace(state, voice_at=window.at, speech=state.speech + passed), window.at)
        case Phase.SPEECH:
            return _speech(state, window.at)
        case Phase.PAUSE if voiced:
            return _resumed(state, window.at, passed)
        case Phase.PAUSE:
            return _pause(replace(state, again=0.0), window.at)
        case _:
            assert_never(state.phase)


def _threshold(state: State) -> float:
    going_on = state.phase in (Phase.SPEECH, Phase.ONSET)
    return state.options.speech_off if going_on else state.options.speech_on


def _may_be_echo(state: State, window: Vad) -> bool:
    """Quieter than our own voice, lately sent, may come back: then it says nothing."""
    recent = [level for at, level in state.sent if window.at - at <= state.options.echo_memory]
    return bool(recent) and window.level < max(recent) - state.options.echo_margin


def _onset(state: State, at: float, passed: float) -> Step:
    state = replace(state, phase=Phase.ONSET, voice_at=at, speech=state.speech + passed)
    if state.speech < state.options.begin:
        return state, ()
    state = replace(
        state,
        phase=Phase.SPEECH,
        revision=state.revision + 1,
        verdict=None,
        quiet_since=None,
        quiet_before=state.quiet_since,
    )
    after, effects = _speech(state, at)
    return after, (TurnBegan(state.began), *effects)


def _speech(state: State, at: float) -> Step:
    """In speech, with or without voice in this window."""
    effects: list[TurnEffect] = []
    options = state.options
    if state.speaking and state.interruptible and not state.stopping:
        if not state.ducked and state.speech >= options.duck:
            state = replace(state, ducked=True)
            effects.append(Duck(True))
        if state.speech >= options.stop:
            state = replace(state, stopping=True)
            effects.append(StopSpeaking())
    if at - state.began >= options.long:
        ended, more = _end(state)
        return ended, (*effects, *more)
    if at - state.voice_at >= options.draft:
        state = replace(state, phase=Phase.PAUSE, again=0.0, verdict=None)
        effects.append(DraftTurn(state.revision))
        if state.ducked and not state.stopping:
            state = replace(state, ducked=False)
            effects.append(Duck(False))
    return state, tuple(effects)


def _resumed(state: State, at: float, passed: float) -> Step:
    state = replace(state, again=state.again + passed)
    if state.again < RESUMED:
        return state, ()
    dropped = DropDraft(state.revision)
    state = replace(
        state,
        phase=Phase.SPEECH,
        voice_at=at,
        speech=state.speech + state.again,
        again=0.0,
        revision=state.revision + 1,
        verdict=None,
    )
    after, effects = _speech(state, at)
    return after, (dropped, *effects)


def _pause(state: State, at: float) -> Step:
    """Silence after speech: is the turn over?"""
    if state.again:
        return state, ()
    verdict, options = state.verdict, state.options
    over_our_voice = state.speaking and not state.stopping
    if verdict is not None:
        echo = verdict.verdict.echo_likeness >= options.echo_likeness
        noise = verdict.text_is_empty and (state.speech < NOISE or over_our_voice)
        aside = over_our_voice and verdict.verdict.completeness < 0.5
        if echo or noise or aside:
            return _discard(state, at)
    elif over_our_voice:
        return state, ()
    if at - state.voice_at < patience(state):
        return state, ()
    return _end(state)


def patience(state: State) -> float:
    """Silence that ends the turn, given what the text looks like."""
    options = state.options
    if state.verdict is None:
        base, complete = options.slow, 0.0
    else:
        complete = state.verdict.verdict.completeness
        if complete >= COMPLETE:
            base = options.quick
        elif complete >= HALF_COMPLETE:
            base = options.normal
        else:
            base = options.slow
    dictated = 0.0 if complete >= CERTAIN else options.dictation.get(state.expect.kind, 0.0)
    return base + dictated + state.expect.patience


def _end(state: State) -> Step:
    ended = TurnEnded(state.revision, state.began, state.voice_at)
    return _heard(replace(state, phase=Phase.QUIET)), (*_silence_us(state), ended)


def _discard(state: State, at: float) -> Step:
    discarded: list[TurnEffect] = [TurnDiscarded(state.revision)]
    if state.ducked:
        discarded.append(Duck(False))
    since = None
    if state.expecting and not state.speaking:
        since = at if state.quiet_before is None else state.quiet_before
    return replace(
        state, phase=Phase.QUIET, verdict=None, ducked=False, stopping=False, quiet_since=since
    ), tuple(discarded)


def _heard(state: State) -> State:
    """The caller gave input: whatever comes next is the dialogue's move."""
    return replace(
        state, expecting=False, verdict=None, quiet_since=None, no_inputs=0, stopping=state.speaking
    )


def _silence_us(state: State) -> tuple[TurnEffect, ...]:
    return (StopSpeaking(),) if state.speaking and not state.stopping else ()


# ── our own voice, keys, time ───────────────────────────────────────────────────────────────


def _speaking(state: State, event: Speaking) -> Step:
    if event.on:
        return replace(
            state, speaking=True, interruptible=event.interruptible, stopping=False, quiet_since=None
        ), ()
    since = event.at if state.expecting and state.phase is Phase.QUIET else None
    return replace(state, speaking=False, stopping=False, ducked=False, quiet_since=since), ()


def _key(state: State, event: Key) -> Step:
    silenced = _silence_us(state)
    wanted = max(state.expect.digits, 1)
    finished = event.key == "#" and state.keys != ""
    keys = state.keys if finished else state.keys + event.key
    state = replace(_heard(state), expecting=True)
    if finished or wanted == 1 or len(keys) >= wanted:
        return replace(state, keys="", expecting=False), (*silenced, KeysEntered(keys))
    return replace(state, keys=keys, key_at=event.at), silenced


def _timers(state: State, at: float) -> Step:
    if state.keys and at - state.key_at >= state.options.digit_gap:
        return replace(state, keys="", expecting=False), (KeysEntered(state.keys),)
    silent = state.quiet_since is not None and state.expecting and not (state.held or state.speaking)
    if silent and state.quiet_since is not None and at - state.quiet_since >= state.expect.no_input:
        count = state.no_inputs + 1
        return replace(state, quiet_since=None, no_inputs=count), (NoInput(count),)
    return state, ()
