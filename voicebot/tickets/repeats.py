"""Is this the matter of another ticket? A probability, with reasons for a dispatcher (domain.md §4, rule 7).

Two demands are compared in place, object, subject, words, sums and time, in characters and by ear. House,
building and plate numbers decide alone: 三栋 is not 五栋, however alike the rest is. The weights are
fitted on tests/eval/repeats (`python -m tests.unit.tickets.fit_repeats`, docs/evaluation.md).
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from voicebot.tickets.likeness import Compared, compare
from voicebot.tickets.matter import Matter

SAME_CALLER: Final = 0.7
"""Least score at which a demand is added to the caller's open ticket, and the caller told so."""
SAME_EVENT: Final = 0.76
"""Least score at which another caller's ticket is suggested as the same event (群诉)."""
_VETOED: Final = 0.02
"""Score of two demands that a number tells apart."""

WEIGHTS: Final[Mapping[str, float]] = MappingProxyType(
    {
        "bias": -2.64,
        "place": 1.41,
        "place_differs": -2.78,
        "place_other": -1.67,
        "district_differs": -0.21,
        "anchor": 0.03,
        "own": 0.32,
        "thing_differs": -0.68,
        "topic": 1.51,
        "topics_all": 0.01,
        "topic_setting": -1.49,
        "topic_differs": -2.59,
        "words": 3.91,
        "sum": 2.7,
        "gap": -3.14,
        "time_differs": -2.49,
        "back": 2.75,
    }
)


@dataclass(frozen=True, slots=True)
class Likeness:
    """How likely two demands are one matter.

    Args:
        score: probability, 0-1.
        reasons: what speaks for and against it, in Chinese.
    """

    score: float
    reasons: tuple[str, ...]


def likeness(a: Matter, b: Matter, own: bool = False) -> Likeness:
    """Compares two demands; the order does not matter.

    Args:
        own: both are told by one caller.
    """
    compared = compare(a, b, own)
    return Likeness(
        0.0 if compared is None else _score(compared), () if compared is None else compared.reasons
    )


def _score(compared: Compared) -> float:
    if compared.vetoed:
        return _VETOED
    odds = WEIGHTS["bias"] + sum(WEIGHTS[sign] * value for sign, value in compared.signs.items())
    return round(1 / (1 + math.exp(-odds)), 4)
