"""Fits how signs of one matter are weighed: `python -m tests.unit.tickets.fit_repeats`.

Reads tests/eval/repeats/dev.jsonl only. Prints `WEIGHTS` of voicebot/tickets/repeats.py to paste (logistic
regression, Newton, L2) and what leave-one-out gives at several thresholds.
"""

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import click
import numpy as np
from numpy.typing import NDArray

from voicebot.cli.evaluation.repeats import Pair, read_pairs
from voicebot.cli.evaluation.statistics import calibration
from voicebot.tickets.likeness import compare
from voicebot.tickets.matter import Matter

RIDGE = 0.4
DEV = Path(__file__).parents[2] / "eval" / "repeats" / "dev.jsonl"
FOR = {"place", "anchor", "own", "topic", "topics_all", "words", "sum", "back"}
"""Signs of one matter; all others speak against it."""
THRESHOLDS = (0.3, 0.4, 0.5, 0.6, 0.7, 0.8)

Array = NDArray[np.float64]


def _table(pairs: Sequence[Pair]) -> tuple[list[str], Array, Array, NDArray[np.int64]]:
    """Signs of all pairs that no number tells apart, and again as if their topics were in no list: much of
    what people call about is in none. The last column: which pair it is."""
    rows = []
    for at, pair in enumerate(pairs):
        for a, b in ((pair.a, pair.b), (_unlisted(pair.a), _unlisted(pair.b))):
            compared = compare(a, b, pair.same_caller)
            if compared and not compared.vetoed:
                rows.append((compared.signs, pair.same, at))
    x = np.array([[1.0, *signs.values()] for signs, _, _ in rows])
    return (
        list(rows[0][0]),
        x,
        np.array([same for _, same, _ in rows], float),
        np.array([at for _, _, at in rows]),
    )


def _unlisted(matter: Matter) -> Matter:
    return replace(matter, topics=frozenset())


def _fit(x: Array, y: Array) -> Array:
    beta = np.zeros(x.shape[1])
    penalty = RIDGE * np.diag([0.0] + [1.0] * (x.shape[1] - 1))
    for _ in range(40):
        p = 1 / (1 + np.exp(-x @ beta))
        beta = beta + np.linalg.solve((x.T * (p * (1 - p))) @ x + penalty, x.T @ (y - p) - penalty @ beta)
    return beta


def _fit_signed(names: Sequence[str], x: Array, y: Array) -> Array:
    """As `_fit`, but no sign may speak against what it is: those that would are left out."""
    kept = list(range(x.shape[1]))
    while True:
        beta = np.zeros(x.shape[1])
        beta[kept] = _fit(x[:, kept], y)
        wrong = [i for i in kept if i and beta[i] * (1 if names[i - 1] in FOR else -1) < 0]
        if not wrong:
            return beta
        kept = [i for i in kept if i not in wrong]


def main() -> None:
    pairs = read_pairs(DEV)
    names, x, y, which = _table(pairs)
    weights = dict(zip(["bias", *names], _fit_signed(names, x, y).round(2).tolist(), strict=True))
    click.echo(json.dumps(weights, indent=4))
    held = np.zeros(len(y))
    for at in set(which.tolist()):
        held[which == at] = 1 / (
            1 + np.exp(-x[which == at] @ _fit_signed(names, x[which != at], y[which != at]))
        )
    first = np.array([i == 0 or which[i] != which[i - 1] for i in range(len(y))])
    for name, part in (("as they are", first), ("topics unlisted", ~first)):
        for least in THRESHOLDS:
            said, real = held[part] >= least, y[part]
            recall, precision = said[real == 1].mean(), real[said].mean()
            click.echo(
                f"{name}, {least}: recall {recall:.3f}, precision {precision:.3f}, n {int(said.sum())}"
            )
        told = calibration(held[part].tolist(), (y[part] == 1).tolist(), 5)
        click.echo(f"{name}, calibration, each left out: {told}")


if __name__ == "__main__":
    main()
