"""Which articles answer a question, and how probably: two channels fused by a logistic.

The written and the spoken channel each give every article a likeness and a coverage (index.py).
They choose the candidates; four features of each candidate (see `Ranker.candidates`) then go into a
logistic that gives the probability that the article answers the question.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from voicebot.knowledge.article import Article
from voicebot.knowledge.index import Channel, Match, build_channel
from voicebot.knowledge.reading import Readings, read
from voicebot.knowledge.text import Vocabulary

WRITTEN_WEIGHTS: Final = (1.5, 1.0, 0.3)
"""What a single character, a pair, a triple counts."""
SPOKEN_WEIGHTS: Final = (1.0, 1.0, 0.5)
"""Single syllables say little: about 270 classes for all of Chinese."""

BIAS: Final = -8.91
WEIGHTS: Final = np.array([3.87, 6.81, 2.16, 2.65])
"""Fitted by tests/unit/knowledge/fit_ranking.py on dev questions only (see its head); features in
the order of `Ranker.candidates`."""

MOST_LEAD: Final = 0.4
"""A lead beyond this says no more: a short text that shares one rare word with one article only."""
PASSAGE: Final = 20
"""Characters of the part of a long text by which an article is judged."""
DEPTH: Final = 12
"""Rows that get a full score; the rest cannot be among the first."""

Floats = NDArray[np.float64]
Rows = NDArray[np.int64]


@dataclass(frozen=True)
class Evidence:
    """One question against everything.

    Args:
        worth: (units,) what each unit of the question is worth.
        features: (4, rows): written likeness and coverage, spoken likeness and coverage, each 0-1.
    """

    written: Match
    spoken: Match
    worth: Floats
    features: Floats


@dataclass(frozen=True)
class Ranker:
    """Articles and rival topics, indexed.

    Args:
        written: characters.
        spoken: sounds, so that 射保卡 finds 社保卡.
        first: (rows,) the first variant of each row; those of one row are adjacent.
        size: number of articles; the rows from there on are rivals, topics without an article that
            take part so that their questions do not fall to the nearest article.
    """

    vocabulary: Vocabulary
    written: Channel
    spoken: Channel
    first: Rows
    size: int

    @classmethod
    def of(cls, articles: Sequence[Article], readings: Readings) -> "Ranker":
        vocabulary = readings.vocabulary
        asked = [*map(variants_of, articles), *((text,) for text in vocabulary.elsewhere)]
        many = np.array([len(texts) for texts in asked], dtype=np.int64)
        units, lengths = readings.of([text for texts in asked for text in texts])
        light = units["light"].astype(np.int64)
        row = np.repeat(np.arange(len(asked)), many)

        def channel(name: str, sizes: tuple[float, float, float]) -> Channel:
            return build_channel(units[name].astype(np.int64), light, lengths, row, sizes)

        return cls(
            vocabulary,
            channel("written", WRITTEN_WEIGHTS),
            channel("spoken", SPOKEN_WEIGHTS),
            np.cumsum(many) - many,
            len(articles),
        )

    def evidence(self, text: str, without: int | None = None) -> Evidence:
        """Compares a question with all articles and rivals.

        Args:
            without: variant to leave out (lint asks how well an article does without it).
        """
        units = read(self.vocabulary, text)
        light = units["light"].astype(np.int64)
        codes = units["written"].astype(np.int64)
        written = self.written.match(codes, light)
        spoken = self.spoken.match(units["spoken"].astype(np.int64), light)
        if without is not None:
            written.variants[without] = spoken.variants[without] = 0.0
        features = [self._best(written.variants), written.coverage, self._best(spoken.variants)]
        return Evidence(
            written,
            spoken,
            self.written.weights.alone(codes, light),
            np.stack([*features, spoken.coverage]),
        )

    def _best(self, variants: Floats) -> Floats:
        """(rows,) that of the most similar variant."""
        return np.maximum.reduceat(variants, self.first) if len(self.first) else variants

    def candidates(self, text: str, allowed: NDArray[np.bool_]) -> tuple[Rows, Floats]:
        """The most promising articles among the allowed ones, best first, and their features.

        Args:
            allowed: (articles,).

        Returns:
            Article rows (n,), n <= DEPTH, and (n, 4): both coverages added; the lead, that is the
            distance of all evidence to that of the best rival, at most `MOST_LEAD`, negative for all
            but the first; the share and the amount of the question's single units that the article has.
        """
        found = self.evidence(text)
        evidence = found.features
        total = evidence.sum(axis=0)
        total[: self.size][~allowed] = 0.0
        depth = min(DEPTH, int(np.count_nonzero(total > 0)))
        if depth == 0:
            return np.zeros(0, dtype=np.int64), np.zeros((0, len(WEIGHTS)))
        rows = np.argpartition(-total, depth - 1)[:depth]
        rows = rows[np.argsort(-total[rows], kind="stable")]
        matched, whole, part = _passage(found, rows)
        zoom = whole / part
        sums = total[rows] * zoom
        order = np.argsort(-sums, kind="stable")
        best, second = sums[order[0]], sums[order[1]] if depth > 1 else 0.0
        lead = np.where(sums == best, best - second, sums - best)
        features = np.column_stack(
            [
                (evidence[1, rows] + evidence[3, rows]) * zoom,
                np.minimum(lead, MOST_LEAD),
                matched / part,
                np.log1p(matched / self.written.weights.rarest),
            ]
        )
        own = rows < self.size
        return rows[own], features[own]

    def rank(self, text: str, allowed: NDArray[np.bool_], k: int) -> list[tuple[int, float]]:
        """The best `k` allowed articles that share anything with the text, with their probability."""
        rows, features = self.candidates(text, allowed)
        probability = 1 / (1 + np.exp(-(features @ WEIGHTS + BIAS)))
        order = np.argsort(-probability, kind="stable")[:k]
        return [(int(rows[i]), float(probability[i])) for i in order]


def variants_of(article: Article) -> tuple[str, ...]:
    """Everything that counts as a way to ask: the title first."""
    return (article.title, *article.questions)


def _passage(found: Evidence, rows: Rows) -> tuple[Floats, float, Floats]:
    """The passage of `PASSAGE` units in which each row has most of the question.

    Callers tell a story before and after they ask; a row is judged by the part that concerns it.

    Returns:
        What the passage is worth as far as the row has it (rows,), the whole question's worth,
        the passage's worth (rows,).
    """
    has = np.maximum(found.written.shared(rows), found.spoken.shared(rows))
    worth = found.worth
    if len(worth) <= PASSAGE:
        whole = max(float(worth.sum()), 1e-9)
        return has @ worth, whole, np.full(len(rows), whole)
    until = np.cumsum(np.concatenate([np.zeros((len(rows), 1)), has * worth], axis=1), axis=1)
    matched = until[:, PASSAGE:] - until[:, :-PASSAGE]
    total = np.cumsum(np.concatenate([[0.0], worth]))
    part = total[PASSAGE:] - total[:-PASSAGE]
    at = matched.argmax(axis=1)
    return matched[np.arange(len(rows)), at], float(total[-1]), np.maximum(part[at], 1e-9)
