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
            ExpectKind.DATE: 0.1,
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
        quick, likely, normal, slow: silence that ends a turn whose text is a whole question or
            order, answers what was asked, tells something (more may come), breaks off. `slow` also
            bounds the wait for a text that does not come.
        unfinished: below this probability that its melody is that of a finished sentence, a whole
            question is waited on like something that is told; 0 never asks the melody.
        longest_wait: silence that ends any turn.
        long_pause: who has paused so long inside a sentence is given …
        unhurried: … so much longer to go on.
        duck, stop: speech needed over our voice to lower it, to stop it.
        probe: speech over our voice after which its words are looked at, where the recogniser has them
            at no cost (Vosk): words stop us at once.
        aside: speech needed to stop us when the words are only 嗯 or 好 so far.
        settle: seconds of our first words in which speech only lowers us: people greet back, and
            the echo of the line is being measured.
        noise_margin, noise_margin_on, noise_margin_over: speech is at least this much louder than the
            surroundings, in dB, to begin, to go on, and to begin while we speak.
        half_duplex: an echo of at least this gain in dB cannot be told from a caller: then only
            keys interrupt us.
        echo_margin: our own voice comes back at least this much weaker than it was sent, as long as
            the echo of the call has not been measured.
        echo_memory: how long after it was sent our voice may come back, likewise.
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
    quick: float = 0.4
    likely: float = 0.8
    normal: float = 1.2
    slow: float = 1.5
    unfinished: float = 0.0
    longest_wait: float = 2.0
    long_pause: float = 0.6
    unhurried: float = 0.3
    duck: float = 0.06
    probe: float = 0.16
    stop: float = 0.36
    aside: float = 0.45
    settle: float = 1.8
    noise_margin: float = 8.0
    noise_margin_on: float = 5.0
    noise_margin_over: float = 11.0
    half_duplex: float = -6.0
    echo_margin: float = 18.0
    echo_memory: float = 0.5
    echo_likeness: float = 0.7
    long: float = 30.0
    digit_gap: float = 3.0
    dictation: Mapping[ExpectKind, float] = field(default_factory=_dictation)
