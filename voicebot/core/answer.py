"""Knowledge as it reaches the caller."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from voicebot.core.ids import ArticleId, DepartmentName


@dataclass(frozen=True, slots=True)
class ArticleHit:
    """A ranked candidate, evidence for understanding.

    Args:
        score: calibrated probability, 0-1, that this article answers the question.
    """

    article: ArticleId
    title: str
    department: DepartmentName | None
    score: float


@dataclass(frozen=True, slots=True)
class Answer:
    """A cited answer.

    Args:
        text: first spoken answer, at most 40 characters.
        more: longer answer, spoken on request; may be empty.
        source: law or notice it rests on; may be empty.
        as_of: date the content was last verified.
        aspects: follow-ups it can answer: ``materials``, ``where``, ``cost``, ``time``, ``steps`` →
            spoken text.
        parts: of a life event (高效办成一件事) the matters it bundles, in order; they have no parts.
        rival: the article that came close behind, where it is not clear which one is meant.
    """

    article: ArticleId
    title: str
    text: str
    more: str = ""
    department: DepartmentName | None = None
    source: str = ""
    as_of: date | None = None
    score: float = 1.0
    aspects: tuple[tuple[str, str], ...] = ()
    parts: tuple["Answer", ...] = ()
    rival: "Answer | None" = None


@dataclass(frozen=True, slots=True)
class NoAnswer:
    """An honest "we do not know": nothing ranked high enough, or only expired articles did."""

    best: ArticleHit | None = None


class Gap(StrEnum):
    """Why a question stayed open: what the owner of the knowledge should look at."""

    NO_ANSWER = "no_answer"
    """Nothing ranked high enough."""
    DENIED = "denied"
    """We asked back whether an article was meant, and it was not."""
    UNHELPFUL = "unhelpful"
    """An answer was given and did not help."""
