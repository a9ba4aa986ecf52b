"""Whether an utterance leaves a doubt that a model may help with, and what its choice changes."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from voicebot.core.answer import ArticleHit
from voicebot.core.ids import MANDARIN
from voicebot.core.meaning import AppealType, Intent, Meaning, Mood, Slot
from voicebot.core.utterance import Expect, ExpectKind
from voicebot.understanding.purpose import led_by

if TYPE_CHECKING:
    from voicebot.understanding.assist.checks import Suggestion

UNSURE: Final = 0.6
"""Confidence below which the purpose is in doubt; what is chosen counts this much."""
LIKELY: Final = 0.15
"""Probability from which a purpose is a candidate, whatever else speaks for it."""
LEAST: Final = 0.25
"""Score from which an article is a candidate. Below it nothing is known, whatever a model says."""
SURE: Final = 0.75
"""Score from which the best article stands, unless a second one is close."""
CLOSE: Final = 0.75
"""Share of the best score from which the second article is close."""
MOST: Final = 3
"""Articles among which is chosen."""
SHORTEST: Final = 4
LONGEST: Final = 300
"""Characters of an utterance that a model is asked about."""

OPEN: Final = frozenset({ExpectKind.OPEN, ExpectKind.ADDRESS, ExpectKind.TIME})
MATTERS: Final = frozenset(
    {Intent.FAQ, Intent.TICKET, Intent.TICKET_STATUS, Intent.OUT_OF_SCOPE, Intent.UNCLEAR}
)
"""Purposes that may be doubted; an emergency is never asked about, nor ever among the candidates."""
DETAILS: Final = ("address", "time", "object")
"""Slots that words of the caller may fill. None that tells who calls."""


@dataclass(frozen=True, slots=True)
class Doubt:
    """What is not certain about an utterance.

    Args:
        intents: candidates, the deterministic one first, then the likelier ones; () when it is clear.
        likely: probability of each of `intents`, 0 where none is known.
        articles: candidates, best first; () when there is nothing to choose.
        slots: details that were not found.
    """

    text: str
    intents: tuple[Intent, ...] = ()
    articles: tuple[ArticleHit, ...] = ()
    slots: tuple[str, ...] = ()
    likely: tuple[float, ...] = ()


def find_doubt(text: str, meaning: Meaning, hits: Sequence[ArticleHit], expect: Expect) -> Doubt | None:
    """None for an utterance whose meaning is clear, and for one that must not wait.

    Args:
        hits: ranked articles, best first.
        expect: what the dialogue waited for; answers to closed questions are never in doubt here.
    """
    if not SHORTEST <= len(text.strip()) <= LONGEST or not _may_wait(meaning, expect):
        return None
    detail = expect.kind.value if expect.kind is not ExpectKind.OPEN else ""
    if detail:
        return Doubt(text, slots=(detail,)) if detail not in meaning.slots and _bare(meaning) else None
    intents = _intents(meaning, hits)
    asked = Intent.FAQ in (meaning.intent, meaning.secondary_intent, *intents)
    articles = _articles(hits) if asked else ()
    if not intents and not articles:
        return None
    told = Intent.TICKET in (meaning.intent, *intents)
    missing = tuple(name for name in DETAILS if told and name not in meaning.slots)
    known = dict(meaning.ranked)
    return Doubt(text, intents, articles, missing, tuple(known.get(intent, 0.0) for intent in intents))


def _may_wait(meaning: Meaning, expect: Expect) -> bool:
    said = meaning.command or meaning.language or meaning.mood is Mood.ANGRY
    closed = meaning.yes is not None or meaning.choice is not None
    second = meaning.secondary_intent
    danger = meaning.intent.emergency_number or (second and second.emergency_number)
    listening = expect.kind in OPEN and expect.language == MANDARIN
    return listening and not said and not closed and not danger


def _bare(meaning: Meaning) -> bool:
    """An answer, as far as one can tell, no new matter."""
    return meaning.intent in (Intent.TICKET, Intent.UNCLEAR)


def _intents(meaning: Meaning, hits: Sequence[ArticleHit]) -> tuple[Intent, ...]:
    """The purposes for which there is evidence; () when one of them stands out."""
    sure = meaning.confidence >= UNSURE and meaning.intent is not Intent.UNCLEAR
    if meaning.intent not in MATTERS or sure:
        return ()
    likely = dict(meaning.ranked)
    found = [intent for intent, p in meaning.ranked if intent in MATTERS and p >= LIKELY]
    if meaning.secondary_intent in MATTERS:
        found.append(meaning.secondary_intent)
    if hits and hits[0].score >= LEAST:
        found.append(Intent.FAQ)
    if meaning.departments or any(name in meaning.slots for name in DETAILS):
        found.append(Intent.TICKET)
    others = sorted({*found} - {meaning.intent}, key=lambda i: (-likely.get(i, 0.0), found.index(i)))
    return (meaning.intent, *others) if others else ()


def _articles(hits: Sequence[ArticleHit]) -> tuple[ArticleHit, ...]:
    if not hits or hits[0].score < LEAST:
        return ()
    second = hits[1].score if len(hits) > 1 else 0.0
    if hits[0].score >= SURE and second < max(LEAST, CLOSE * hits[0].score):
        return ()
    return tuple(hit for hit in hits[:MOST] if hit.score >= LEAST)


def apply(meaning: Meaning, doubt: Doubt, suggestion: "Suggestion") -> Meaning:
    """The meaning after the model's choice; only what was in doubt can change."""
    slots = dict(meaning.slots)
    for name, span in suggestion.slots.items():
        slots.setdefault(name, Slot(span, span, doubt.text.find(span), 0.5))
    changed = replace(meaning, slots=MappingProxyType(slots))
    intent = suggestion.intent
    if intent is None:
        return replace(changed, article=suggestion.article or changed.article)
    second = meaning.intent if intent is meaning.secondary_intent else meaning.secondary_intent
    asked = Intent.FAQ in (intent, second)
    appeal = meaning.appeal_type if intent is meaning.intent else None
    confidence = max(meaning.confidence, UNSURE) if intent is meaning.intent else UNSURE
    return replace(
        changed,
        intent=intent,
        confidence=confidence,
        ranked=led_by(intent, confidence, meaning.ranked),
        secondary_intent=None if second is Intent.UNCLEAR else second,
        appeal_type=AppealType.CONSULT if intent is Intent.FAQ else appeal,
        article=(suggestion.article or meaning.article) if asked else None,
    )
