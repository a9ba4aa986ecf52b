"""Which department: evidence of topics, directory words and ranked articles, top three with reasons."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final

from voicebot.core.answer import ArticleHit
from voicebot.core.ids import DepartmentName
from voicebot.core.meaning import AppealType, DepartmentGuess, Urgency
from voicebot.understanding.lexicon import Lexicon, TopicRoute
from voicebot.understanding.matcher import GAP_MARK, Hit, Hits

SHARES: Final = (1.0, 0.45, 0.3, 0.2)
"""What the lead and the departments it is confused with get of a topic's evidence."""

PARTS: Final = {"things": 1.0, "words": 1.0, "trouble": 1.6, "ask": 1.3}
DIRECTORY: Final = 0.5
ARTICLE: Final = 2.5
NAMED: Final = 3.0
"""Weight of a department called by its full name."""

OUTRIGHT: Final = (
    AppealType.PRAISE,
    AppealType.REPORT,
    AppealType.COMPLAINT,
    AppealType.SUGGESTION,
    AppealType.HELP,
)
"""Appeals that may be said outright, the one that decides first."""

EXAMPLES: Final = 2.5
"""Weight of what the examples say."""

LEAST_LEARNT: Final = 0.05
SURELY_ALIKE: Final = 0.5
"""Probability by the examples from which they decide the kind of appeal."""
NOTHING_LEARNT: Final[Mapping[DepartmentName, float]] = MappingProxyType({})

LEAST: Final = 0.25
"""Evidence below this names nobody."""

DOUBT: Final = 0.8
"""Evidence for "somebody else", so that little evidence gives a small probability."""


@dataclass(frozen=True, slots=True)
class Topics:
    """What the utterance is about.

    Args:
        scores: topic id → evidence.
        trouble: hits that tell of something to be done.
        ask: hits that ask about the topic.
        things: hits of things that can be the object of a demand.
        known: any hit at all.
    """

    scores: Mapping[str, float]
    trouble: Sequence[Hit] = field(default=())
    ask: Sequence[Hit] = field(default=())
    things: Sequence[Hit] = field(default=())

    @property
    def known(self) -> bool:
        return bool(self.scores)


def find_topics(lexicon: Lexicon, hits: Hits) -> Topics:
    """Evidence for each topic; where words overlap the longer one counts."""
    found: list[tuple[str, str, Hit]] = []
    for topic in lexicon.topics:
        for part in PARTS:
            found += [(topic, part, hit) for hit in hits.get(f"topic/{topic}/{part}", ())]
    kept = [item for item in found if not _covered(item, found)]
    scores: dict[str, float] = defaultdict(float)
    for topic in dict.fromkeys(topic for topic, _, _ in kept):  # a set has another order each run
        values = sorted((PARTS[p] * worth(h) for t, p, h in kept if t == topic), reverse=True)
        scores[topic] = sum(value * 0.5**i for i, value in enumerate(values[:5]))
    best = max(scores.values(), default=0.0)
    strong = {topic for topic, score in scores.items() if score >= 0.35 * best}

    def of(part: str) -> tuple[Hit, ...]:
        return tuple(h for t, p, h in kept if p == part and t in strong and h.strength >= 0.5)

    return Topics(dict(scores), of("trouble"), of("ask"), tuple(h for _, p, h in found if p == "things"))


def worth(hit: Hit) -> float:
    """Evidence of one hit: longer words and exact ones say more."""
    length = len(hit.phrase.replace(GAP_MARK, ""))
    size = {1: 0.35, 2: 0.8, 3: 1.2, 4: 1.5}.get(length, 1.7)
    return size * hit.strength**2


def _covered(item: tuple[str, str, Hit], others: Sequence[tuple[str, str, Hit]]) -> bool:
    """A plain word inside a longer word of another topic (通道 in 消防通道)."""
    topic, _part, hit = item
    if GAP_MARK in hit.phrase:
        return False
    size = hit.end - hit.start
    return any(
        t != topic
        and GAP_MARK not in h.phrase
        and h.end - h.start > size
        and h.start <= hit.start
        and hit.end <= h.end
        and h.strength >= hit.strength
        for t, p, h in others
    )


