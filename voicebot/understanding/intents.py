"""The purpose of an utterance: a log-linear decision over the cues of the lexicon.

Every group of words (and every feature computed here) supports or opposes intents by weights that
stand in `intents.yaml`; their sum goes through a softmax, so the result is a probability and each
decision can be explained by the words behind it.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from voicebot.core.answer import ArticleHit
from voicebot.core.meaning import AppealType, Intent, Slot
from voicebot.core.utterance import Expect, ExpectKind
from voicebot.understanding.lexicon import Lexicon
from voicebot.understanding.matcher import Hit, Hits
from voicebot.understanding.reading import Reading
from voicebot.understanding.routing import Topics

WHOLE: Final = 0.99
"""Share of the sounding words that a cue marked `whole` must fill (fillers aside)."""

LONG: Final = 12
CLEAR_ARTICLE: Final = 0.35
DETAILS: Final = frozenset({ExpectKind.ADDRESS, ExpectKind.PHONE, ExpectKind.TIME, ExpectKind.NAME})


@dataclass(frozen=True, slots=True)
class Purpose:
    """Probabilities of the intents, best first.

    Args:
        evidence: cue or feature → how strongly it was present.
    """

    ranked: tuple[tuple[Intent, float], ...]
    evidence: Mapping[str, float]

    @property
    def best(self) -> tuple[Intent, float]:
        return self.ranked[0]


def find_purpose(
    lexicon: Lexicon,
    reading: Reading,
    hits: Hits,
    topics: Topics,
    slots: Mapping[str, Slot],
    articles: Sequence[ArticleHit],
    expect: Expect,
) -> Purpose:
    """Weighs everything; see the module's text."""
    model = lexicon.intents
    scores: dict[str, float] = dict(model.base.items())
    evidence: dict[str, float] = {}
    fillers = {unit for hit in hits.get("reply/fillers", ()) for unit in range(hit.start, hit.end)}
    for cue in model.cues:
        found = hits.get(f"cue/{cue.name}", ())
        present = _whole(found, fillers, len(reading)) if cue.whole else _present(found)
        if present:
            evidence[cue.name] = present
            for name, weight in cue.weigh.items():
                scores[name] = scores.get(name, 0.0) + weight * present
    features = _features(reading, hits, topics, slots, articles, expect, evidence)
    for feature, present in features.items():
        evidence[feature] = present
        for name, weight in model.features.get(feature, {}).items():
            scores[name] = scores.get(name, 0.0) + weight * present
    return Purpose(_softmax(scores, model.temperature), evidence)


def _present(found: Sequence[Hit]) -> float:
    """Strength of the best hit; further hits in other places add a little."""
    if not found:
        return 0.0
    best = max(hit.strength for hit in found)
    places = {hit.start for hit in found if hit.strength >= 0.7}
    return best * math.sqrt(best) * (1.0 + 0.1 * min(2, max(0, len(places) - 1)))


def _whole(found: Sequence[Hit], fillers: set[int], size: int) -> float:
    """1 when the hits and the fillers are all there is."""
    units = {unit for hit in found if hit.strength >= 0.75 for unit in range(hit.start, hit.end)}
    return 1.0 if units and len(units | fillers) >= WHOLE * size else 0.0


def _features(
    reading: Reading,
    hits: Hits,
    topics: Topics,
    slots: Mapping[str, Slot],
    articles: Sequence[ArticleHit],
    expect: Expect,
    evidence: Mapping[str, float],
) -> dict[str, float]:
    generic = [h for kind in AppealType for h in hits.get(f"trouble/{kind}", ()) if h.strength >= 0.6]
    trouble = max((h.strength for h in topics.trouble), default=0.0)
    ask = max((h.strength for h in topics.ask), default=0.0)
    topic = min(1.0, max(topics.scores.values(), default=0.0) / 1.2)
    knowledge = max((a.score for a in articles), default=0.0)
    features = {
        "address": 1.0 if "address" in slots else 0.0,
        "trouble": trouble,
        "generic_trouble": 1.0 if generic else 0.0,
        "topic": topic,
        "topic_only": topic if not trouble and not generic and not ask else 0.0,
        "ask": ask,
        "question_end": 1.0 if reading.plain.rstrip("。,， ").endswith(("吗", "呢", "?", "么")) else 0.0,
        "knowledge": knowledge if knowledge >= CLEAR_ARTICLE else 0.0,
        "long": 1.0 if len(reading) >= LONG else 0.0,
        "nothing": 1.0 if not any(hits.get(g) for g in hits if g.startswith(("cue/", "topic/"))) else 0.0,
        "ticket_no": 1.0 if "ticket_no" in slots else 0.0,
        "expect_score": 1.0 if expect.kind is ExpectKind.SCORE and "score" in slots else 0.0,
        "expect_details": 1.0 if expect.kind in DETAILS and _answers(expect, slots) else 0.0,
    }
    return {name: value for name, value in features.items() if value}


def _answers(expect: Expect, slots: Mapping[str, Slot]) -> bool:
    wanted = {
        ExpectKind.ADDRESS: "address",
        ExpectKind.PHONE: "phone",
        ExpectKind.TIME: "time",
        ExpectKind.NAME: "name",
    }
    return wanted.get(expect.kind, "") in slots


def _softmax(scores: Mapping[str, float], temperature: float) -> tuple[tuple[Intent, float], ...]:
    top = max(scores.values())
    powers = {name: math.exp((score - top) / temperature) for name, score in scores.items()}
    total = sum(powers.values())
    ranked = sorted(((Intent(name), power / total) for name, power in powers.items()), key=lambda p: -p[1])
    return tuple(ranked)
