"""Fits the constants of voicebot/knowledge/ranking.py: `python -m tests.unit.knowledge.fit_ranking`.

Logistic regression (Newton, L2) over the candidates of dev questions; a candidate is positive when it
is the labelled article. Prints the constants to paste, then the figures on dev and on the held half.
"""

import click
import numpy as np

from tests.unit.knowledge.evaluation import TODAY, half, measure, rows, shipped, spoiled
from voicebot.knowledge import ANSWER_AT

RIDGE = 1.0
RATES = (0.0, 0.1, 0.2)


def _examples() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Features, targets and weights of the first six candidates of each training question.

    Three kinds, each also spoiled by homophones: dev paraphrases; dev negatives; dev paraphrases whose
    own article is taken away, at half weight (their neighbours may be a fair answer).
    """
    knowledge = shipped()
    ids = list(knowledge.articles)
    everything = np.array([article.speakable(TODAY) for article in knowledge.articles.values()])
    inputs, targets, weights = [], [], []

    def learn(label: str, text: str, weight: float, without: str = "") -> None:
        found, features = knowledge.ranker.candidates(
            text, everything & np.array([i != without for i in ids])
        )
        for row, feature in zip(found[:6], features[:6], strict=True):
            inputs.append(feature)
            targets.append(float(ids[row] == label))
            weights.append(weight)

    for rate in RATES:
        for label, text in spoiled(half("paraphrases", held=False), rate):
            learn(label, text, 1.0)
            learn("", text, 0.5 / len(RATES), without=label)
        for _, text in spoiled(half("negatives", held=False), rate):
            learn("", text, 1.0)
    return np.array(inputs), np.array(targets), np.array(weights)


def _logistic(inputs: np.ndarray, targets: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Bias first."""
    x = np.column_stack([np.ones(len(inputs)), inputs])
    beta = np.zeros(x.shape[1])
    penalty = RIDGE * np.diag([0.0] + [1.0] * inputs.shape[1])
    for _ in range(60):
        p = 1 / (1 + np.exp(-x @ beta))
        gradient = x.T @ (weights * (targets - p)) - penalty @ beta
        curvature = (x.T * (weights * p * (1 - p))) @ x + penalty
        beta = beta + np.linalg.solve(curvature, gradient)
    return beta


def main() -> None:
    beta = _logistic(*_examples())
    click.echo(f"BIAS = {beta[0]:.2f} WEIGHTS = {[round(float(w), 2) for w in beta[1:]]}")
    for held in (False, True):
        for rate in (0.0, 0.05, 0.1, 0.2):
            figures = measure(shipped(), spoiled(half("paraphrases", held), rate), ANSWER_AT)
            click.echo(f"{'held' if held else 'dev'} {rate:.0%} homophones: {figures}")
        wrong = measure(shipped(), half("negatives", held), ANSWER_AT).wrong
        click.echo(f"{'held' if held else 'dev'} negatives answered: {wrong:.3f}")
    click.echo(
        f"fresh negatives answered: {measure(shipped(), rows('fresh_negatives'), ANSWER_AT).wrong:.3f}"
    )
    for label, text in rows("resembling"):
        best = shipped().rank(text, TODAY, 1)[0]
        click.echo(f"resembling {label} {text}: {best.article} {best.score:.2f}")


if __name__ == "__main__":
    main()
