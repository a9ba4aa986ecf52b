"""Keys, and what time alone brings."""

from dataclasses import replace

from voicebot.turns.effects import KeysEntered, NoInput
from voicebot.turns.events import Key
from voicebot.turns.state import State, Step, answered, silence_us


def deadline(state: State) -> float | None:
    """When to send a `Tick` at the latest; None when nothing is timed."""
    times = []
    if state.keys:
        times.append(state.key_at + state.options.digit_gap)
    if state.quiet_since is not None and state.expecting and not state.held:
        times.append(state.quiet_since + state.expect.no_input)
    return min(times, default=None)


def key(state: State, event: Key) -> Step:
    """A key was pressed: it silences us, alone or as part of a number."""
    silenced = silence_us(state)
    wanted = max(state.expect.digits, 1)
    finished = event.key == "#" and state.keys != ""
    keys = state.keys if finished else state.keys + event.key
    state = replace(answered(state), expecting=True)
    if finished or wanted == 1 or len(keys) >= wanted:
        return replace(state, keys="", expecting=False), (*silenced, KeysEntered(keys))
    return replace(state, keys=keys, key_at=event.at), silenced


def timers(state: State, at: float) -> Step:
    """What is due at `at`: a number that was not finished, or nothing said at all."""
    if state.keys and at - state.key_at >= state.options.digit_gap:
        return replace(state, keys="", expecting=False), (KeysEntered(state.keys),)
    silent = state.quiet_since is not None and state.expecting and not (state.held or state.speaking)
    if silent and state.quiet_since is not None and at - state.quiet_since >= state.expect.no_input:
        count = state.no_inputs + 1
        return replace(state, quiet_since=None, no_inputs=count), (NoInput(count),)
    return state, ()
