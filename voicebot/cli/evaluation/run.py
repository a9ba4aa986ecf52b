"""One evaluation: clean, spoiled by homophones, spoken over the phone."""

import hashlib
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from rapidfuzz.distance import Levenshtein

from voicebot.calls.brain import Brain
from voicebot.cli.evaluation.errors import errors
from voicebot.cli.evaluation.figures import bars, figures
from voicebot.cli.evaluation.judging import Judge
from voicebot.cli.evaluation.labels import Item
from voicebot.cli.evaluation.noise import spoiled
from voicebot.cli.evaluation.places import letters
from voicebot.core.meaning import AppealType, Intent, Urgency
from voicebot.core.utterance import Expect
from voicebot.language.pinyin import syllables

SEED: Final = "voicebot eval"

Hear = Callable[[Sequence[str], Expect], Sequence[str]]
"""Texts, what is awaited → what is recognised of them."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What is run.

    Args:
        noises: shares of characters, 0-1, that homophones replace, a version each.
        hear: None leaves out the spoken version.
        sample: how many are spoken; None for all.
        kinds: of errors, see `errors.KINDS`.
        examples: errors of each kind that are shown; 0 for a set that may not be shown.
    """

    noises: Sequence[float] = ()
    hear: Hear | None = None
    sample: int | None = None
    kinds: Sequence[str] = ()
    examples: int = 0


def evaluate(brain: Brain, items: Sequence[Item], at: datetime, plan: Plan) -> dict[str, Any]:
    """{"n","labelled","unknown_labels","at","content","seconds","versions":{name: {**figures, "bars",
    "errors", "character_errors", "syllable_errors"}}}; `seconds` is without loading.

    With a sample, ``clean, as spoken`` are the same texts unspoiled.
    """
    began = time.perf_counter()
    judge = Judge(brain, at)
    versions: dict[str, Any] = {}

    def add(name: str, part: Sequence[Item], heard: Sequence[str], spoken: bool = False) -> None:
        outcomes = list(judge.all(zip(part, heard, strict=True)))
        told = figures(outcomes)
        told["bars"] = bars(told, spoken)
        told["errors"] = errors(outcomes, plan.kinds, plan.examples)
        if any(o.heard != o.item.text for o in outcomes):
            told |= error_rates([(o.item.text, o.heard) for o in outcomes])
        versions[name] = told

    texts = [item.text for item in items]
    add("clean", items, texts)
    for rate in plan.noises:
        add(f"noise {rate:.0%}", items, [spoiled(text, rate, SEED) for text in texts])
    if plan.hear is not None:
        part = sampled(items, plan.sample)
        heard = plan.hear([item.text for item in part], judge.expect)
        if len(part) < len(items):
            add("clean, as spoken", part, [item.text for item in part])
        add("spoken", part, heard, spoken=True)
    return {
        "n": len(items),
        "labelled": {
            "utterances": sum(item.articles is None for item in items),
            "questions": sum(bool(item.articles) for item in items),
            "unanswerable": sum(item.articles == () for item in items),
        },
        "unknown_labels": unknown_labels(items, brain),
        "at": at.isoformat(),
        "content": brain.version[:12],
        "seconds": round(time.perf_counter() - began, 1),
        "versions": versions,
    }


def unknown_labels(items: Sequence[Item], brain: Brain) -> dict[str, int]:
    """How many labels name what does not exist: nothing could ever equal them."""
    known = {
        "intent": {intent.value for intent in Intent},
        "appeal_type": {kind.value for kind in AppealType},
        "urgency": {urgency.value for urgency in Urgency},
        "department": {str(department.name) for department in brain.catalogue.departments},
        "article": {str(article) for article in brain.catalogue.articles},
    }
    used = {
        "intent": [label for i in items for label in (i.intent, i.secondary) if label],
        "appeal_type": [label for i in items for label in i.appeal_types or ()],
        "urgency": [i.urgency for i in items if i.urgency],
        "department": [label for i in items for label in i.departments or ()],
        "article": [label for i in items for label in i.articles or ()],
    }
    return {name: sum(label not in known[name] for label in labels) for name, labels in used.items()}


def sampled(items: Sequence[Item], n: int | None) -> list[Item]:
    """`n` of them, in their order; None for all. Always the same ones and part of every larger sample;
    what is added to a set replaces few of them."""

    def place(i: int) -> str:
        return hashlib.sha256(f"{SEED}\0{items[i].text}".encode()).hexdigest()

    chosen = sorted(sorted(range(len(items)), key=place)[:n])
    return [items[i] for i in chosen]


def error_rates(pairs: Sequence[tuple[str, str]]) -> dict[str, float]:
    """Shares of characters, and of toneless syllables, that are wrong, missing or too many; of what carries
    sound, numbers in digits."""
    said = [(letters(text), letters(heard)) for text, heard in pairs]
    return {
        "character_errors": _errors(said),
        "syllable_errors": _errors([(syllables(text), syllables(heard)) for text, heard in said]),
    }


def _errors(pairs: Sequence[tuple[Sequence[str], Sequence[str]]]) -> float:
    wrong = sum(Levenshtein.distance(said, heard) for said, heard in pairs)
    return round(wrong / max(1, sum(len(said) for said, _ in pairs)), 4)
