"""The purpose of an utterance: a log-linear decision over the cues of the lexicon.

Every group of words (and every feature computed here) supports or opposes intents by weights that
stand in `intents.yaml`; their sum goes through a softmax, so the result is a probability and each
decision can be explained by the words behind it.
"""

import math
import re
from collections.abc import Mapping, Sequence
from typing import Final

from voicebot.core.answer import ArticleHit
from voicebot.core.meaning import AppealType, Intent, Slot
from voicebot.core.utterance import Expect, ExpectKind
from voicebot.language.characters import is_hanzi
from voicebot.understanding.lexicon import Lexicon
from voicebot.understanding.matcher import Hit, Hits
from voicebot.understanding.purpose import Purpose
from voicebot.understanding.reading import Reading
from voicebot.understanding.routing import Topics

WHOLE: Final = 0.99
"""Share of the sounding words that a cue marked `whole` must fill (fillers aside)."""

LONG: Final = 12
SHORT: Final = 7
"""Up to so many units a mere noun is a question (公积金提取); a longer statement is a matter."""

QUESTIONS: Final = ("ask_polite", "ask_how", "ask_what", "ask_yes_no", "ask_who")
"""Cues of `intents.yaml` that make a sentence a question."""

NOT_A_MATTER: Final = (
    "status_",
    "human",
    "off_topic",
    "not_accepted",
    "elsewhere",
    "rate_",
    "small_",
    "frag",
)
"""Cues of an utterance that is no account of a new matter, however long it is."""

_WISH: Final = re.compile(
    r"(?:[嗯呃那个就是]*)(?:我|我们|我俩)?(?:现在|也|就|是)?(?:想|要|打算|准备)(?!不通|不明白|请你们|死)"
)
_WANTS: Final = re.compile(
    r"想(?:转|办|申请|把|查|开个?|领|取|提|停|包给|买|考|改|换|加|去|落|迁|评|续|退休|申领|报名)"
)
_INTERROGATIVE: Final = re.compile(
    r"(?:什么|啥|哪|谁|怎么)(?![也都])|赔几|几倍|(?<![好十这前近过有了])几(?:月|号|点|岁|级|折|成|路|个点|点钟|天|年|次|户)(?!了)|多少|怎么|怎样|咋|啥"
)
PARTICLES: Final = "啊呀哦噢哈嘛吧"
_HAS_OR_NOT: Final = re.compile(r"有.{1,6}没有$")
_A_NOT_A: Final = re.compile(r"([\u4e00-\u9fff])[不没]\1")
FLOOR: Final = 1e-3
OPEN_WEIGHTS = (1.0, 0.25)
"""How much the examples and the lexicon's words count for what a caller brings up; fitted by
tests/unit/understanding/fit_fusion.py."""
ASKED_WEIGHTS: Final = (0.3, 1.0)
"""The same for what answers a question of ours: examples are first sentences of a call."""
CLEAR_ARTICLE: Final = 0.35
NO_ARTICLE: Final = 0.2
DETAILS: Final = frozenset(
    {ExpectKind.ADDRESS, ExpectKind.PHONE, ExpectKind.TIME, ExpectKind.DATE, ExpectKind.NAME}
)


def find_purpose(
    lexicon: Lexicon,
    reading: Reading,
    hits: Hits,
    topics: Topics,
    slots: Mapping[str, Slot],
    articles: Sequence[ArticleHit],
    expect: Expect,
    learned: Mapping[Intent, float],
) -> Purpose:
    """Weighs everything; see the module's text.

    Args:
        learned: intent → probability by the examples; empty when nothing was learnt.
    """
    model = lexicon.intents
    scores: dict[str, float] = dict(model.base.items())
    evidence: dict[str, float] = {}
    fillers = {unit for hit in hits.get("reply/fillers", ()) for unit in range(hit.start, hit.end)}
    for cue in model.cues:
        found = _outside(hits.get(f"cue/{cue.name}", ()), hits.get(f"cue/{cue.not_in}", ()))
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
    return Purpose(_both(_softmax(scores, model.temperature), learned, expect), evidence)


def _both(
    told: Sequence[tuple[Intent, float]], learned: Mapping[Intent, float], expect: Expect
) -> tuple[tuple[Intent, float], ...]:
    """The purposes by the lexicon's words and by the examples, weighed together, best first."""
    known = sum(learned.get(intent, 0.0) for intent, _ in told)
    if known < FLOOR:
        return tuple(told)
    examples, words = OPEN_WEIGHTS if expect.open else ASKED_WEIGHTS
    scores = {
        intent: examples * math.log(learned.get(intent, 0.0) / known + FLOOR) + words * math.log(p + FLOOR)
        for intent, p in told
    }
    return _softmax(scores, 1.0)


