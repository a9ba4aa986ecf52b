"""Fits how words and examples are weighed together: `python -m tests.unit.understanding.fit_fusion`.

Every example is judged by what was learnt from two thirds of the others (three folds), articles' own
questions by the articles as they are. Prints `WEIGHTS` of voicebot/understanding/danger.py to paste
(logistic regression, Newton, L2), what it gives at several thresholds, and the accuracy of the purpose for
several `OPEN_WEIGHTS` of intents.py. The blind set is only measured on.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import click
import numpy as np

from tests.unit.understanding.conftest import ROOT, lexicon_texts
from voicebot.bootstrap.brain import load_brain, questions_of
from voicebot.calls.brain import Brain
from voicebot.core.answer import ArticleHit
from voicebot.core.meaning import Intent
from voicebot.core.utterance import Expect
from voicebot.understanding import intents as purposes
from voicebot.understanding import load_departments
from voicebot.understanding.danger import signs_of, words_of
from voicebot.understanding.examples import Example, load_examples
from voicebot.understanding.intents import find_purpose
from voicebot.understanding.learned import Learned, learn_from
from voicebot.understanding.lexicon import Lexicon, load_lexicon
from voicebot.understanding.reading import read
from voicebot.understanding.routing import find_topics

TODAY = date(2026, 11, 24)
FOLDS = 3
RIDGE = 1.0
BLIND = Path(__file__).parents[2] / "eval" / "blind"
THRESHOLDS = (0.1, 0.2, 0.3, 0.5, 0.7, 0.85)
SHARES = ((1.0, 0.0), (0.0, 1.0), (1.0, 0.2), (1.0, 0.35), (0.8, 0.35), (0.8, 0.5), (0.7, 0.7))


@dataclass(frozen=True)
class Case:
    text: str
    intent: str
    learned: dict[Intent, float]
    words: dict[Intent, float]
    signs: dict[str, float]


def _case(
    brain: Brain, lexicon: Lexicon, text: str, intent: str, learned: Learned, hits: Sequence[ArticleHit]
) -> Case:
    reading = read(text)
    found = lexicon.matcher.find(reading)
    topics = find_topics(lexicon, found)
    told = find_purpose(lexicon, reading, found, topics, {}, hits, Expect(), {})
    probabilities = learned.of(reading).purposes()
    knowledge = max((hit.score for hit in hits), default=0.0)
    signs = signs_of(reading, found, words_of(reading, found), probabilities, told.evidence, knowledge)
    return Case(text, intent, dict(probabilities), dict(told.ranked), dict(signs))


def _cases(brain: Brain, lexicon: Lexicon, examples: Sequence[Example]) -> list[Case]:
    cases: list[Case] = []
    for fold in range(FOLDS):
        learned = learn_from([e for i, e in enumerate(examples) if i % FOLDS != fold])
        for example in examples[fold::FOLDS]:
            hits = brain.knowledge.rank(example.text, TODAY, 3)
            if hits and hits[0].score > 0.999:  # its own question
                hits = ()
            cases.append(_case(brain, lexicon, example.text, example.intent.value, learned, hits))
    return cases


def _fit(cases: Sequence[Case]) -> dict[str, float]:
    names = list(cases[0].signs)
    x = np.array([[1.0, *case.signs.values()] for case in cases])
    y = np.array([case.intent.startswith("emergency") for case in cases], float)
    beta = np.zeros(x.shape[1])
    penalty = RIDGE * np.diag([0.0] + [1.0] * len(names))
    for _ in range(40):
        p = 1 / (1 + np.exp(-x @ beta))
        gradient = x.T @ (y - p) - penalty @ beta
        beta = beta + np.linalg.solve((x.T * (p * (1 - p))) @ x + penalty, gradient)
    return dict(zip(["bias", *names], beta.round(2).tolist(), strict=True))


def _alarms(name: str, cases: Sequence[Case], weights: dict[str, float]) -> None:
    odds = [weights["bias"] + sum(weights[s] * v for s, v in case.signs.items()) for case in cases]
    score = 1 / (1 + np.exp(-np.array(odds)))
    danger = np.array([case.intent.startswith("emergency") for case in cases])
    for least in THRESHOLDS:
        caught = (score[danger] >= least).mean()
        false = int((score[~danger] >= least).sum())
        click.echo(f"{name} alarm at {least}: recall {caught:.3f}, false {false} of {(~danger).sum()}")


def _shares(name: str, cases: Sequence[Case]) -> None:
    calm = [case for case in cases if not case.intent.startswith("emergency")]
    for share in SHARES:
        purposes.OPEN_WEIGHTS = share
        right, likelihood = 0, 0.0
        for case in calm:
            ranked = purposes._both(tuple(case.words.items()), case.learned, Expect())
            right += ranked[0][0] == case.intent
            likelihood += float(np.log(dict(ranked)[Intent(case.intent)]))
        click.echo(
            f"{name} purpose {share}: {right / len(calm):.4f}, log-likelihood {likelihood / len(calm):.3f}"
        )


def main() -> None:
    brain = load_brain(ROOT.parent)
    departments = load_departments("departments.tsv", (ROOT / "departments.tsv").read_text(encoding="utf-8"))
    lexicon = load_lexicon(lexicon_texts(), departments)
    texts = {path.name: path.read_text(encoding="utf-8") for path in sorted(ROOT.glob("examples/*.yaml"))}
    examples = (*load_examples(texts, departments), *questions_of(brain.knowledge))
    cases = _cases(brain, lexicon, examples)
    weights = _fit(cases)
    click.echo(json.dumps(weights))
    learned = learn_from(examples)
    lines = (BLIND / "utterances.jsonl").read_text(encoding="utf-8").splitlines()
    blind = [
        _case(
            brain, lexicon, row["text"], row["intent"], learned, brain.knowledge.rank(row["text"], TODAY, 3)
        )
        for row in map(json.loads, lines)
    ]
    for name, part in (("held out", cases), ("blind", blind)):
        _alarms(name, part, weights)
        _shares(name, part)


if __name__ == "__main__":
    main()
