"""The knowledge base as the other rooms see it: rank, answer, follow up."""

from collections.abc import Iterable, Mapping
from datetime import date
from functools import lru_cache
from types import MappingProxyType
from typing import Final

import numpy as np

from voicebot.core.answer import Answer, ArticleHit, NoAnswer
from voicebot.core.ids import ArticleId
from voicebot.core.shelf import NoShelf
from voicebot.knowledge.article import Article, Aspect, Audience
from voicebot.knowledge.ranking import Ranker
from voicebot.knowledge.reading import Readings
from voicebot.knowledge.text import Vocabulary

ANSWER_AT: Final = 0.8
"""Score from which an article may be spoken as the answer; below it, ask or say that we do not know.
With it the false-answer bar of tests/unit/knowledge/test_quality.py holds."""


KEPT: Final = 256
"""Questions whose ranking is kept."""


class Knowledge:
    """Immutable set of articles with its index; a change makes a new one."""

    def __init__(
        self,
        articles: Iterable[Article],
        vocabulary: Vocabulary = Vocabulary(),  # noqa: B008
        readings: Readings | None = None,
    ) -> None:
        """Indexes `articles`; their ids are distinct.

        Args:
            readings: texts that were read before, with this vocabulary.
        """
        self._list: Final = tuple(articles)
        self.vocabulary: Final = vocabulary
        self.articles: Final[Mapping[ArticleId, Article]] = MappingProxyType({a.id: a for a in self._list})
        self.ranker: Final = Ranker.of(self._list, readings or Readings(vocabulary, NoShelf()))
        self._rank = lru_cache(KEPT)(self._rank_anew)
        self._from = np.array([a.valid_from.toordinal() for a in self._list], dtype=np.int64)
        self._to = np.array([(a.valid_to or date.max).toordinal() for a in self._list], dtype=np.int64)
        self._for = {
            audience: np.array([a.speakable(a.valid_from, audience) for a in self._list], dtype=np.bool_)
            for audience in Audience
        }

    def _rank_anew(self, text: str, on: date, k: int, audience: Audience) -> tuple[ArticleHit, ...]:
        day = on.toordinal()
        allowed = self._for[audience] & (self._from <= day) & (day <= self._to)
        return tuple(
            ArticleHit(article.id, article.title, article.department, score)
            for row, score in self.ranker.rank(text, allowed, k)
            for article in (self._list[row],)
        )

    def rank(
        self, text: str, on: date, k: int = 5, audience: Audience = Audience.PUBLIC
    ) -> tuple[ArticleHit, ...]:
        """Best articles for a question, at most `k`, best first.

        Only articles that may be spoken to `audience` on that day take part. Scores are
        probabilities (see ranking.py); any text is fine, the empty one gives nothing. The last questions
        are kept: a turn is ranked several times over (drafts, the committed one).
        """
        return self._rank(text, on, k, audience)

    def answer(
        self, article_id: ArticleId, on: date, score: float = 1.0, audience: Audience = Audience.PUBLIC
    ) -> Answer | NoAnswer:
        """What may be spoken of an article on that day; NoAnswer if it is unknown, expired, a draft
        or for seats only.

        Args:
            score: probability with which the article was chosen, carried along.
        """
        article = self.articles.get(article_id)
        if article is None:
            return NoAnswer()
        if not article.speakable(on, audience):
            return NoAnswer(ArticleHit(article.id, article.title, article.department, score))
        return Answer(
            article=article.id,
            title=article.title,
            text=article.answer,
            more=article.more,
            department=article.department,
            source=article.basis,
            as_of=article.reviewed,
            score=score,
            aspects=tuple((aspect.value, text) for aspect, text in article.aspects.items()),
        )

    def aspect(self, article_id: ArticleId, aspect: str) -> str | None:
        """Spoken answer to a follow-up (materials, where, cost, time, steps); None when the article
        says nothing about it or the aspect has another name."""
        article = self.articles.get(article_id)
        if article is None or aspect not in {member.value for member in Aspect}:
            return None
        return article.aspects.get(Aspect(aspect))
