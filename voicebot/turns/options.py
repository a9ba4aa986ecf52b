"""Tunables of turn-taking."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from voicebot.core.utterance import ExpectKind


def _dictation() -> Mapping[ExpectKind, float]:
    return MappingProxyType(
        {
            ExpectKind.ADDRESS: 0.25,
            ExpectKind.PHONE: 0.6,
            ExpectKind.DIGITS: 0.6,
            ExpectKind.NAME: 0.1,
            ExpectKind.TIME: 0.1,
        }
    )


@dataclass(frozen=True, slots=True)
class TurnOptions:
    """Durations in seconds, levels in dB.

    Args:
        speech_on, speech_off: probability from which a window counts as speech when silent, and
            below which it counts as silence when speaking.
        begin: speech needed before a turn begins (clicks are shorter).
        gap: silence inside the first syllables that does not void an onset.
        draft: silence after which the turn so far is drafted.
        quick, normal, slow: silence that ends a turn whose text is complete, half complete,
            breaks off. `slow` also bounds the wait for a text that does not come.
        duck, stop: speech needed over our voice to lower it, to stop it.
        echo_margin: our own voice comes back at least this much weaker than it was sent.
        echo_memory: how long after it was sent our voice may come back.
        echo_likeness: a text that is this much our own is no turn.
        long: longest turn; then it ends, whatever is said.
        digit_gap: wait for the next key of a number.
        dictation: extra silence allowed where people dictate.
    """

    speech_on: float = 0.5
    speech_off: float = 0.35
    begin: float = 0.09
    gap: float = 0.15
    draft: float = 0.2
    quick: float = 0.5
    normal: float = 0.8
    slow: float = 1.5
    duck: float = 0.09
    stop: float = 0.185
    echo_margin: float = 18.0
    echo_memory: float = 0.5
    echo_likeness: float = 0.7
    long: float = 30.0
    digit_gap: float = 3.0
    dictation: Mapping[ExpectKind, float] = field(default_factory=_dictation)
