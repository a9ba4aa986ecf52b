"""Which articles answer a question, and how probably: two channels fused by a logistic.

The written and the spoken channel each give every article a likeness and a coverage (index.py).
A fifth feature says how far the article stands above (or below) its best rival. The logistic turns
them into the probability that the article answers the question.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from voicebot.knowledge.article import Article
from voicebot.knowledge.index import Channel, build_channel
from voicebot.knowledge.text import Vocabulary, characters, sounds

WRITTEN_WEIGHTS: Final = (0.5, 1.0, 0.7)
"""What a single character, a pair, a triple counts."""
SPOKEN_WEIGHTS: Final = (0.3, 1.0, 1.0)
"""Single syllables say little: about 270 classes for all of Chinese."""

BIAS: Final = -6.0
WEIGHTS: Final = np.array([4.0, 4.0, 4.0, 4.0, 4.0])
"""Fitted by tests/unit/knowledge/fit_ranking.py on dev questions only (see its head); features in
the order of `Ranker.features`."""

DEPTH: Final = 12
"""Articles that get a full score; the rest cannot be among the first."""

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Ranker:
    """The articles, indexed; rows are in the order of the articles it was built from.

    Args:
        first: (articles,) first variant row of each article.
    """

    vocabulary: Vocabulary
    written: Channel
    spoken: Channel

    @classmethod
    def of(cls, articles: Sequence[Article], vocabulary: Vocabulary) -> "Ranker":
        variants = [[vocabulary.normal(text) for text in variants_of(article)] for article in articles]
        extras = [vocabulary.normal(article.answer + article.more) for article in articles]
        return cls(
            vocabulary,
            build_channel(
                [[characters(text) for text in texts] for texts in variants],
                [characters(text) for text in extras],
                WRITTEN_WEIGHTS,
            ),
            build_channel(
                [[sounds(text) for text in texts] for texts in variants],
                [sounds(text) for text in extras],
                SPOKEN_WEIGHTS,
            ),
        )

    def evidence(self, text: str, without: int | None = None) -> Floats:
        """(4, articles): written likeness and coverage, spoken likeness and coverage, each 0-1."""
        normal = self.vocabulary.normal(text)
        return np.stack(
            [
                *self.written.scores(characters(normal), without),
                *self.spoken.scores(sounds(normal), without),
            ]
        )

    def rank(self, text: str, allowed: NDArray[np.bool_], k: int) -> list[tuple[int, float]]:
        """The best `k` allowed rows that share anything with the text, with their probability."""
        if not allowed.any():
            return []
        evidence = self.evidence(text)
        rows, features = candidates(evidence, allowed)
        probability = 1 / (1 + np.exp(-(features @ WEIGHTS + BIAS)))
        order = np.argsort(-probability, kind="stable")[:k]
        return [(int(rows[i]), float(probability[i])) for i in order]


def variants_of(article: Article) -> tuple[str, ...]:
    """Everything that counts as a way to ask: the title first."""
    return (article.title, *article.questions)


def candidates(evidence: Floats, allowed: NDArray[np.bool_]) -> tuple[NDArray[np.int64], Floats]:
    """The most promising rows and their features (rows, 5): the four of `evidence` and the lead.

    The lead is the distance of the sum of the four to that of the best rival: positive for the
    first, negative for all others.
    """
    total = np.where(allowed, evidence.sum(axis=0), 0.0)
    depth = min(DEPTH, int(np.count_nonzero(total > 0)))
    if depth == 0:
        return np.zeros(0, dtype=np.int64), np.zeros((0, 5))
    rows = np.argpartition(-total, depth - 1)[:depth]
    rows = rows[np.argsort(-total[rows], kind="stable")]
    sums = total[rows]
    rival = np.full(depth, sums[0])
    rival[0] = sums[1] if depth > 1 else 0.0
    return rows, np.column_stack([evidence[:, rows].T, sums - rival])
