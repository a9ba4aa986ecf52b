"""Inverted lists over numpy arrays: which texts share which n-grams with a question, and how much.

One `Channel` holds one way of reading text (characters, or sounds) and answers two questions for
every article at once:

* `likeness`: cosine between the question and the article's most similar spoken variant, by idf;
* `coverage`: Okapi BM25 of the question against the article's variants and answer taken together,
  divided by the most that this question could score (k1, b: the usual range, Robertson & Zaragoza
  2009). N-grams that no article knows count in the denominator, so foreign topics score low.

Only the lists of the question's own n-grams are read, so time grows with how common they are, not
with the number of articles.
"""

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from voicebot.knowledge.text import grams

Floats = NDArray[np.float32]
Ints = NDArray[np.int32]

K1: Final = 1.2
B: Final = 0.3


@dataclass(frozen=True)
class Lists:
    """For each n-gram, the rows that hold it, with a weight.

    Args:
        starts: (grams + 1,) offsets into `rows` and `weights`.
        rows: (postings,) row numbers.
        weights: (postings,).
        size: number of rows.
    """

    starts: NDArray[np.int64]
    rows: Ints
    weights: Floats
    size: int

    @classmethod
    def of(cls, gram: Ints, row: Ints, weight: Floats, gram_count: int, size: int) -> "Lists":
        """Sorts loose postings into lists."""
        order = np.argsort(gram, kind="stable")
        starts = np.zeros(gram_count + 1, dtype=np.int64)
        np.cumsum(np.bincount(gram, minlength=gram_count), out=starts[1:])
        return cls(starts, row[order], weight[order], size)

    def sums(self, question: Sequence[tuple[int, float]]) -> NDArray[np.float64]:
        """(size,) for each row the sum over the question's n-grams of both weights' product."""
        spans = [(self.starts[gram], self.starts[gram + 1]) for gram, _ in question]
        if not spans:
            return np.zeros(self.size)
        rows = np.concatenate([self.rows[start:end] for start, end in spans])
        weights = np.concatenate(
            [self.weights[a:b] * weight for (a, b), (_, weight) in zip(spans, question, strict=True)]
        )
        return np.bincount(rows, weights, self.size).astype(np.float64, copy=False)


@dataclass(frozen=True)
class Channel:
    """One way of reading the articles, indexed; built by `build_channel`.

    Args:
        gram_ids: n-gram → number.
        idf: (grams,) weight of each n-gram, already times the weight of its length.
        unknown: the same for n-grams of length 1, 2, 3 that no article has.
        first: (articles,) the first variant row of each article; rows of one article are adjacent.
    """

    gram_ids: dict[str, int]
    idf: Floats
    unknown: tuple[float, float, float]
    variants: Lists
    articles: Lists
    first: NDArray[np.int64]

    def scores(
        self, units: Sequence[str], without: int | None = None
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """(likeness, coverage), each (articles,) within 0-1.

        Args:
            units: the question in this channel's units.
            without: variant row to leave out (lint asks how well an article does without it).
        """
        known: list[tuple[int, float]] = []
        norm = most = 0.0
        for gram, size in dict(grams(units)).items():
            number = self.gram_ids.get(gram)
            weight = self.unknown[size - 1] if number is None else float(self.idf[number])
            norm += weight * weight
            most += weight * (K1 + 1)
            if number is not None:
                known.append((number, weight))
        if not known:
            nothing = np.zeros(len(self.first))
            return nothing, nothing
        by_variant = self.variants.sums(known) / math.sqrt(norm)
        if without is not None:
            by_variant[without] = 0.0
        likeness = np.maximum.reduceat(by_variant, self.first)
        return likeness, self.articles.sums(known) / most


def build_channel(
    variants: Sequence[Sequence[Sequence[str]]],
    extras: Sequence[Sequence[str]],
    size_weights: tuple[float, float, float],
) -> Channel:
    """Indexes articles in one channel's units.

    Args:
        variants: per article, per spoken variant (at least one), the units.
        extras: per article, the units of its answer text.
        size_weights: what an n-gram of length 1, 2, 3 counts.
    """
    gram_ids: dict[str, int] = {}
    sizes: list[int] = []

    def number(gram: str, size: int) -> int:
        if gram not in gram_ids:
            gram_ids[gram] = len(sizes)
            sizes.append(size)
        return gram_ids[gram]

    by_row: list[list[int]] = []
    by_article: list[Counter[int]] = []
    first: list[int] = []
    for texts, extra in zip(variants, extras, strict=True):
        first.append(len(by_row))
        counts: Counter[int] = Counter()
        for units in texts:
            row = [number(gram, size) for gram, size in dict(grams(units)).items()]
            by_row.append(row)
            counts.update(row)
        for gram, size in dict(grams(extra)).items():
            counts[number(gram, size)] += 0  # present, but below one variant: see _okapi
        by_article.append(counts)

    spread = np.zeros(len(sizes))
    for counts in by_article:
        spread[list(counts)] += 1
    total = len(by_article)
    scale = np.array(size_weights)[np.array(sizes, dtype=np.int64) - 1] if sizes else np.zeros(0)
    idf = (np.log1p((total - spread + 0.5) / (spread + 0.5)) * scale).astype(np.float32)
    rarest = math.log1p((total + 0.5) / 0.5)
    return Channel(
        gram_ids,
        idf,
        (rarest * size_weights[0], rarest * size_weights[1], rarest * size_weights[2]),
        _unit_vectors(by_row, idf),
        _okapi(by_article, len(sizes)),
        np.array(first, dtype=np.int64),
    )


def _unit_vectors(rows: Sequence[Sequence[int]], idf: Floats) -> Lists:
    """Each variant as an idf vector of length one."""
    counts = np.array([len(row) for row in rows], dtype=np.int64)
    gram = np.array([number for row in rows for number in row], dtype=np.int32)
    row = np.repeat(np.arange(len(rows), dtype=np.int32), counts)
    weight = idf[gram]
    norm = np.sqrt(np.bincount(row, weight.astype(np.float64) ** 2, len(rows)))
    scaled = (weight / np.maximum(norm, 1e-9)[row]).astype(np.float32)
    return Lists.of(gram, row, scaled, len(idf), len(rows))


def _okapi(articles: Sequence[Counter[int]], gram_count: int) -> Lists:
    """BM25 term weights without the idf; an n-gram of the answer text alone counts as a third."""
    gram = np.array([number for counts in articles for number in counts], dtype=np.int32)
    row = np.repeat(np.arange(len(articles), dtype=np.int32), [len(counts) for counts in articles])
    frequency = np.array([max(n, 1 / 3) for counts in articles for n in counts.values()])
    length = np.bincount(row, frequency, len(articles))
    mean = length.mean() if len(articles) else 1.0
    damping = K1 * (1 - B + B * length / max(mean, 1e-9))
    weight = (frequency * (K1 + 1) / (frequency + damping[row])).astype(np.float32)
    return Lists.of(gram, row, weight, gram_count, len(articles))
