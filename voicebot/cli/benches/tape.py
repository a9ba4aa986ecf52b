"""Reads latencies off a tape: packets with their times of arrival."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

Heard = Sequence[tuple[float, bytes]]
"""(time of arrival, s16 sound) of each packet."""

VOICE: Final = -50.0
"""dBFS from which a packet holds our voice; between sentences we send digital silence."""
DUCKED: Final = 10.0
"""A packet this many dB below our level before the interruption is lowered, not just softer speech;
we lower by 14 dB."""
QUIET: Final = 0.4
"""Our silence must last so long to be a stop and not a pause of ours."""


def dbfs(pcm: bytes) -> float:
    """RMS level; -96 for silence."""
    samples = np.frombuffer(pcm, "<i2").astype(np.float64)
    power = float(np.mean(samples**2)) if len(samples) else 0.0
    return max(-96.0, 10 * float(np.log10(power / 32768**2))) if power > 0 else -96.0


def first_voice(heard: Heard, after: float) -> float | None:
    """Arrival of our first sound after that time."""
    return next((at for at, pcm in heard if at > after and dbfs(pcm) > VOICE), None)


def last_voice(heard: Heard) -> float | None:
    """Arrival of our last sound so far."""
    return next((at for at, pcm in reversed(heard) if dbfs(pcm) > VOICE), None)


@dataclass(frozen=True, slots=True)
class Yielding:
    """How we gave way, in seconds after the caller's onset; None where it did not happen."""

    duck: float | None
    stop: float | None


def yielding(heard: Heard, onset: float, within: float = 3.0) -> Yielding:
    """When our voice was lowered for good and when it ended, after an interruption at `onset`.

    `duck` is the first moment from which no packet is as loud as we spoke before.
    """
    before = [dbfs(pcm) for at, pcm in heard if onset - 1.0 < at <= onset]
    loud = [level for level in before if level > VOICE]
    after = [(at, dbfs(pcm)) for at, pcm in heard if onset < at <= onset + within]
    if not loud or not after:
        return Yielding(None, None)
    normal = float(np.percentile(loud, 75))
    stop = _end(after, VOICE, QUIET)
    until = stop if stop is not None else after[-1][0]
    loudest = [at for at, level in after if level > normal - DUCKED and at <= until]
    duck = (max(loudest) if loudest else onset) - onset
    return Yielding(duck, None if stop is None else stop - onset)


def _end(levels: Sequence[tuple[float, float]], threshold: float, lasting: float) -> float | None:
    """Arrival of the last loud packet before the first silence of at least that length."""
    last = levels[0][0]
    for at, level in levels:
        if level > threshold:
            last = at
        elif at - last >= lasting:
            return last
    return None


def quantile(values: Sequence[float], share: float) -> float | None:
    """In ms, rounded; None without values."""
    return round(float(np.quantile(values, share)) * 1000) if values else None
