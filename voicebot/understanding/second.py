"""Two purposes in one breath: 路灯坏了你们修一下，顺便问问公交卡怎么办.

The utterance is cut where callers begin something new, at a word for it (顺便, 对了) or at a pause, and
what stands behind the cut is judged by the examples as if it were said alone.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from voicebot.core.meaning import Intent
from voicebot.understanding.learned import Judged, Learned
from voicebot.understanding.matcher import Hits
from voicebot.understanding.reading import Reading, part

SERVED: Final = (Intent.FAQ, Intent.TICKET, Intent.TICKET_STATUS, Intent.HUMAN)
"""Purposes that may come second in one breath."""

SHORTEST: Final = 4
"""Units of a part that can have a purpose of its own."""
MOST_CUTS: Final = 6
AT_A_JOINT: Final = (0.4, 0.4)
AT_A_PAUSE: Final = (0.85, 0.92)
"""Probabilities that the purposes before and behind the cut must have: a pause alone begins nothing new."""


@dataclass(frozen=True, slots=True)
class Both:
    """Two purposes of one utterance, in the order in which they were said."""

    first: Intent
    second: Intent


def two_purposes(reading: Reading, hits: Hits, learned: Learned, whole: Intent) -> Both | None:
    """The two purposes of an utterance, or None when it has one.

    Args:
        whole: what the utterance as a whole seems to be for: one of the two.
    """
    found, most = None, 0.0
    for cut, (least_before, least_behind) in list(_cuts(reading, hits))[:MOST_CUTS]:
        second, behind = _best(learned.of(part(reading, cut, len(reading))))
        if behind < max(least_behind, most) or second not in SERVED:
            continue
        first, before = _best(learned.of(part(reading, 0, cut)))
        if before >= least_before and first in SERVED and first is not second and whole in (first, second):
            found, most = Both(first, second), behind
    return found


def _best(judged: Judged) -> tuple[Intent, float]:
    purposes = judged.purposes()
    best = max(purposes, key=lambda each: purposes[each], default=Intent.UNCLEAR)
    return best, purposes.get(best, 0.0)


def _cuts(reading: Reading, hits: Hits) -> Iterator[tuple[int, tuple[float, float]]]:
    """Where something new may begin, and how probable both sides must be then; words for it first."""
    joints = {hit.start for hit in hits.get("joint", ()) if hit.strength >= 0.7}
    places = range(SHORTEST, len(reading) - SHORTEST + 1)
    yield from ((cut, AT_A_JOINT) for cut in sorted(joints) if cut in places)
    yield from ((cut, AT_A_PAUSE) for cut in sorted(reading.breaks - joints) if cut in places)
