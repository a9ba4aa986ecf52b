"""Figures on labelled questions (see evaluation.py), with floors below what is measured today."""

import pytest

from tests.unit.knowledge.evaluation import TODAY, half, measure, rows, shipped, spoiled, told
from voicebot.knowledge import ANSWER_AT


@pytest.mark.parametrize(
    ("rate", "hit1", "hit3", "answered"),
    [(0.0, 0.93, 0.97, 0.77), (0.05, 0.92, 0.97, 0.75), (0.1, 0.91, 0.97, 0.73), (0.2, 0.90, 0.96, 0.69)],
)
def test_paraphrases_find_their_article(rate: float, hit1: float, hit3: float, answered: float) -> None:
    figures = measure(shipped(), spoiled(half("paraphrases", held=True), rate), ANSWER_AT)
    assert figures.hit1 >= hit1, figures
    assert figures.hit3 >= hit3, figures
    assert figures.answered >= answered, figures
    assert figures.wrong <= 0.02, figures


def test_a_question_inside_a_story_is_found() -> None:
    figures = measure(shipped(), told(half("paraphrases", held=True)), ANSWER_AT)
    assert figures.hit1 >= 0.84, figures
    assert figures.hit3 >= 0.92, figures
    assert figures.answered >= 0.33, figures
    assert figures.wrong <= 0.02, figures
    assert measure(shipped(), told(half("negatives", held=True)), ANSWER_AT).wrong <= 0.02


def test_questions_without_an_article_are_rarely_answered() -> None:
    """The bar of the whole agent is 2 %: understanding refuses chat and complaints before this."""
    assert measure(shipped(), half("negatives", held=True), ANSWER_AT).wrong <= 0.03
    assert measure(shipped(), rows("fresh_negatives"), ANSWER_AT).wrong <= 0.03


def test_chat_is_never_an_answer() -> None:
    chat = [row for name in ("negatives", "fresh_negatives") for row in rows(name) if row[0] == "chat"]
    assert measure(shipped(), chat, ANSWER_AT).wrong == 0


def test_complaints_lead_to_the_article_they_are_about() -> None:
    assert measure(shipped(), rows("resembling"), ANSWER_AT).hit1 >= 0.9


def test_scores_are_probabilities() -> None:
    """Held paraphrases and negatives by score of the first hit: the share that is right fits the score.

    Within 0.2, because a bin holds a few dozen questions.
    """
    bins: dict[int, list[tuple[float, bool]]] = {}
    for label, text in half("paraphrases", held=True) + half("negatives", held=True):
        for hit in shipped().rank(text, TODAY, 1):
            bins.setdefault(int(hit.score * 3.999), []).append((hit.score, hit.article == label))
    for answers in bins.values():
        if len(answers) >= 20:
            scores, right = zip(*answers, strict=True)
            assert abs(sum(scores) / len(scores) - sum(right) / len(right)) <= 0.2, answers
