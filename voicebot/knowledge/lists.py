"""Inverted lists over numpy arrays: n-gram → the rows that hold it."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Ints = NDArray[np.int32]


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
        sums: NDArray[np.float64] = np.bincount(rows, weights, self.size).astype(np.float64)
        return sums

    def has(self, gram: int, rows: NDArray[np.int64]) -> NDArray[np.float64]:
        """(rows,) 1 where a row is in the n-gram's list (which is in ascending order), else 0."""
        listed = self.rows[self.starts[gram] : self.starts[gram + 1]]
        at = np.minimum(np.searchsorted(listed, rows), len(listed) - 1)
        found: NDArray[np.float64] = (listed[at] == rows).astype(np.float64)
        return found
