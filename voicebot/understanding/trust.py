"""How far recognised words are believed: one number for an utterance, by which all evidence is weighed.

A recogniser's confidence is no probability of anything that matters here; `trust_of` makes one of it: how
probably a detail that was recognised is what the caller said. With it

- agreeing characters count less, beside agreeing sounds (`matcher`),
- an article that was found is less probable (`doubted_hits`): it is asked back about before it is spoken,
- so are the meaning and its details (`doubted`): below the limits of the dialogue they are asked for again.

Typed words are trusted wholly, and nothing changes.
"""

from collections.abc import Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import Final

from voicebot.core.answer import ArticleHit
from voicebot.core.meaning import Meaning

LOST: Final = 0.33
"""Confidence of a recogniser up to which no detail is what was said."""
SURE: Final = 0.75
"""From here they are; recognisers that do not rate their words say more than this."""
WORDS: Final = 3
"""So many words carry a purpose or a topic, any of which is enough to tell it.

All three were fitted on sentences of the development sets, spoken by two voices over a telephone line with
noise 1-25 dB below them and heard by the shipped recogniser (docs/understanding.md)."""

CLOSED: Final = frozenset({"time", "score", "request", "confidential", "anonymous", "no_callback"})
"""Details that are said in a few known words: what is misheard seldom makes one of them, so they are
believed as a sentence is. Names, places and numbers are not: any other sounds as likely."""


def trust_of(confidence: float) -> float:
    """0-1 for the `Utterance.confidence` of a recognition."""
    return min(1.0, max(0.0, (confidence - LOST) / (SURE - LOST)))


def doubted_hits(hits: Sequence[ArticleHit], trust: float) -> Sequence[ArticleHit]:
    """The articles as probable as they are when the question may have been another one."""
    whole = _whole(trust)
    return hits if whole == 1 else [replace(hit, score=hit.score * whole) for hit in hits]


def doubted(meaning: Meaning, trust: float) -> Meaning:
    """What recognised words mean, as probable as it is that the caller means it.

    An emergency stays as certain as its words are: it is served or asked back about whatever its probability.
    """
    if trust == 1:
        return meaning
    whole = _whole(trust)
    guesses = (replace(guess, score=round(guess.score * whole, 3)) for guess in meaning.departments)
    slots = {
        name: replace(slot, confidence=round(slot.confidence * (whole if name in CLOSED else trust), 2))
        for name, slot in meaning.slots.items()
    }
    return replace(
        meaning,
        confidence=round(meaning.confidence * whole, 3),
        ranked=tuple((intent, round(each * whole, 3)) for intent, each in meaning.ranked),
        slots=MappingProxyType(slots),
        departments=tuple(guesses),
    )


def _whole(trust: float) -> float:
    """Trust in what the sentence says as a whole."""
    return float(1 - (1 - trust) ** WORDS)
