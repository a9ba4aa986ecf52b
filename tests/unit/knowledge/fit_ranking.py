"""Fits the constants of voicebot/knowledge/ranking.py: `python -m tests.unit.knowledge.fit_ranking`.

Logistic regression (Newton, L2) over the candidates of dev questions; a candidate is positive when it
is the labelled article. Prints the constants to paste, then the figures on dev and on the held half.
"""

import sys

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
    print("BIAS =", round(beta[0], 2), "WEIGHTS =", [round(w, 2) for w in beta[1:]])
    for held in (False, True):
        name = "held" if held else "dev"
        questions = half("paraphrases", held)
        for rate in (0.0, 0.05, 0.1, 0.2):
            print(name, f"{rate:4.0%} homophones", measure(shipped(), spoiled(questions, rate), ANSWER_AT))
        print(name, "negatives", measure(shipped(), half("negatives", held), ANSWER_AT).wrong)
        if "-v" in sys.argv and not held:
            _errors(questions, half("negatives", held))
    for label, text in rows("resembling"):
        best = shipped().rank(text, TODAY, 1)[0]
        print(label, text, best.article, round(best.score, 2))


def _errors(questions: list[tuple[str, str]], negatives: list[tuple[str, str]]) -> None:
    for label, text in questions + [("-", text) for _, text in negatives]:
        hits = shipped().rank(text, TODAY, 3)
        best = hits[0] if hits else None
        if best and (best.article != label) == (label != "-" or best.score > ANSWER_AT / 2):
            print("   ", label, text, [(h.article, h.title, round(h.score, 2)) for h in hits[:2]])
        elif best and label != "-" and best.score < ANSWER_AT:
            print("  low", label, text, round(best.score, 2))


if __name__ == "__main__":
    main()
