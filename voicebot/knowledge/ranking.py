"""Which articles answer a question, and how probably: two channels fused by a logistic.

The written and the spoken channel each give every article a likeness and a coverage (index.py).
They choose the candidates; four features of each candidate (see `Ranker.candidates`) then go into a
logistic that gives the probability that the article answers the question.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from voicebot.knowledge.article import Article
from voicebot.knowledge.index import Channel, build_channel
from voicebot.knowledge.text import Units, Vocabulary, sounds

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


@dataclass(frozen=True, slots=True)
class Question:
    """A caller's words in the units of both channels, position by position the same."""

    written: Units
    spoken: Units


@dataclass(frozen=True)
class Ranker:
    """Articles and rival topics, indexed.

    Args:
        written: characters.
        spoken: sounds, so that 射保卡 finds 社保卡.
        size: number of articles; the rows from there on are rivals, topics without an article that
            take part so that their questions do not fall to the nearest article.
    """

    vocabulary: Vocabulary
    written: Channel
    spoken: Channel
    size: int

    @classmethod
    def of(cls, articles: Sequence[Article], vocabulary: Vocabulary) -> "Ranker":
        asked = [variants_of(article) for article in articles]
        normal = [[vocabulary.normal(text) for text in texts] for texts in asked]
        normal += [[vocabulary.normal(text)] for text in vocabulary.elsewhere]
        light = [[vocabulary.light(text) for text in texts] for texts in normal]

        def channel(read: Callable[[str], Sequence[str]], sizes: tuple[float, float, float]) -> Channel:
            pairs = zip(normal, light, strict=True)
            return build_channel(
                [[Units(read(t), f) for t, f in zip(*pair, strict=True)] for pair in pairs], sizes
            )

        return cls(vocabulary, channel(list, WRITTEN_WEIGHTS), channel(sounds, SPOKEN_WEIGHTS), len(articles))

    def read(self, text: str) -> Question:
        normal = self.vocabulary.normal(text)
        light = self.vocabulary.light(normal)
        return Question(Units(normal, light), Units(sounds(normal), light))

    def evidence(self, question: Question, without: int | None = None) -> Floats:
        """(4, rows): written likeness and coverage, spoken likeness and coverage, each 0-1."""
        return np.stack(
            [*self.written.scores(question.written, without), *self.spoken.scores(question.spoken, without)]
        )

    def candidates(self, text: str, allowed: NDArray[np.bool_]) -> tuple[Rows, Floats]:
        """The most promising articles among the allowed ones, best first, and their features.

        Args:
            allowed: (articles,).

        Returns:
            Article rows (n,), n <= DEPTH, and (n, 4): both coverages added; the lead, that is the
            distance of all evidence to that of the best rival, at most `MOST_LEAD`, negative for all
            but the first; the share and the amount of the question's single units that the article has.
        """
        question = self.read(text)
        evidence = self.evidence(question)
        total = evidence.sum(axis=0)
        total[: self.size][~allowed] = 0.0
        depth = min(DEPTH, int(np.count_nonzero(total > 0)))
        if depth == 0:
            return np.zeros(0, dtype=np.int64), np.zeros((0, len(WEIGHTS)))
        rows = np.argpartition(-total, depth - 1)[:depth]
        rows = rows[np.argsort(-total[rows], kind="stable")]
        matched, whole, part = self._passage(question, rows)
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

    def _passage(self, question: Question, rows: Rows) -> tuple[Floats, float, Floats]:
        """The passage of `PASSAGE` units in which each row has most of the question.

        Callers tell a story before and after they ask; a row is judged by the part that concerns it.

        Returns:
            What the passage is worth as far as the row has it (rows,), the whole question's worth,
            the passage's worth (rows,).
        """
        has = np.maximum(
            self.written.shared(question.written.units, rows), self.spoken.shared(question.spoken.units, rows)
        )
        worth = self.written.worth(question.written)
        if len(worth) <= PASSAGE:
            whole = max(float(worth.sum()), 1e-9)
            return has @ worth, whole, np.full(len(rows), whole)
        until = np.cumsum(np.concatenate([np.zeros((len(rows), 1)), has * worth], axis=1), axis=1)
        matched = until[:, PASSAGE:] - until[:, :-PASSAGE]
        total = np.cumsum(np.concatenate([[0.0], worth]))
        part = total[PASSAGE:] - total[:-PASSAGE]
        at = matched.argmax(axis=1)
        return matched[np.arange(len(rows)), at], float(total[-1]), np.maximum(part[at], 1e-9)

    def rank(self, text: str, allowed: NDArray[np.bool_], k: int) -> list[tuple[int, float]]:
        """The best `k` allowed articles that share anything with the text, with their probability."""
        rows, features = self.candidates(text, allowed)
        probability = 1 / (1 + np.exp(-(features @ WEIGHTS + BIAS)))
        order = np.argsort(-probability, kind="stable")[:k]
        return [(int(rows[i]), float(probability[i])) for i in order]


def variants_of(article: Article) -> tuple[str, ...]:
    """Everything that counts as a way to ask: the title first."""
    return (article.title, *article.questions)
