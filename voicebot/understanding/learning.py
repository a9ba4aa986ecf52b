"""Learns labels of sentences from their n-grams: a softmax regression, trained in seconds.

Mini-batches with AdaGrad step sizes (Duchi, Hazan, Singer 2011), one for all labels of an n-gram; a label
with few examples counts for more, so that it is not drowned by a frequent one. Deterministic: the order
comes from a fixed seed.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]

EPOCHS: Final = 6
BATCH: Final = 64
STEP: Final = 0.5
FIRST_SQUARE: Final = 1e-4
BALANCE: Final = 1.0
"""Power of the inverse frequency by which the examples of a label count: 0 as they are, 1 all alike."""
SEED: Final = 12345


@dataclass(frozen=True)
class Rows:
    """Sentences as sparse rows, ready to be learnt from.

    Args:
        grams: numbers of the n-grams of each, no number twice in one.
        values: what each counts; every row has length 1.
        size: how many n-grams there are.
    """

    grams: Sequence[NDArray[np.int32]]
    values: Sequence[Floats]
    size: int

    @classmethod
    def of(cls, sentences: Sequence[NDArray[np.int32]], worth: Floats) -> "Rows":
        """
        Args:
            sentences: n-grams of each sentence.
            worth: (size,) what an n-gram is worth.
        """
        return cls(sentences, [scaled(worth[grams]) for grams in sentences], len(worth))


def scaled(values: Floats) -> Floats:
    """The same direction with length 1; an empty one stays empty."""
    result: Floats = values / np.sqrt(np.sum(values * values) + np.float32(1e-9))
    return result


def learn(rows: Rows, labels: NDArray[np.int64], count: int) -> Floats:
    """Weights (size, count) whose products with a row are log-odds of the labels.

    Args:
        labels: (n,) number of each row's label; negative: the row says nothing of it.
        count: how many labels there are.
    """
    chosen = np.flatnonzero(labels >= 0)
    if not len(chosen):
        return np.zeros((rows.size, count), np.float32)
    often = np.bincount(labels[chosen], minlength=count)
    share = (len(chosen) / np.maximum(often, 1)) ** BALANCE
    counts = share[labels].astype(np.float32)
    counts /= counts[chosen].mean()
    weights = np.zeros((rows.size, count), np.float32)
    squares = np.full((rows.size, 1), FIRST_SQUARE, np.float32)
    order = np.random.default_rng(SEED)
    for _ in range(EPOCHS):
        shuffled = order.permutation(chosen)
        for start in range(0, len(shuffled), BATCH):
            part = shuffled[start : start + BATCH]
            _step(rows, part, labels[part], counts[part], weights, squares)
    return weights


def _step(
    rows: Rows,
    part: NDArray[np.int64],
    labels: NDArray[np.int64],
    counts: Floats,
    weights: Floats,
    squares: Floats,
) -> None:
    """One batch; changes `weights` and `squares`. No matrix products: the threads of BLAS wait for each
    other on a busy machine, which costs four times the CPU."""
    lengths = np.array([len(rows.grams[row]) for row in part])
    flat = np.concatenate([rows.grams[row] for row in part])
    values = np.concatenate([rows.values[row] for row in part])[:, None]
    scores = np.zeros((len(part), weights.shape[1]), np.float32)
    said = np.flatnonzero(lengths)
    if not len(said):
        return
    begins = (np.cumsum(lengths) - lengths)[said]
    scores[said] = np.add.reduceat(weights[flat] * values, begins, axis=0)
    error = softmax(scores)
    error[np.arange(len(labels)), labels] -= 1
    error *= counts[:, None]
    order = np.argsort(flat, kind="stable")
    ordered = flat[order]
    first = np.flatnonzero(np.diff(ordered, prepend=-1))
    seen = ordered[first]
    row = np.repeat(np.arange(len(part)), lengths)[order]
    slope = np.add.reduceat(error[row] * values[order], first, axis=0)
    squares[seen] += np.mean(slope * slope, axis=1, keepdims=True)
    weights[seen] -= STEP * slope / np.sqrt(squares[seen])


def softmax(scores: Floats) -> Floats:
    """(…, labels) log-odds → probabilities."""
    powers = np.exp(scores - scores.max(axis=-1, keepdims=True))
    result: Floats = powers / powers.sum(axis=-1, keepdims=True)
    return result
