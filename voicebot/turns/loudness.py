"""How loud everybody is on one call: the surroundings, the caller, and our own voice coming back.

All levels are dBFS (RMS) of a detector window; times are `Clock.monotonic()` seconds.
"""

from bisect import bisect_left, bisect_right
from dataclasses import dataclass, replace
from math import inf
from typing import Final

import numpy as np
import numpy.typing as npt

Levels = npt.NDArray[np.float64]

SILENT: Final = -96.0
KEPT: Final = 96
"""Windows (3 s) from which the surroundings are judged."""
LEAST: Final = 64
"""Windows (2 s) without which nothing is known of the surroundings: nobody speaks so long evenly."""
SPOKEN: Final = 64
"""Voiced windows (2 s) from which the caller's loudness is judged …"""
SPOKE: Final = 16
"""… and how many there must be."""
EVERY: Final = 8
"""Windows between two estimates."""
SENT_KEPT: Final = 2.4
"""Seconds of our own levels that are kept."""

ECHO_WINDOWS: Final = 40
"""Windows (1.3 s) that our voice and what comes in are compared over."""
LAGS: Final = np.arange(0.04, 0.52, 0.02)
"""Seconds that our voice may be on its way: jitter buffers and a mobile network both ways."""
ALIKE: Final = 0.8
"""Correlation of the two envelopes (dB) from which one is the echo of the other."""
LIVELY: Final = 3.0
"""dB by which what comes in must vary; a steady noise resembles anything."""
AGREE_DB: Final = 4.0
AGREE_LAG: Final = 0.045
"""How near two estimates of the echo must be to be one."""
AUDIBLE: Final = -55.0
SPREAD: Final = 0.06
"""Seconds around the lag in which our loudest counts: rooms ring, windows are 32 ms."""
TOLERANCE: Final = 5.0
"""dB by which an echo may be louder than expected."""


@dataclass(frozen=True, slots=True)
class Loudness:
    """State of the estimates; see the functions of this module.

    Args:
        heard: (time, level) of the last windows, `spoken` the levels of those in the present turn that
            may be the caller's.
        sent: (time, level) of our voice, in order.
        floor: level of the surroundings.
        caller: level of the caller's speech; None until something they said was understood.
        echo: gain (dB) and lag (s) of our voice coming back; None while unknown. A lag of None:
            nothing was ever heard of it, it is weaker than the gain.
        guess: the same, seen once; two that agree are believed.
    """

    heard: tuple[tuple[float, float], ...] = ()
    spoken: tuple[float, ...] = ()
    sent: tuple[tuple[float, float], ...] = ()
    floor: float = SILENT
    caller: float | None = None
    echo: tuple[float, float | None] | None = None
    guess: tuple[float, float] | None = None
    count: int = 0


def sent(loudness: Loudness, level: float, at: float) -> Loudness:
    """A piece of our voice went out."""
    kept = loudness.sent
    if kept and at - kept[0][0] > SENT_KEPT:
        kept = tuple(s for s in kept if at - s[0] <= SENT_KEPT - 0.5)  # now and then, not each time
    return replace(loudness, sent=(*kept, (at, level)))


def heard(loudness: Loudness, level: float, at: float) -> Loudness:
    """A window came in; every `EVERY` windows the estimates are renewed."""
    kept = (*loudness.heard[-KEPT + 1 :], (at, level))
    count = loudness.count + 1
    loudness = replace(loudness, heard=kept, count=count)
    if count % EVERY:
        return loudness
    if len(kept) >= LEAST:
        levels = sorted(each for _, each in kept)
        loudness = replace(loudness, floor=levels[len(levels) // 7])
    return _compared(loudness, at)


def voiced(loudness: Loudness, level: float) -> Loudness:
    """The window just heard may be the caller's speech."""
    return replace(loudness, spoken=(*loudness.spoken[-SPOKEN + 1 :], level))


def silent(loudness: Loudness) -> Loudness:
    """Nobody speaks any more: what follows is another turn."""
    return replace(loudness, spoken=()) if loudness.spoken else loudness


def understood(loudness: Loudness) -> Loudness:
    """The turn that ends here had words: it was the caller, and this is how loud they are."""
    spoken = loudness.spoken
    if len(spoken) < SPOKE:
        return loudness
    return replace(loudness, spoken=(), caller=sorted(spoken)[len(spoken) * 4 // 5])


def own_echo(loudness: Loudness, at: float, margin: float, memory: float) -> float:
    """The loudest that our own voice may be in a window that ends at `at`.

    Args:
        margin: dB by which it comes back weaker, as long as nothing is known of this call.
        memory: seconds after which it has come back by then.
    """
    gain, lag = loudness.echo or (-margin - TOLERANCE, None)
    first, last = (at - memory, at) if lag is None else (at - lag - SPREAD, at - lag + SPREAD)
    begin = bisect_left(loudness.sent, (first, -inf))
    near = loudness.sent[begin : bisect_right(loudness.sent, (last, inf))]
    return max((level for _, level in near), default=SILENT) + gain + TOLERANCE


def _compared(loudness: Loudness, at: float) -> Loudness:
    """Whether what came in lately is our own voice, how much weaker and how much later."""
    recent = loudness.heard[-ECHO_WINDOWS:]
    since = recent[0][0] - float(LAGS[-1])
    ours = [(when, level) for when, level in loudness.sent if when >= since]
    if len(recent) < ECHO_WINDOWS or len(ours) < ECHO_WINDOWS or at - ours[-1][0] > 0.1:
        return loudness
    times, levels = np.array(recent).T
    when, out = np.array(ours).T
    came = np.maximum(levels, AUDIBLE - 10)
    if float(np.std(came)) < LIVELY:
        return loudness if loudness.spoken else replace(loudness, echo=_weaker(loudness.echo, came, out))
    # one row for each lag; a gap in what we sent is our silence
    wanted = times - LAGS[:, None]
    index = np.searchsorted(when, wanted, side="right") - 1
    gone = np.where((index >= 0) & (wanted - when[index] < 0.05), out[index], SILENT)
    gone = np.maximum(gone, AUDIBLE - 10)
    alike = _alike(came, gone)
    best = int(np.argmax(alike))
    if alike[best] <= ALIKE:
        return replace(loudness, guess=None)
    loud = gone[best] >= np.median(gone[best])
    gain, lag = float(np.median((came - gone[best])[loud])), float(LAGS[best])
    found, guess = (min(gain, 0.0), lag), loudness.guess
    if guess is None or abs(found[0] - guess[0]) > AGREE_DB or abs(found[1] - guess[1]) > AGREE_LAG:
        return replace(loudness, guess=found)
    return replace(loudness, echo=found, guess=found)


def _alike(came: Levels, gone: Levels) -> Levels:
    """Correlation of `came` with each row of `gone`; 0 for rows that hardly vary."""
    came, gone = came - came.mean(), gone - gone.mean(axis=1, keepdims=True)
    spread = np.sqrt(np.mean(gone**2, axis=1))
    scale = np.maximum(spread, LIVELY) * np.std(came) * len(came)
    return np.where(spread < LIVELY, 0.0, gone @ came / scale)


def _weaker(echo: tuple[float, float | None] | None, came: Levels, out: Levels) -> tuple[float, float | None]:
    """We spoke and nothing came back: whatever the echo is, it is weaker than what was there."""
    bound = float(np.max(came) - np.percentile(out, 80))
    return (bound, None) if echo is None else (min(echo[0], bound), echo[1])
