"""Which articles answer a question, and how probably.

The written and the spoken channel each give every article a likeness and a coverage (index.py).
They choose the candidates; features of each of them (see `Ranker.candidates`) then decide how probably
it answers the question (choice.py).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from voicebot.knowledge.article import Article
from voicebot.knowledge.choice import FEATURES, probabilities
from voicebot.knowledge.index import Channel, Match, build_channel
from voicebot.knowledge.reading import Readings, read
from voicebot.knowledge.text import Vocabulary

WRITTEN_WEIGHTS: Final = (1.5, 1.0, 0.3)
"""What a single character, a pair, a triple counts."""
SPOKEN_WEIGHTS: Final = (1.0, 1.0, 0.5)
"""Single syllables say little: about 270 classes for all of Chinese."""

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
        """The most promising rows, rivals among them, and their features.

        Args:
            allowed: (articles,).

        Returns:
            Rows (n,), n <= DEPTH, and (n, FEATURES): written likeness and coverage, spoken likeness and
            coverage; mean likeness of the three and of the eight most similar variants; the share and the
            amount of the question's single units that the row has; how much of the question is story.
        """
        found = self.evidence(text)
        evidence = found.features
        total = evidence.sum(axis=0)
        total[: self.size][~allowed] = 0.0
        depth = min(DEPTH, int(np.count_nonzero(total > 0)))
        if depth == 0:
            return np.zeros(0, dtype=np.int64), np.zeros((0, FEATURES))
        rows = np.argpartition(-total, depth - 1)[:depth]
        rows = rows[np.argsort(-total[rows], kind="stable")]
        matched, whole, part = _passage(found, rows)
        zoom = whole / part
        three, eight = self._neighbours((found.written.variants + found.spoken.variants) / 2, rows)
        written, covered, spoken, sounded = evidence[:, rows]
        amount = np.log1p(matched / self.written.weights.rarest)
        features = [written, covered * zoom, spoken, sounded * zoom, three, eight, matched / part, amount]
        return rows, np.column_stack([*features, zoom - 1])

    def _neighbours(self, likeness: Floats, rows: Rows) -> tuple[Floats, Floats]:
        """(rows,) mean likeness of the three and of the eight variants most like the question."""
        many = np.append(self.first[1:], len(likeness))[rows] - self.first[rows]
        at = self.first[rows][:, None] + np.arange(max(int(many.max()), 8))
        own = at < (self.first[rows] + many)[:, None]
        best = -np.sort(-np.where(own, likeness[np.minimum(at, len(likeness) - 1)], 0.0), axis=1)
        return best[:, :3].sum(axis=1) / np.minimum(many, 3), best[:, :8].sum(axis=1) / np.minimum(many, 8)

    def rank(self, text: str, allowed: NDArray[np.bool_], k: int) -> list[tuple[int, float]]:
        """The best `k` allowed articles that share anything with the text, with their probability."""
        rows, features = self.candidates(text, allowed)
        rival = rows >= self.size
        probability = probabilities(features, rival)[~rival]
        own = rows[~rival]
        order = np.argsort(-probability, kind="stable")[:k]
        return [(int(own[i]), float(probability[i])) for i in order]


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


def variants_of(article: Article) -> tuple[str, ...]:
    """Everything that counts as a way to ask: the title first."""
    return (article.title, *article.questions, *article.heard)