def _outside(found: Sequence[Hit], others: Sequence[Hit]) -> Sequence[Hit]:
    """Hits that are no part of another cue (投诉 in 上周投诉的)."""
    clear = [o for o in others if o.strength >= 0.7]
    return [h for h in found if not any(o.start <= h.start and h.end <= o.end for o in clear)]


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
    trouble_said = bool(trouble or generic)
    asked = (
        question(reading)
        or (not trouble_said and _INTERROGATIVE.search(reading.chars))
        or any(evidence.get(name, 0.0) >= 0.5 for name in QUESTIONS)
    )
    found_article = knowledge >= CLEAR_ARTICLE and (asked or topics.known)
    elsewhere = any(evidence.get(name, 0.0) >= 0.5 for name in evidence if name.startswith(NOT_A_MATTER))
    size = len(reading)
    features = {
        "address": 1.0 if "address" in slots else 0.0,
        "trouble": trouble,
        "generic_trouble": 1.0 if generic else 0.0,
        "topic": topic,
        "topic_only": topic if not trouble_said and not ask and size <= SHORT else 0.0,
        "ask": ask,
        "question": 1.0 if asked else 0.0,
        "question_end": 1.0 if question(reading) else 0.0,
        "wish": 1.0 if _wishes(reading) and not trouble_said and "appeal" not in evidence else 0.0,
        "statement": 0.0 if asked or elsewhere else _statement(reading, known=_anything(hits)),
        "knowledge": knowledge * (0.4 if trouble_said and not asked else 1.0) if found_article else 0.0,
        "long": 1.0 if size >= LONG else 0.0,
        "nothing": max(0.2, 1.0 - size / 20) if not _anything(hits) else 0.0,
        "unknown_question": 1.0
        if asked and not topics.known and articles and knowledge < NO_ARTICLE
        else 0.0,
        "ticket_no": 1.0 if "ticket_no" in slots else 0.0,
        "expect_score": 1.0 if expect.kind is ExpectKind.SCORE and "score" in slots else 0.0,
        "expect_details": 1.0 if expect.kind in DETAILS and _answers(expect, slots) else 0.0,
    }
    return {name: value for name, value in features.items() if value}


def _statement(reading: Reading, *, known: bool) -> float:
    """How much the utterance is a plain account: long, and without a word that asks or wishes."""
    if len(set(reading.chars)) <= 4 or sum(map(is_hanzi, reading.chars)) * 2 < len(reading):
        return 0.0  # noise
    size = len(reading)
    if size <= SHORT or _wishes(reading):
        return 0.0
    return min(1.0, (size - SHORT) / 5) * (0.4 if _INTERROGATIVE.search(reading.chars) or not known else 1.0)


def _wishes(reading: Reading) -> bool:
    """The caller wants to do something: what follows is a question how."""
    return _WISH.match(reading.chars) is not None or _WANTS.search(reading.chars) is not None


def question(reading: Reading) -> bool:
    """The form of a question: a particle at the end, or 难不难, 有没有."""
    end = reading.chars.rstrip(PARTICLES)
    return (
        reading.plain.rstrip(" 。,，").endswith(("吗", "呢", "?", "么"))
        or (len(end) > 3 and (end.endswith(("不", "没", "吗", "呢")) or _HAS_OR_NOT.search(end) is not None))
        or _A_NOT_A.search(reading.chars) is not None
    )


def _anything(hits: Hits) -> bool:
    return any(found for group, found in hits.items() if group.startswith(("cue/", "topic/")))


def _answers(expect: Expect, slots: Mapping[str, Slot]) -> bool:
    wanted = {
        ExpectKind.ADDRESS: "address",
        ExpectKind.PHONE: "phone",
        ExpectKind.TIME: "time",
        ExpectKind.DATE: "time",
        ExpectKind.NAME: "name",
    }
    return wanted.get(expect.kind, "") in slots


def _softmax(
    scores: Mapping[Intent, float] | Mapping[str, float], temperature: float
) -> tuple[tuple[Intent, float], ...]:
    top = max(scores.values())
    powers = {name: math.exp((score - top) / temperature) for name, score in scores.items()}
    total = sum(powers.values())
    ranked = sorted(((Intent(name), power / total) for name, power in powers.items()), key=lambda p: -p[1])
    return tuple(ranked)
