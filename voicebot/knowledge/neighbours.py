"""What stands around an answer: the parts of a life event, and the article that came close behind."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Final

from voicebot.core.answer import Answer, ArticleHit, NoAnswer
from voicebot.knowledge.knowledge import Knowledge

LEAST_RIVAL: Final = 0.25
"""Probability below which an article is no rival."""
CLOSE: Final = 0.75
"""Share of the best one's probability from which a rival is close. Of 324 questions of the development sets
10 have one: the first was meant in 1 of them, the second in 5. A mere topic (身份证) often has one."""
MOST_PARTS: Final = 9
"""Parts that a listener can be led through."""


def around(
    knowledge: Knowledge, answer: Answer | NoAnswer, hits: Sequence[ArticleHit], on: date
) -> Answer | NoAnswer:
    """`answer` with its parts and its rival, each of which may be spoken on that day.

    Args:
        hits: as `Knowledge.rank` gave them.
    """
    if isinstance(answer, NoAnswer):
        return answer
    return replace(answer, parts=parts(knowledge, answer, on), rival=rival(knowledge, answer, hits, on))


def parts(knowledge: Knowledge, answer: Answer, on: date) -> tuple[Answer, ...]:
    """The matters that a life event bundles, in the order of `related`; () for other articles."""
    article = knowledge.articles.get(answer.article)
    if article is None or not article.life_event:
        return ()
    found = (knowledge.answer(other, on) for other in article.related[:MOST_PARTS])
    return tuple(part for part in found if isinstance(part, Answer))


def rival(knowledge: Knowledge, answer: Answer, hits: Sequence[ArticleHit], on: date) -> Answer | None:
    """The best other article, where it comes so close that one should ask which is meant."""
    other = next((hit for hit in hits if hit.article != answer.article), None)
    if other is None or other.score < max(LEAST_RIVAL, CLOSE * answer.score):
        return None
    found = knowledge.answer(other.article, on, other.score)
    return found if isinstance(found, Answer) else None
