"""Which articles share which n-grams with a question, and how much.

One `Channel` holds one way of reading text (characters, or sounds) and answers two questions for
every article at once:

* likeness: cosine between the question and each of the article's spoken variants;
* coverage: Okapi BM25 of the question against the article's variants taken together,
  divided by the most that this question could score (k1, b: the usual range, Robertson & Zaragoza
  2009, but for k1). N-grams that no article knows count in the denominator, so foreign topics score low.

Only the lists of the question's own n-grams are read, so time grows with how common they are, not
with the number of articles.
"""

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from voicebot.knowledge.grams import CODE, Counted, Doubles, Floats, Grams, Longs, count, grams_of, units_of
from voicebot.knowledge.lists import Lists, Postings

K1: Final = 4.0
"""High, because a frequency here counts variants: an n-gram in ten of them says more than in three."""
B: Final = 0.7
ALONE: Final = 0.4
"""What knowing a single unit without its neighbours is worth: characters and syllables are shared by
chance more often than pairs."""
FRAME_DISCOUNT: Final = 0.6
"""How much less an n-gram of a frame (找哪个部门) is worth than one of a topic."""


@dataclass(frozen=True)
class Weights:
    """What an n-gram is worth: rare ones much, those of common units or of frames little.

    Args:
        units: (units,) codes that occur, ascending.
        unit_idf: (units,) their idf; a rare n-gram of common units (报给谁) is no topic of its own.
        rarest: idf of what no article has.
        sizes: factor for n-grams of 1, 2, 3 units.
    """

    units: Longs
    unit_idf: Doubles
    rarest: float
    sizes: tuple[float, float, float]

    def of(self, keys: Longs, light: Doubles, idf: Doubles | float) -> Doubles:
        """(grams,)"""
        units, many = units_of(keys)
        common = np.where(units > 0, self._idf(units), 0.0).sum(axis=0) / many
        factor = np.array(self.sizes)[many - 1]
        worth: Doubles = factor * np.sqrt(idf * common) * (1 - FRAME_DISCOUNT * light)
        return worth

    def alone(self, codes: Longs, light: Longs) -> Doubles:
        """(units,) what each single unit of a question is worth."""
        return self.of(codes, light.astype(np.float64), self._idf(codes))

    def _idf(self, codes: Longs) -> Doubles:
        if not len(self.units):
            return np.full(codes.shape, self.rarest)
        at = np.minimum(np.searchsorted(self.units, codes), len(self.units) - 1)
        return np.where(self.units[at] == codes, self.unit_idf[at], self.rarest)


@dataclass(frozen=True)
class Match:
    """What one question has in common with everything in a channel.

    Args:
        variants: (variants,) cosine, 0-1.
        coverage: (articles,) 0-1.
    """

    variants: Doubles
    coverage: Doubles
    _codes: Longs
    _known: Longs
    _lists: Postings

    def shared(self, rows: NDArray[np.int64]) -> Doubles:
        """(rows, units) what each article has of the question, unit by unit: 1 where it knows the
        unit together with a neighbour, ALONE where it knows it by itself, else 0."""
        held = self._lists.held(rows)
        shared = ALONE * self._of(held, self._codes)
        if len(self._codes) > 1:
            both = self._of(held, self._codes[:-1] << CODE | self._codes[1:])
            shared[:, :-1] = np.maximum(shared[:, :-1], both)
            shared[:, 1:] = np.maximum(shared[:, 1:], both)
        return shared

    def _of(self, held: NDArray[np.bool_], keys: Longs) -> Doubles:
        """(rows, keys) 1 where a row has that n-gram."""
        if not len(self._known):
            return np.zeros((len(held), len(keys)))
        at = np.minimum(np.searchsorted(self._known, keys), len(self._known) - 1)
        return np.asarray(held[:, at] & (self._known[at] == keys), dtype=np.float64)


