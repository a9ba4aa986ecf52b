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
        starts, ends = self.starts[grams], self.starts[grams + 1]
        spans = list(zip(starts.tolist(), ends.tolist(), strict=True))
        if not spans:
            return Postings(ends, self.rows[:0], self.weights[:0], self.size)
        return Postings(
            ends - starts,
            np.concatenate([self.rows[a:b] for a, b in spans]),
            np.concatenate([self.weights[a:b] for a, b in spans]),
            self.size,
        )


@dataclass(frozen=True)
class Postings:
    """Lists of a question's n-grams, joined.

    Args:
        lengths: (n-grams,) of the lists, in the order of the question's n-grams.
        rows, weights: (postings,).
        size: number of rows there are.
    """

    lengths: Longs
    rows: Ints
    weights: Floats
    size: int

    def sums(self, values: Doubles) -> Doubles:
        """(size,) for each row the sum over n-grams of its weight times the question's `values`."""
        sums = np.bincount(self.rows, self.weights * np.repeat(values, self.lengths), self.size)
        return np.asarray(sums, dtype=np.float64)

    def held(self, rows: NDArray[np.int64]) -> NDArray[np.bool_]:
        """(rows, n-grams) which n-grams each of these rows holds."""
        count = len(self.lengths)
        place = np.full(self.size, -1)
        place[rows] = np.arange(len(rows))
        at = place[self.rows]
        chosen = at >= 0
        held = np.zeros((len(rows), count), dtype=np.bool_)
        held[at[chosen], np.repeat(np.arange(count), self.lengths)[chosen]] = True
        return held
