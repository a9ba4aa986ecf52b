"""What the caller's sound and words make of a turn: its beginning, its pauses, its end."""

from dataclasses import replace
from typing import assert_never

from voicebot.turns import loudness
from voicebot.turns.effects import (
    DraftTurn,
    DropDraft,
    Duck,
    JudgeMelody,
    StopSpeaking,
    TurnBegan,
    TurnDiscarded,
    TurnEffect,
    TurnEnded,
)
from voicebot.turns.events import Vad, Verdict
from voicebot.turns.loudness import Loudness
from voicebot.turns.patience import COMPLETE, patience
from voicebot.turns.state import Phase, State, Step, answered, silence_us
from voicebot.turns.timers import timers

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


def window(state: State, vad: Vad) -> Step:
    """A window of the caller's sound was judged."""
    passed = WINDOW if state.window_at is None else min(max(vad.at - state.window_at, 0.0), 0.1)
    loud = loudness.heard(state.loudness, vad.level, vad.at)
    voiced = not state.held and _voiced(state, loud, vad)
    if voiced:
        loud = loudness.voiced(loud, vad.level)
    elif state.phase is Phase.QUIET:
        loud = loudness.silent(loud)
    state = replace(state, window_at=vad.at, loudness=loud)
    if state.held:
        return state, ()
    match state.phase:
        case Phase.QUIET if voiced:
            fresh = replace(state, began=vad.at - passed, speech=0.0)
            return _onset(fresh, vad.at, passed)
        case Phase.QUIET:
            return timers(state, vad.at)
        case Phase.ONSET if voiced:
            return _onset(state, vad.at, passed)
        case Phase.ONSET if vad.at - state.voice_at > state.options.gap:
            return _louder(replace(state, phase=Phase.QUIET))
        case Phase.ONSET:
            return state, ()
        case Phase.SPEECH if voiced:
            return _speech(replace(state, voice_at=vad.at, speech=state.speech + passed), vad.at)
        case Phase.SPEECH:
            return _speech(state, vad.at)
        case Phase.PAUSE if voiced:
            return _resumed(state, vad.at, passed)
        case Phase.PAUSE:
            return _pause(replace(state, again=0.0), vad.at)
        case _:
            assert_never(state.phase)


def _voiced(state: State, loud: Loudness, vad: Vad) -> bool:
    """The window is the caller's speech: the detector says so, and it is no echo and no background."""
    going_on = state.phase in (Phase.SPEECH, Phase.ONSET)
    options = state.options
    if vad.probability < (options.speech_off if going_on else options.speech_on):
        return False
    if vad.level < loudness.own_echo(loud, vad.at, options.echo_margin, options.echo_memory):
        return False
    if going_on and not state.speaking:
        least = loud.floor + options.noise_margin_on
    else:
        least = loud.floor + (options.noise_margin_over if state.speaking else options.noise_margin)
    if loud.caller is not None:
        least = min(least, loud.caller - GOING_ON)
    return vad.level >= least


def _onset(state: State, at: float, passed: float) -> Step:
    state = replace(state, phase=Phase.ONSET, voice_at=at, speech=state.speech + passed)
    if state.speech < state.options.begin:
        return _softer(state)
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
    """In speech, with or without voice in this vad."""
    options = state.options
    state, ducked = _softer(state)
    effects: list[TurnEffect] = [*ducked]
    if state.speaking and state.interruptible and not state.stopping:
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
        state, loud = _louder(state)
        effects += (DraftTurn(state.revision), *loud)
    return state, tuple(effects)


def _softer(state: State) -> Step:
    """Enough of the caller's speech over our voice lowers it."""
    over = state.speaking and state.interruptible and not state.stopping
    if not over or state.ducked or state.speech < state.options.duck:
        return state, ()
    return replace(state, ducked=True), (Duck(True),)


def _louder(state: State) -> Step:
    """The caller is silent and has not stopped us: our voice is as loud as before."""
    if not state.ducked or state.stopping:
        return state, ()
    return replace(state, ducked=False), (Duck(False),)


def _may_stop(state: State, at: float) -> bool:
    """Not while our first words measure the line, nor where the caller cannot be told from our echo."""
    echo = state.loudness.echo
    if echo is not None and echo[0] >= state.options.half_duplex:
        return False
    return state.first_words_at is None or at - state.first_words_at >= state.options.settle


def probed(state: State, heard: Verdict) -> Step:
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


def judged(state: State, heard: Verdict) -> Step:
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
    return answered(replace(state, phase=Phase.QUIET)), (*silence_us(state), ended)


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
