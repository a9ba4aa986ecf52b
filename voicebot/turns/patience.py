"""How long a silence must last to end the caller's turn. The one policy; its table is in the tests."""

from typing import Final

from voicebot.core.utterance import Expect, TextVerdict
from voicebot.turns.options import TurnOptions

COMPLETE: Final = 0.7
"""A whole question or order."""
LIKELY: Final = 0.58
"""It answers what was asked; a place may get another part."""
TOLD: Final = 0.4
"""Something is told: people go on with what happened, since when, how bad."""
CERTAIN: Final = 0.9
"""Not even a dictated number can be longer."""


def patience(
    verdict: TextVerdict | None, melody: float, paused: float, expect: Expect, options: TurnOptions
) -> float:
    """Seconds of silence.

    Args:
        verdict: None while the text is not there; then the wait is that for a text that breaks off.
        melody: probability that it is that of a finished sentence; 1.0 when nobody asked.
        paused: longest silence the caller has made inside a sentence so far.
    """
    complete = verdict.completeness if verdict else 0.0
    if complete >= COMPLETE:
        base = options.quick if melody >= options.unfinished else options.normal
    elif complete >= LIKELY:
        base = options.likely
    elif complete >= TOLD:
        base = options.normal
    else:
        base = options.slow
    dictated = 0.0 if complete >= CERTAIN else options.dictation.get(expect.kind, 0.0)
    unhurried = options.unhurried if paused >= options.long_pause and complete < COMPLETE else 0.0
    return min(base + dictated + unhurried + expect.patience, options.longest_wait)
