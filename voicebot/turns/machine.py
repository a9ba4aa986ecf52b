"""The turn machine: one state per call, fed with durations.

Sound never comes here, only how speech-like and how loud each window was, what we play ourselves
and what the text so far looks like. So every rule is a row of a table in tests/unit/turns.
"""

from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import assert_never

from voicebot.core.utterance import Expect, ExpectKind
from voicebot.turns import loudness
from voicebot.turns.effects import (
    DraftTurn,
    DropDraft,
    Duck,
    JudgeMelody,
    KeysEntered,
    NoInput,
    StopSpeaking,
    TurnBegan,
    TurnDiscarded,
    TurnEffect,
    TurnEnded,
)
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
from voicebot.turns.loudness import Loudness
from voicebot.turns.options import TurnOptions
from voicebot.turns.patience import COMPLETE, patience

WINDOW = 0.032
"""Seconds of a detector window; assumed for the first one."""

RESUMED = 0.06
"""Speech needed inside a pause before the draft is dropped (clicks cost a decode otherwise)."""

NOISE = 0.6
"""Speech shorter than this that gives no text is noise; longer is a caller we did not understand."""

ASSENT = 1.0
"""A backchannel beyond doubt."""

GOING_ON = 10.0
"""dB below the caller's own loudness at which a window still counts as their speech, in any noise."""


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


def step(state: State, event: TurnInput) -> Step:
    """The next state and what follows from it."""
    match event:
        case Vad():
            return _window(state, event)
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
            return _judged(replace(state, verdict=event, melody=1.0), event)
        case Verdict() if state.phase is Phase.SPEECH:
            return _probed(state, event)
        case Verdict():
            return state, ()
        case Melody(revision=revision, finished=finished):
            current = revision == state.revision and state.phase is Phase.PAUSE
            return (replace(state, melody=finished) if current else state), ()
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
    heard = loudness.heard(state.loudness, window.level, window.at)
    state = replace(state, window_at=window.at, loudness=heard)
    if state.held:
        return state, ()
    voiced = _voiced(state, window)
    if voiced:
        state = replace(state, loudness=loudness.voiced(heard, window.level))
    elif state.phase is Phase.QUIET:
        state = replace(state, loudness=loudness.silent(heard))
    match state.phase:
        case Phase.QUIET if voiced:
            fresh = replace(state, began=window.at - passed, speech=0.0)
            return _onset(fresh, window.at, passed)
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


def _voiced(state: State, window: Vad) -> bool:
    """The window is the caller's speech: the detector says so, and it is no echo and no background."""
    going_on = state.phase in (Phase.SPEECH, Phase.ONSET)
    options, loud = state.options, state.loudness
    if window.probability < (options.speech_off if going_on else options.speech_on):
        return False
    if window.level < loudness.own_echo(loud, window.at, options.echo_margin, options.echo_memory):
        return False
    if going_on and not state.speaking:
        least = loud.floor + options.noise_margin_on
    else:
        least = loud.floor + (options.noise_margin_over if state.speaking else options.noise_margin)
    if loud.caller is not None:
        least = min(least, loud.caller - GOING_ON)
    return window.level >= least


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
        over=state.speaking,
        probed=False,
        aside=False,
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
        if not state.probed and state.speech >= options.probe:
            state = replace(state, probed=True)
            effects.append(DraftTurn(state.revision))
        if state.speech >= (options.aside if state.aside else options.stop) and _may_stop(state, at):
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


def _may_stop(state: State, at: float) -> bool:
    """Not while our first words measure the line, nor where the caller cannot be told from our echo."""
    echo = state.loudness.echo
    if echo is not None and echo[0] >= state.options.half_duplex:
        return False
    return state.first_words_at is None or at - state.first_words_at >= state.options.settle


def _probed(state: State, heard: Verdict) -> Step:
    """What is being said over our voice so far: words stop us, the rest waits for more."""
    if not (state.speaking and state.interruptible) or state.stopping:
        return state, ()
    if heard.verdict.backchannel == ASSENT or _is_echo(state, heard):
        return replace(state, aside=True), ()
    words = not heard.text_is_empty and not heard.verdict.backchannel
    if words and _may_stop(state, heard.at):
        return replace(state, stopping=True), (StopSpeaking(),)
    return state, ()


def _is_echo(state: State, heard: Verdict) -> bool:
    return heard.verdict.echo_likeness >= state.options.echo_likeness


def _resumed(state: State, at: float, passed: float) -> Step:
    state = replace(state, again=state.again + passed)
    if state.again < RESUMED:
        return state, ()
    dropped = DropDraft(state.revision)
    state = replace(
        state,
        paused=max(state.paused, at - state.again - state.voice_at),
        phase=Phase.SPEECH,
        voice_at=at,
        speech=state.speech + state.again,
        again=0.0,
        revision=state.revision + 1,
        verdict=None,
    )
    after, effects = _speech(state, at)
    return after, (dropped, *effects)


def _judged(state: State, heard: Verdict) -> Step:
    """The words of a pause are known; where they are whole but silence is short, melody decides."""
    after, effects = _pause(state, heard.at)
    whole = heard.verdict.completeness >= COMPLETE and not heard.text_is_empty
    if after.phase is not Phase.PAUSE or not whole or not state.options.unfinished:
        return after, effects
    return after, (*effects, JudgeMelody(state.revision))


def _pause(state: State, at: float) -> Step:
    """Silence after speech: is the turn over?"""
    if state.again:
        return state, ()
    verdict = state.verdict
    over_our_voice = state.speaking and not state.stopping
    if verdict is not None:
        noise = verdict.text_is_empty and (state.speech < NOISE or state.over)
        aside = over_our_voice and verdict.verdict.completeness < 0.5
        backchannel = state.over and verdict.verdict.backchannel > 0
        if _is_echo(state, verdict) or noise or aside or backchannel:
            return _discard(state, at)
    elif over_our_voice:
        return state, ()
    if at - state.voice_at < _patience(state):
        return state, ()
    return _end(state)


def _patience(state: State) -> float:
    verdict = state.verdict.verdict if state.verdict else None
    return patience(verdict, state.melody, state.paused, state.expect, state.options)


def _end(state: State) -> Step:
    if state.verdict is not None and not state.verdict.text_is_empty:
        state = replace(state, loudness=loudness.understood(state.loudness))
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
