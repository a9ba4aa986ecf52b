"""Emergencies: a word is only a candidate, the sentence around it is the judge.

Every cue of a number gives a score by its level; what stands around it (negation, past, hypothesis,
a question about rules, a figure of speech, a complaint) strikes it out or weakens it. Recall comes
first where people die: what is left uncertain is asked back, never ignored.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from voicebot.core.meaning import Intent
from voicebot.core.utterance import Expect
from voicebot.understanding.matcher import GAP_MARK, Hit, Hits
from voicebot.understanding.reading import Reading

LEVELS: Final = {"suicide": 0.97, "certain": 0.93, "strong": 0.75, "weak": 0.4}
"""Score of a cue heard character by character, with nothing said for or against it."""

CERTAIN_AT: Final = 0.85
"""From here the lexicon's words are enough to transfer without asking back. The examples never are: what is
transferred at once must not change when somebody adds a sentence."""

HALF: Final = 0.5
"""Probability by the examples that confirms words which are certain by themselves."""

DOUBTED: Final = 0.84
"""The most that an emergency counts which is asked back about."""

CANDIDATE_AT: Final = 0.45
"""From here one short question is asked."""

FLOOR: Final = 1e-3
"""Keeps log-odds finite."""
WORDLESS: Final = 0.2
"""What a number is worth for which no word of the lexicon was heard, beside one whose words were."""

HYPERBOLE: Final = 0.45
HYPERBOLE_OF_SUICIDE: Final = 0.72
"""臭得要晕 is no faint; 逼得想跳楼 is asked back, never ignored."""

SUPPORT: Final = 0.1
"""What each further cue of the same number adds (two at most): two weak cues make a question."""

CLEAREST_NOISE: Final = 0.6
"""Sound-alikes weaker than this are noise."""

FAINT: Final = 0.4
"""Score of a faint cue with nothing else to support it: below the question."""

NUMBERS: Final = ("110", "119", "120", "122")
NEGATION_REACH: Final = {1: 0, 2: 3}
"""How many units may stand between a negation of one (没) or more characters (不是) and the cue."""
HYPOTHESIS_REACH: Final = 14


@dataclass(frozen=True, slots=True)
class Danger:
    """An emergency heard in an utterance.

    Args:
        score: probability that it is one, 0-1.
        certain: probable enough to transfer at once.
    """

    intent: Intent
    score: float
    certain: bool


WEIGHTS: Final[Mapping[str, float]] = MappingProxyType(
    {
        "bias": -0.71,
        "learned": 0.82,
        "words": 0.2,
        "knowledge": -1.54,
        "long": 3.04,
        "look_alikes": -0.68,
        "unreal": -1.06,
        "hypothesis": -0.83,
        "past": -1.88,
        "rules": -1.01,
        "recurring": -1.03,
        "urgent": 0.22,
        "question": -0.55,
        "question_end": -0.75,
        "wish": -0.89,
        "ask": -0.21,
        "trouble": -1.08,
        "statement": 0.42,
        "status_ticket": -1.04,
        "praise": -2.03,
        "appeal": 0.86,
        "since": -0.34,
    }
)
"""Log-odds of an emergency for each sign of it; fitted by tests/unit/understanding/fit_fusion.py on the
examples, each judged by what was learnt from the others."""

JUDGES_THAT_COUNT: Final = ("look_alikes", "unreal", "hypothesis", "past", "rules", "recurring", "urgent")
EVIDENCE_THAT_COUNTS: Final = (
    "question", "question_end", "wish", "ask", "trouble", "statement", "status_ticket", "praise", "appeal",
    "since",
)  # fmt: skip
LONG: Final = 30
"""Units from which an utterance is as long as any."""


def find_danger(
    reading: Reading,
    hits: Hits,
    learned: Mapping[Intent, float],
    evidence: Mapping[str, float],
    knowledge: float,
    expect: Expect,
) -> Danger | None:
    """The emergency of the utterance, or None.

    An answer to a question of ours needs a word of danger: the examples are first sentences of calls,
    and a bare place or number resembles those in which it was on fire.

    Args:
        learned: intent → probability by the examples; empty when they know nothing of it: words decide.
        evidence: of `find_purpose`, for and against a request for help.
        knowledge: probability of the best article: what is asked about danger is no danger.
    """
    words = words_of(reading, hits)
    if not expect.open and max(words.values()) == 0.0:
        return None
    signs = signs_of(reading, hits, words, learned, evidence, knowledge)
    odds = WEIGHTS["bias"] + sum(WEIGHTS[name] * value for name, value in signs.items())
    score = 1 / (1 + math.exp(-odds)) if learned else max(words.values())
    if score < CANDIDATE_AT:
        return None
    number = max(NUMBERS, key=lambda n: (learned.get(_intent(n), 0.0) + FLOOR) * (words[n] + WORDLESS))
    alike = sum(learned.get(_intent(each), 0.0) for each in NUMBERS) >= HALF
    certain = max(words.values()) >= CERTAIN_AT and (score >= CERTAIN_AT or alike)
    sure = min(0.995, max(score, CERTAIN_AT))
    return Danger(_intent(number), sure if certain else min(score, DOUBTED), certain)


def words_of(reading: Reading, hits: Hits) -> Mapping[str, float]:
    """Number → score of its best cue by the lexicon, 0-1."""
    context = _Context(reading, hits)
    return {
        number: max((score for _, score in _scored(context, hits, number)), default=0.0) for number in NUMBERS
    }


def signs_of(
    reading: Reading,
    hits: Hits,
    words: Mapping[str, float],
    learned: Mapping[Intent, float],
    evidence: Mapping[str, float],
    knowledge: float,
) -> Mapping[str, float]:
    """What speaks for and against an emergency: names of `WEIGHTS` → amounts."""
    signs = {
        "learned": _odds(sum(learned.get(_intent(number), 0.0) for number in NUMBERS)),
        "words": _odds(max(words.values())),
        "knowledge": knowledge,
        "long": min(1.0, len(reading) / LONG),
    }
    for name in JUDGES_THAT_COUNT:
        signs[name] = 1.0 if _exact(hits, f"danger/{name}") else 0.0
    for name in EVIDENCE_THAT_COUNTS:
        signs[name] = min(1.0, evidence.get(name, 0.0))
    return signs


def _intent(number: str) -> Intent:
    return Intent(f"emergency_{number}")


def _odds(probability: float) -> float:
    return math.log((probability + FLOOR) / (1 - probability + FLOOR))


def _scored(context: "_Context", hits: Hits, number: str) -> Iterable[tuple[Hit, float]]:
    cues = [
        (hit, LEVELS[level])
        for level in LEVELS
        for hit in hits.get(f"danger/{number}/{level}", ())
        if hit.strength >= CLEAREST_NOISE and not context.figurative(hit)
    ]
    alive = [(hit, base * context.weight(hit, base)) for hit, base in cues]
    alive = [(hit, score) for hit, score in alive if score > 0]
    distinct = _distinct([hit for hit, _ in alive])
    for hit, score in alive:
        if distinct == 1 and _faint(hit) and not context.urgent(hit):
            score = min(score, FAINT)
        support = SUPPORT * min(2, distinct - 1) + (0.12 if context.urgent(hit) else 0.0)
        suicide = hit.group.endswith("/suicide")
        yield hit, min(0.995, score + support + (0.02 if suicide else 0.0))


def _faint(hit: Hit) -> bool:
    """A word of two characters known by its sound alone: too many words sound alike."""
    return not hit.exact and len(hit.phrase) == 2


def _distinct(hits: Sequence[Hit]) -> int:
    """How many cues stand in different places."""
    count, end = 0, -1
    for hit in sorted(hits, key=lambda h: (h.start, h.end)):
        if hit.start >= end:
            count, end = count + 1, hit.end
    return count


class _Context:
    """What is said around the cues of one utterance."""

    def __init__(self, reading: Reading, hits: Hits) -> None:
        self._reading = reading
        exact = {name: _exact(hits, f"danger/{name}") for name in _JUDGES}
        self._look_alikes = exact["look_alikes"]
        self._unreal = exact["unreal"]
        self._urgent = hits.get("danger/urgent", ())
        self._negations = _outside(exact["negations"], exact["negation_exceptions"])
        self._hypothesis = _outside(exact["hypothesis"], exact["hypothesis_exceptions"])
        self._past = exact["past"]
        self._now = _outside(exact["past_overridden"], [*exact["past"], *exact["past_overridden_exceptions"]])
        self._rules = exact["rules"]
        self._recurring = exact["recurring"]
        self._hyperbole = exact["hyperbole"]
        self._complaint = exact["complaint"]

    def figurative(self, hit: Hit) -> bool:
        """The cue lies within a phrase that means something else, or the topic is fiction or news."""
        split = GAP_MARK in hit.phrase
        return any(
            h.overlaps(hit)
            and (h.end - h.start >= hit.end - hit.start or (split and h.start < hit.end <= h.end))
            for h in self._look_alikes
        )

    def urgent(self, hit: Hit) -> bool:
        return any(not h.overlaps(hit) or h.end - h.start < hit.end - hit.start for h in self._urgent)

    def weight(self, hit: Hit, base: float) -> float:
        """Factor 0-1 for a cue; 0 strikes it out."""
        if self._negated(hit) or self._supposed(hit) or self._told() or self._over(hit):
            return 0.0
        factor = 0.5 + 0.5 * hit.strength
        pressing = self.urgent(hit)
        life = hit.group.endswith("/suicide")
        if self._rules and not pressing:
            factor *= 0.6 if life else 0.3
        elif any(h.start >= hit.start for h in self._rules):
            factor *= 0.95
        if self._complaint and not life:
            factor *= 0.85 if pressing else 0.35
        if any(h.end <= hit.start for h in self._hyperbole):
            factor *= HYPERBOLE_OF_SUICIDE if life else HYPERBOLE
        if any(not h.overlaps(hit) for h in self._recurring) and not life:
            factor *= 0.8 if pressing else 0.35
        return factor

    def _negated(self, hit: Hit) -> bool:
        for negation in self._negations:
            gap = hit.start - negation.end
            length = negation.end - negation.start
            reach = NEGATION_REACH[min(2, length)]
            if 0 <= gap <= reach and not self._break_between(negation.end, hit.start):
                return True
        return False

    def _break_between(self, start: int, end: int) -> bool:
        return any(start <= mark <= end for mark in self._reading.breaks)

    def _supposed(self, hit: Hit) -> bool:
        split = GAP_MARK in hit.phrase
        return any(
            hit.start - h.end <= HYPOTHESIS_REACH
            and (h.end <= hit.start or (split and hit.start < h.start and h.end < hit.end))
            for h in self._hypothesis
        )

    def _told(self) -> bool:
        """Fiction, news, a false alarm: said anywhere, it concerns the whole utterance."""
        return bool(self._unreal)

    def _over(self, hit: Hit) -> bool:
        past = [h for h in self._past if not h.overlaps(hit)]
        return bool(past) and (
            bool(self._rules) or not any(now.start > max(h.start for h in past) for now in self._now)
        )


_JUDGES: Final = (
    "look_alikes", "unreal", "negations", "negation_exceptions", "hypothesis", "hypothesis_exceptions",
    "past", "past_overridden", "past_overridden_exceptions", "rules", "recurring", "hyperbole", "complaint",
)  # fmt: skip


def _exact(hits: Hits, group: str) -> Sequence[Hit]:
    """Judges must be heard clearly: a sound-alike never strikes out a cry for help."""
    return [hit for hit in hits.get(group, ()) if hit.strength >= 0.7]


def _outside(hits: Sequence[Hit], exceptions: Sequence[Hit]) -> Sequence[Hit]:
    return [h for h in hits if not any(e.start <= h.start and h.end <= e.end for e in exceptions)]
