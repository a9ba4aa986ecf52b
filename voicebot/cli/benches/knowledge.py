"""`voicebot bench knowledge`: how soon articles load and are found, as they are and by the ten thousand."""

import random
import resource
import statistics
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any, Final, TypeVar

from voicebot.adapters.files.content import read_content
from voicebot.core.ids import ArticleId
from voicebot.knowledge import Article, Knowledge, KnowledgeLoader
from voicebot.knowledge.reading import Readings

DAY: Final = date(2026, 11, 24)
QUESTIONS: Final = 1000
VARIANTS: Final = 8

T = TypeVar("T")


class _Memory:
    """A shelf without a disk."""

    def __init__(self) -> None:
        self._kept: dict[str, bytes] = {}

    def get(self, key: str) -> bytes | None:
        return self._kept.get(key)

    def put(self, key: str, value: bytes) -> None:
        self._kept[key] = value


def measure(root: Path, count: int, seed: int) -> dict[str, Any]:
    """All on one core, by the CPU time of this process, so that other work does not count.

    Args:
        root: folder of the content.
        count: articles of the large knowledge base; each has a title and eight variants, mixed of the
            halves of shipped ones, and an id of its own.

    Raises:
        VoicebotError: the content is not valid.
    """
    content, shelf = read_content(root), _Memory()
    cold, knowledge = _timed(lambda: KnowledgeLoader(shelf).load(content.articles, content.examples))
    warm, _ = _timed(lambda: KnowledgeLoader(shelf).load(content.articles, content.examples))
    asked = [text for a in knowledge.articles.values() for text in a.questions]
    chance = random.Random(seed)
    shipped = {"articles": len(knowledge.articles), "load_cold_ms": cold, "load_kept_ms": warm}
    return {
        "shipped": shipped | _ranking(knowledge, chance.sample(asked, min(QUESTIONS, len(asked)))),
        "large": _large(knowledge, count, chance),
    }


def _large(knowledge: Knowledge, count: int, chance: random.Random) -> dict[str, Any]:
    articles, shelf = _made(list(knowledge.articles.values()), count, chance), _Memory()
    vocabulary = knowledge.vocabulary
    before = _rss()
    cold, _ = _timed(lambda: Knowledge(articles, vocabulary, Readings(vocabulary, shelf)))
    readings = Readings(vocabulary, shelf)
    warm, big = _timed(lambda: Knowledge(articles, vocabulary, readings))
    edited = [
        replace(articles[0], questions=("这是刚刚改过的一种问法", *articles[0].questions)),
        *articles[1:],
    ]
    edit, big = _timed(lambda: Knowledge(edited, vocabulary, readings))
    asked = [chance.choice(a.questions) for a in chance.choices(edited, k=QUESTIONS)]
    return {
        "articles": count,
        "build_cold_ms": cold,
        "build_kept_ms": warm,
        "edit_ms": edit,
        "rss_more_mb": round(_rss() - before),
    } | _ranking(big, asked)


def _made(shipped: list[Article], count: int, chance: random.Random) -> list[Article]:
    halves = [text for a in shipped for text in a.questions]

    def text() -> str:
        a, b = chance.sample(halves, 2)
        return a[: (len(a) + 1) // 2] + b[len(b) // 2 :]

    return [
        replace(
            shipped[number % len(shipped)],
            id=ArticleId(f"B{number:06d}"),
            title=text(),
            questions=tuple(text() for _ in range(VARIANTS)),
        )
        for number in range(count)
    ]


def _ranking(knowledge: Knowledge, asked: list[str]) -> dict[str, float]:
    took = sorted(_timed(partial(knowledge.rank, text, DAY))[0] for text in asked)
    return {"rank_p50_ms": statistics.median(took), "rank_p99_ms": took[int(0.99 * len(took))]}


def _timed(work: Callable[[], T]) -> tuple[float, T]:
    begun = time.process_time()
    result = work()
    return round((time.process_time() - begun) * 1000, 2), result


def _rss() -> float:
    """Most memory this process has had, MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