def route(
    lexicon: Lexicon,
    hits: Hits,
    topics: Topics,
    articles: Sequence[ArticleHit] = (),
    learned: Mapping[DepartmentName, float] = NOTHING_LEARNT,
) -> tuple[DepartmentGuess, ...]:
    """Up to three departments, best first; the scores are probabilities.

    Args:
        learned: department → probability by the examples.
    """
    scores: dict[DepartmentName, float] = defaultdict(float)
    reasons: dict[DepartmentName, str] = {}
    for topic, score in sorted(topics.scores.items(), key=lambda kv: -kv[1]):
        names = lexicon.topics[topic].departments
        for name, share in zip(names, SHARES, strict=False):
            scores[name] += score * share
            reasons.setdefault(name, f"事项：{topic}")
    for name, score in _directory(lexicon, hits):
        scores[name] += score
        reasons.setdefault(name, "职责目录")
    for article in articles[:3]:
        if article.department is not None and article.score > 0.3:
            scores[article.department] += ARTICLE * article.score**2
            reasons.setdefault(article.department, f"知识：{article.title}")
    for name, probability in learned.items():
        if probability >= LEAST_LEARNT:
            scores[name] += EXAMPLES * probability
            reasons.setdefault(name, "相似的来电")
    total = sum(scores.values()) + DOUBT
    best = sorted(((n, s) for n, s in scores.items() if s >= LEAST), key=lambda p: -p[1])[:3]
    return tuple(DepartmentGuess(name, round(score / total, 3), reasons[name]) for name, score in best)


def _directory(lexicon: Lexicon, hits: Hits) -> Iterable[tuple[DepartmentName, float]]:
    for department in lexicon.departments:
        best = 0.0
        for hit in hits.get(f"department/{department.name}", ()):
            named = hit.word == department.name and hit.strength > 0.8
            best = max(best, NAMED if named else DIRECTORY * worth(hit))
        if best:
            yield department.name, best


def lead(lexicon: Lexicon, topics: Topics) -> TopicRoute | None:
    """The topic with most evidence."""
    best = max(topics.scores.items(), key=lambda kv: kv[1], default=None)
    return lexicon.topics[best[0]] if best else None


def appeal_of(
    lexicon: Lexicon, hits: Hits, topics: Topics, learned: Mapping[AppealType, float]
) -> AppealType:
    """诉求类型 of something to be done: said outright, as in the examples, or by the kind of trouble."""
    said = [(kind, hit) for kind in OUTRIGHT for hit in hits.get(f"appeal/{kind}", ()) if hit.strength >= 0.6]
    if said:
        return said[0][0]
    alike = max(learned, key=lambda kind: learned[kind], default=None)
    if alike is not None and learned[alike] >= SURELY_ALIKE:
        return alike
    topic = lead(lexicon, topics)
    generic = {kind: hits.get(f"trouble/{kind}", ()) for kind in AppealType}
    if generic[AppealType.REPORT]:
        return AppealType.REPORT
    if topic is not None:
        upset = topic.appeal in (AppealType.HELP, AppealType.REPORT) and _conduct(hits)
        return AppealType.COMPLAINT if upset else topic.appeal
    return AppealType.COMPLAINT if generic[AppealType.COMPLAINT] else AppealType.HELP


def _conduct(hits: Hits) -> bool:
    """Somebody's conduct is complained of, not a thing that broke."""
    return any(hit.strength >= 0.7 for hit in hits.get("conduct", ()))


def urgency_of(lexicon: Lexicon, hits: Hits, topics: Topics, appeal: AppealType | None) -> Urgency:
    """How soon somebody must act; questions and praise never press."""
    if appeal in (AppealType.CONSULT, AppealType.PRAISE, AppealType.SUGGESTION, None):
        return Urgency.NORMAL
    if any(h.strength >= 0.8 for h in hits.get(f"urgency/{Urgency.CRITICAL}", ())):
        return Urgency.CRITICAL
    if any(h.strength >= 0.7 for h in hits.get(f"urgency/{Urgency.URGENT}", ())):
        return Urgency.URGENT
    topic = lead(lexicon, topics)
    return topic.urgency if topic is not None and topics.trouble else Urgency.NORMAL
