"""Inverted lists over numpy arrays: n-gram → the rows that hold it."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from voicebot.knowledge.grams import Doubles, Floats, Ints, Longs


@dataclass(frozen=True)
class Lists:
    """For each n-gram, the rows that hold it, with a weight.

    Args:
        starts: (grams + 1,) offsets into `rows` and `weights`.
        rows: (postings,) row numbers, ascending within an n-gram.
        weights: (postings,).
        size: number of rows.
    """

    starts: Longs
    rows: Ints
    weights: Floats
    size: int

    @classmethod
    def of(cls, gram: Ints, row: Ints, weight: Floats, gram_count: int, size: int) -> "Lists":
        """Of postings that are sorted by n-gram, then by row."""
        starts = np.zeros(gram_count + 1, dtype=np.int64)
        np.cumsum(np.bincount(gram, minlength=gram_count), out=starts[1:])
        return cls(starts, row, weight, size)

    def among(self, grams: Longs) -> "Postings":
        """The lists of some n-grams."""
        starts = self.starts[grams]
        lengths = self.starts[grams + 1] - starts
        which = np.repeat(np.arange(len(grams)), lengths)
        begins = np.cumsum(lengths) - lengths
        at = np.arange(len(which)) + (starts - begins)[which]
        return Postings(which, self.rows[at], self.weights[at], self.size)


@dataclass(frozen=True)
class Postings:
    """Lists of a question's n-grams, joined.

    Args:
        which: (postings,) place of the n-gram in the question.
        rows, weights: (postings,).
        size: number of rows there are.
    """

    which: Longs
    rows: Ints
    weights: Floats
    size: int

    def sums(self, values: Doubles) -> Doubles:
        """(size,) for each row the sum over n-grams of its weight times the question's `values`."""
        sums = np.bincount(self.rows, self.weights * values[self.which], self.size)
        return np.asarray(sums, dtype=np.float64)

    def held(self, rows: NDArray[np.int64], count: int) -> NDArray[np.bool_]:
        """(rows, count) which of the first `count` n-grams each of these rows holds."""
        place = np.full(self.size, -1)
        place[rows] = np.arange(len(rows))
        at = place[self.rows]
        chosen = at >= 0
        held = np.zeros((len(rows), count), dtype=np.bool_)
        held[at[chosen], self.which[chosen]] = True
        return held
