"""What an utterance may be for, with probabilities."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from voicebot.core.meaning import Intent

Ranked = tuple[tuple[Intent, float], ...]

MOST: Final = 4
LEAST: Final = 0.05
"""How many purposes a meaning names at most, and how probable each is at least."""


@dataclass(frozen=True, slots=True)
class Purpose:
    """Probabilities of the intents, best first.

    Args:
        evidence: cue or feature → how strongly it was present.
    """

    ranked: Ranked
    evidence: Mapping[str, float]

    @property
    def best(self) -> tuple[Intent, float]:
        return self.ranked[0]


def led_by(intent: Intent, probability: float, ranked: Sequence[tuple[Intent, float]]) -> Ranked:
    """`intent` with `probability`, whatever it is in `ranked`, then the likeliest others: these share what
    is left, in the proportion that they have there."""
    others = [(each, p) for each, p in ranked if each is not intent]
    known = sum(p for _, p in others)
    share = (1 - probability) / known if known else 0.0
    likely = [(each, round(p * share, 3)) for each, p in others if p * share >= LEAST]
    return ((intent, round(probability, 3)), *likely[: MOST - 1])
