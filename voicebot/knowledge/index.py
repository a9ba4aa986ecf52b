"""Which articles share which n-grams with a question, and how much.

One `Channel` holds one way of reading text (characters, or sounds) and answers two questions for
every article at once:

* `likeness`: cosine between the question and the article's most similar spoken variant;
* `coverage`: Okapi BM25 of the question against the article's variants taken together,
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

from voicebot.knowledge.lists import Floats, Lists
from voicebot.knowledge.text import Units

K1: Final = 1.2
B: Final = 0.3
ALONE: Final = 0.4
"""What knowing a single unit without its neighbours is worth: characters and syllables are shared by
chance more often than pairs."""
FRAME_DISCOUNT: Final = 0.6
"""How much less an n-gram of a frame (找哪个部门) is worth than one of a topic."""


@dataclass(frozen=True)
class Weights:
    """What an n-gram is worth: rare ones much, those of common units or of frames little.

    Args:
        unit_idf: unit → idf; a rare n-gram of common units (报给谁) is no topic of its own.
        rarest: idf of what no article has.
        sizes: factor for n-grams of 1, 2, 3 units.
    """

    unit_idf: dict[str, float]
    rarest: float
    sizes: tuple[float, float, float]

    def of(self, units: Sequence[str], light: float, idf: float | None = None) -> float:
        common = sum(self.unit_idf.get(unit, self.rarest) for unit in units) / len(units)
        rarity = math.sqrt((self.rarest if idf is None else idf) * common)
        return self.sizes[len(units) - 1] * rarity * (1 - FRAME_DISCOUNT * light)


@dataclass(frozen=True)
class Channel:
    """One way of reading the articles, indexed; built by `build_channel`.

    Args:
        gram_ids: n-gram → number.
        values: (grams,) what each n-gram is worth.
        weights: the same for n-grams that no article has.
        first: (articles,) the first variant row of each article; rows of one article are adjacent.
    """

    gram_ids: dict[str, int]
    values: Floats
    weights: Weights
    variants: Lists
    articles: Lists
    first: NDArray[np.int64]

    def scores(
        self, text: Units, without: int | None = None
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """(likeness, coverage), each (articles,) within 0-1.

        Args:
            text: the question in this channel's units.
            without: variant row to leave out (lint asks how well an article does without it).
        """
        known: list[tuple[int, float]] = []
        norm = most = 0.0
        for key, units, light in text.grams():
            number = self.gram_ids.get(key)
            value = self.weights.of(units, light) if number is None else float(self.values[number])
            norm += value * value
            most += value * (K1 + 1)
            if number is not None:
                known.append((number, value))
        if not known:
            nothing = np.zeros(len(self.first))
            return nothing, nothing
        by_variant = self.variants.sums(known) / math.sqrt(norm)
        if without is not None:
            by_variant[without] = 0.0
        likeness = np.maximum.reduceat(by_variant, self.first)
        return likeness, self.articles.sums(known) / most

    def shared(self, units: Sequence[str], rows: NDArray[np.int64]) -> NDArray[np.float64]:
        """(rows, units) what each article has of the question, unit by unit: 1 where it knows the
        unit together with a neighbour, ALONE where it knows it by itself, else 0."""
        known = np.zeros((len(rows), len(units)))
        for at, unit in enumerate(units):
            known[:, at] = ALONE * self._holds(unit, rows)
        for at in range(len(units) - 1):
            both = self._holds(f"{units[at]} {units[at + 1]}", rows)
            known[:, at : at + 2] = np.maximum(known[:, at : at + 2], both[:, None])
        return known

    def worth(self, text: Units) -> NDArray[np.float64]:
        """(units,) what each single unit of a question is worth."""
        pairs = zip(text.units, text.light, strict=True)
        return np.array(
            [self.weights.of((unit,), light, self.weights.unit_idf.get(unit)) for unit, light in pairs]
        )

    def _holds(self, key: str, rows: NDArray[np.int64]) -> NDArray[np.float64]:
        """(rows,) 1 where an article has that n-gram."""
        number = self.gram_ids.get(key)
        return np.zeros(len(rows)) if number is None else self.articles.has(number, rows)


class _Grams:
    """Numbers n-grams as they are first seen and remembers what they are made of."""

    def __init__(self) -> None:
        self.ids: dict[str, int] = {}
        self.units: list[tuple[str, ...]] = []
        self.light: list[float] = []
        self.seen: list[int] = []

    def of(self, text: Units) -> list[int]:
        return [self._number(key, units, light) for key, units, light in text.grams()]

    def _number(self, key: str, units: tuple[str, ...], light: float) -> int:
        number = self.ids.setdefault(key, len(self.units))
        if number == len(self.units):
            self.units.append(units)
            self.light.append(0.0)
            self.seen.append(0)
        self.light[number] += light
        self.seen[number] += 1
        return number


def build_channel(variants: Sequence[Sequence[Units]], sizes: tuple[float, float, float]) -> Channel:
    """Indexes articles in one channel's units.

    The answer text is left out: with it, dev questions were ranked no better and questions without
    an article scored higher.

    Args:
        variants: per article, its spoken variants (at least one).
        sizes: what an n-gram of length 1, 2, 3 counts.
    """
    grams = _Grams()
    by_row: list[list[int]] = []
    by_article: list[Counter[int]] = []
    first: list[int] = []
    for texts in variants:
        first.append(len(by_row))
        counts: Counter[int] = Counter()
        for text in texts:
            by_row.append(grams.of(text))
            counts.update(by_row[-1])
        by_article.append(counts)
    values, weights = _values(grams, by_article, sizes)
    return Channel(
        grams.ids,
        values,
        weights,
        _unit_vectors(by_row, values),
        _okapi(by_article, len(values)),
        np.array(first, dtype=np.int64),
    )


def _values(
    grams: _Grams, articles: Sequence[Counter[int]], sizes: tuple[float, float, float]
) -> tuple[Floats, Weights]:
    spread = np.zeros(len(grams.units))
    for counts in articles:
        spread[list(counts)] += 1
    total = len(articles)
    idf = np.log1p((total - spread + 0.5) / (spread + 0.5))
    unit_idf = {units[0]: float(idf[i]) for i, units in enumerate(grams.units) if len(units) == 1}
    weights = Weights(unit_idf, math.log1p((total + 0.5) / 0.5), sizes)
    values = [
        weights.of(units, grams.light[i] / grams.seen[i], float(idf[i]))
        for i, units in enumerate(grams.units)
    ]
    return np.array(values, dtype=np.float32), weights


def _unit_vectors(rows: Sequence[Sequence[int]], values: Floats) -> Lists:
    """Each variant as a vector of its n-grams' values, of length one."""
    gram = np.array([number for row in rows for number in row], dtype=np.int32)
    row = np.repeat(np.arange(len(rows), dtype=np.int32), [len(row) for row in rows])
    weight = values[gram]
    norm = np.sqrt(np.bincount(row, weight.astype(np.float64) ** 2, len(rows)))
    scaled = (weight / np.maximum(norm, 1e-9)[row]).astype(np.float32)
    return Lists.of(gram, row, scaled, len(values), len(rows))


def _okapi(articles: Sequence[Counter[int]], gram_count: int) -> Lists:
    """BM25 term weights without the idf; the frequency is the number of variants with the n-gram."""
    gram = np.array([number for counts in articles for number in counts], dtype=np.int32)
    row = np.repeat(np.arange(len(articles), dtype=np.int32), [len(counts) for counts in articles])
    frequency = np.array([float(n) for counts in articles for n in counts.values()])
    length = np.bincount(row, frequency, len(articles))
    mean = length.mean() if len(articles) else 1.0
    damping = K1 * (1 - B + B * length / max(mean, 1e-9))
    weight = (frequency * (K1 + 1) / (frequency + damping[row])).astype(np.float32)
    return Lists.of(gram, row, weight, gram_count, len(articles))
