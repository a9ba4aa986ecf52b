"""Fits the constants of voicebot/knowledge/choice.py: `python -m tests.unit.knowledge.fit_ranking`.

Every written variant of every article is asked once of an index that does not hold it (six folds), plain
and with homophones; so are the examples of questions that no article answers, and every third variant
with its own article taken away. Maximum likelihood, a little L2. Paraphrases and negatives of ./sets and
tests/eval/blind take no part. Prints the constants to paste; run it again (or `curve`) for figures.
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

import click
import numpy as np

from tests.unit.knowledge.evaluation import shipped, spoil, unanswered
from voicebot.core.shelf import NoShelf
from voicebot.knowledge import Article
from voicebot.knowledge.choice import FEATURES, described, doubts
from voicebot.knowledge.ranking import DEPTH, Ranker
from voicebot.knowledge.reading import Readings

FOLDS = 6
RATE = 0.12
"""Share of homophones in the spoiled copy of each question."""
RIDGE = 1.0
STEPS = 600


@dataclass
class Asked:
    """Training questions, one row each; `right` marks what would be right, its last column "nothing"."""

    features: list[np.ndarray] = field(default_factory=list)
    rival: list[np.ndarray] = field(default_factory=list)
    present: list[np.ndarray] = field(default_factory=list)
    right: list[np.ndarray] = field(default_factory=list)
    weight: list[float] = field(default_factory=list)

    def learn(self, ranker: Ranker, text: str, label: int, weight: float, away: int = -1) -> None:
        """`label`: row of the right article, -1 for none; `away`: article that takes no part."""
        rows, features = ranker.candidates(text, np.arange(ranker.size) != away)
        n = len(rows)
        right = np.zeros(DEPTH + 1, dtype=bool)
        right[:n] = rows == label if label >= 0 else rows >= ranker.size
        right[DEPTH] = label < 0
        if n and right.any():  # an article that is no candidate teaches nothing
            self.features.append(np.vstack([features, np.zeros((DEPTH - n, FEATURES))]))
            self.rival.append(np.append(rows >= ranker.size, np.zeros(DEPTH - n, dtype=bool)))
            self.present.append(np.arange(DEPTH) < n)
            self.right.append(right)
            self.weight.append(weight)


def asked_for(article: Article) -> tuple[str, ...]:
    return (*article.questions, *article.heard)


def _folds() -> Iterator[tuple[Ranker, list[tuple[int, str]], list[str]]]:
    """An index without a sixth of the variants and rivals, and what was left out."""
    knowledge = shipped()
    articles, rivals = list(knowledge.articles.values()), unanswered()
    own = knowledge.vocabulary.elsewhere[: -len(rivals)]
    for fold in range(FOLDS):
        left = [
            [(i * 7 + j) % FOLDS == fold for i in range(len(asked_for(a)))] for j, a in enumerate(articles)
        ]
        seen = [
            replace(
                a,
                heard=(),
                questions=tuple(q for q, gone in zip(asked_for(a), gones, strict=True) if not gone),
            )
            for a, gones in zip(articles, left, strict=True)
        ]
        kept = tuple(text for i, text in enumerate(rivals) if i % FOLDS != fold)
        vocabulary = replace(knowledge.vocabulary, elsewhere=own + kept)
        asked = [
            (row, q)
            for row, (a, gones) in enumerate(zip(articles, left, strict=True))
            for q, gone in zip(asked_for(a), gones, strict=True)
            if gone
        ]
        yield Ranker.of(seen, Readings(vocabulary, NoShelf())), asked, list(rivals[fold::FOLDS])


def _questions() -> Asked:
    asked, chance = Asked(), random.Random(1)
    for ranker, questions, rivals in _folds():
        for row, text in questions:
            asked.learn(ranker, text, row, 0.5)
            asked.learn(ranker, spoil(text, RATE, chance), row, 0.5)
            if chance.random() < 1 / 3:
                asked.learn(ranker, text, -1, 0.3, away=row)
        for text in rivals:
            asked.learn(ranker, text, -1, 0.75)
            asked.learn(ranker, spoil(text, RATE, chance), -1, 0.75)
    return asked


def _fit(asked: Asked) -> tuple[np.ndarray, np.ndarray]:
    """Utility weights and those of "nothing", by Adam over all questions at once."""
    features, rival = np.array(asked.features), np.array(asked.rival)
    present, right, weight = np.array(asked.present), np.array(asked.right), np.array(asked.weight)
    x, nothing = described(features, rival), doubts(features)
    scale = np.sqrt((x[present] ** 2).mean(axis=0))
    x = x / scale
    size = x.shape[2]
    beta = np.zeros(size + nothing.shape[1])
    mean, square = np.zeros_like(beta), np.zeros_like(beta)
    for step in range(1, STEPS + 1):
        utility = np.column_stack([np.where(present, x @ beta[:size], -1e9), nothing @ beta[size:]])
        p = np.exp(utility - utility.max(axis=1, keepdims=True))
        p /= p.sum(axis=1, keepdims=True)
        wanted = p * right / np.maximum((p * right).sum(axis=1, keepdims=True), 1e-12)
        pull = (wanted - p) * weight[:, None]
        gradient = np.append(np.einsum("qc,qcf->f", pull[:, :DEPTH], x), pull[:, DEPTH] @ nothing)
        gradient[:size] -= RIDGE * beta[:size]
        mean, square = 0.9 * mean + 0.1 * gradient, 0.99 * square + 0.01 * gradient**2
        rate = 0.05 if step < 0.7 * STEPS else 0.01
        beta = beta + rate * mean / (1 - 0.9**step) / (np.sqrt(square / (1 - 0.99**step)) + 1e-8)
    return beta[:size] / scale, beta[size:]


def main() -> None:
    utility, nothing = _fit(_questions())
    click.echo(f"UTILITY = np.array({[round(float(w), 2) for w in utility]})")
    click.echo(f"NOTHING = np.array({[round(float(w), 2) for w in nothing]})")


if __name__ == "__main__":
    main()