@dataclass(frozen=True)
class Channel:
    """One way of reading the articles, indexed; built by `build_channel`.

    Args:
        keys: (grams,) n-grams, ascending.
        values: (grams,) what each n-gram is worth.
        weights: the same for n-grams that no article has.
    """

    keys: Longs
    values: Floats
    weights: Weights
    variants: Lists
    articles: Lists

    def match(self, codes: Longs, light: Longs) -> Match:
        """Compares a question, unit by unit, with everything."""
        grams = grams_of(codes, light)
        numbers, known = self._numbers(grams)
        values = self.weights.of(grams.keys, grams.light, self.weights.rarest)
        values[known] = self.values[numbers]
        norm, most = math.sqrt(float(values @ values)), float(values.sum()) * (K1 + 1)
        lists = self.articles.among(numbers)
        return Match(
            self.variants.among(numbers).sums(values[known]) / max(norm, 1e-9),
            lists.sums(values[known]) / max(most, 1e-9),
            codes,
            grams.keys[known],
            lists,
        )

    def _numbers(self, grams: Grams) -> tuple[Longs, NDArray[np.bool_]]:
        """Numbers of the n-grams that are known, and which of them are."""
        if not len(self.keys):
            return np.zeros(0, dtype=np.int64), np.zeros(len(grams.keys), dtype=np.bool_)
        at = np.minimum(np.searchsorted(self.keys, grams.keys), len(self.keys) - 1)
        known = self.keys[at] == grams.keys
        return at[known], known


def build_channel(
    codes: Longs, light: Longs, lengths: Longs, article: Longs, sizes: tuple[float, float, float]
) -> Channel:
    """Indexes articles in one channel's units.

    The answer text is left out: with it, dev questions were ranked no better and questions without
    an article scored higher.

    Args:
        codes, light: (units,) the spoken variants one after another.
        lengths: (variants,) units of each.
        article: (variants,) the article of each, from 0, ascending without gaps.
        sizes: what an n-gram of length 1, 2, 3 counts.
    """
    counted = count(codes, light, lengths)
    total = int(article[-1]) + 1 if len(article) else 0
    gram, row, frequency = _by_article(counted, article)
    spread = np.bincount(gram, minlength=len(counted.keys))
    idf = np.log1p((total - spread + 0.5) / (spread + 0.5))
    single = int(np.searchsorted(counted.keys, 1 << CODE))
    weights = Weights(counted.keys[:single], idf[:single], math.log1p((total + 0.5) / 0.5), sizes)
    values = weights.of(counted.keys, counted.light, idf).astype(np.float32)
    many = len(values)
    return Channel(
        counted.keys,
        values,
        weights,
        Lists.of(counted.gram, counted.row, _unit_vectors(counted, values, len(lengths)), many, len(lengths)),
        Lists.of(gram, row, _okapi(row, frequency, total), many, total),
    )


def _by_article(counted: Counted, article: Longs) -> tuple[NDArray[np.int32], NDArray[np.int32], Longs]:
    """Postings (n-gram, article) and how many of its variants have the n-gram."""
    owner = article[counted.row]
    new = np.ones(len(owner), dtype=np.bool_)
    new[1:] = (owner[1:] != owner[:-1]) | (counted.gram[1:] != counted.gram[:-1])
    at = np.flatnonzero(new)
    return counted.gram[at], owner[at].astype(np.int32), np.diff(at, append=len(owner))


def _unit_vectors(counted: Counted, values: Floats, size: int) -> Floats:
    """Each variant as a vector of its n-grams' values, of length one."""
    weight = values[counted.gram]
    norm = np.sqrt(np.bincount(counted.row, weight * weight, size)).astype(np.float32)
    return np.asarray(weight / np.maximum(norm, 1e-9)[counted.row], dtype=np.float32)


def _okapi(row: NDArray[np.int32], frequency: Longs, size: int) -> Floats:
    """BM25 term weights without the idf."""
    length = np.bincount(row, frequency, size)
    mean = float(length.mean()) if size else 1.0
    damping = (K1 * (1 - B + B * length / max(mean, 1e-9))).astype(np.float32)
    return np.asarray(frequency * (K1 + 1) / (frequency + damping[row]), dtype=np.float32)
