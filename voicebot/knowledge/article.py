"""An article: one question of citizens, answered in spoken Chinese, with owner, source and dates."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from voicebot.core.ids import ArticleId, DepartmentName

ANSWER_LIMIT: Final = 40
"""Characters of the first spoken answer: about ten seconds at hotline speed."""
MORE_LIMIT: Final = 160
"""Characters of the longer answer: about forty seconds, the most a caller can follow."""
ASPECT_LIMIT: Final = 100
STEP_LIMIT: Final = 60
LEAST_QUESTIONS: Final = 8


class Scope(StrEnum):
    NATIONAL = "全国"
    LOCAL = "地方"
    """Figures or conditions differ by city; the article must say so."""


class Audience(StrEnum):
    PUBLIC = "public"
    SEAT = "seat"


class Status(StrEnum):
    PUBLISHED = "published"
    DRAFT = "draft"


class Aspect(StrEnum):
    """What a caller asks next within the same topic."""

    MATERIALS = "materials"
    WHERE = "where"
    COST = "cost"
    TIME = "time"
    STEPS = "steps"


@dataclass(frozen=True, slots=True)
class Origin:
    """Where an article stands in its file; lines are 1-based.

    Args:
        fields: field → line.
        questions: line of each entry of `Article.questions`.
    """

    path: str = ""
    line: int = 0
    fields: Mapping[str, int] = field(default_factory=lambda: MappingProxyType({}))
    questions: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Article:
    """One vetted answer.

    Args:
        title: the question as it is spoken, also the first variant.
        answer: first spoken answer, at most `ANSWER_LIMIT` characters.
        more: longer answer on request, at most `MORE_LIMIT` characters.
        aspects: answers to follow-up questions, one spoken text each.
        basis: law or notice with its date; empty when not certain.
        questions: spoken variants, at least `LEAST_QUESTIONS`.
        heard: what callers asked that it answers, from the examples; not part of the article's file.
        valid_to: last day on which it may be spoken; None = open.
        reviewed: day on which a person last checked the content.
        owner: unit or person who answers for the content; empty is reported by `lint`.
        life_event: bundles several matters (高效办成一件事).
    """

    id: ArticleId
    category: str
    title: str
    department: DepartmentName
    answer: str
    questions: tuple[str, ...]
    valid_from: date
    reviewed: date
    more: str = ""
    owner: str = ""
    scope: Scope = Scope.NATIONAL
    audience: Audience = Audience.PUBLIC
    status: Status = Status.PUBLISHED
    valid_to: date | None = None
    aspects: Mapping[Aspect, str] = field(default_factory=lambda: MappingProxyType({}))
    basis: str = ""
    related: tuple[ArticleId, ...] = ()
    life_event: bool = False
    heard: tuple[str, ...] = ()
    origin: Origin = Origin()

    def speakable(self, on: date, audience: Audience = Audience.PUBLIC) -> bool:
        """May it be spoken to `audience` on that day? Drafts never; seats hear public ones too."""
        return (
            self.status is Status.PUBLISHED
            and self.valid_from <= on
            and (self.valid_to is None or on <= self.valid_to)
            and (self.audience is Audience.PUBLIC or audience is Audience.SEAT)
        )
