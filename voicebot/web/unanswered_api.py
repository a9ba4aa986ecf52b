"""`/api/v1/unanswered`: questions without an answer, for those who look after the knowledge."""

from datetime import datetime
from typing import Annotated, Self

from fastapi import APIRouter, Depends, Query
from fastapi import Path as InPath
from pydantic import BaseModel, Field

from voicebot.core.answer import Gap
from voicebot.core.errors import VoicebotError
from voicebot.web.api import PROBLEMS, Limit
from voicebot.web.gate import KEEPERS
from voicebot.web.ports import Account, Standing, Unanswered, UnansweredBook
from voicebot.web.problems import Refusal

MOST: int = 2**31 - 1


class Question(BaseModel):
    """One question; numbers of people are masked."""

    id: int
    question: str = Field(description="as it was asked last")
    wordings: list[str]
    times: int
    gap: Gap
    article: str | None = Field(description="the nearest article, or the one that did not help")
    score: float
    call_id: str = Field(description="the last call")
    first: datetime
    last: datetime
    standing: Standing
    changed_by: str

    @classmethod
    def of(cls, one: Unanswered) -> Self:
        return cls(
            id=one.id,
            question=one.question,
            wordings=list(one.wordings),
            times=one.times,
            gap=one.gap,
            article=one.article,
            score=round(one.score, 3),
            call_id=one.call_id,
            first=one.first,
            last=one.last,
            standing=one.standing,
            changed_by=one.changed_by,
        )


class QuestionPage(BaseModel):
    items: list[Question]
    next_cursor: str | None


class Marking(BaseModel):
    standing: Standing


def unanswered_router(book: UnansweredBook) -> APIRouter:
    router = APIRouter(prefix="/api/v1/unanswered", responses=PROBLEMS)

    @router.get("", dependencies=[Depends(KEEPERS)])
    async def unanswered(
        standing: Standing | None = None,
        limit: Limit = 50,
        cursor: Annotated[
            str | None, Query(pattern=r"^\d{1,10}-\d{1,18}$", description="`next_cursor`")
        ] = None,
    ) -> QuestionPage:
        """Questions without an answer, asked most often first."""
        times, _, number = (cursor or "").partition("-")
        after = (min(int(times), MOST), int(number)) if cursor else None
        found = await book.list(standing, limit + 1, after)
        last = found[limit - 1] if len(found) > limit else None
        following = f"{last.times}-{last.id}" if last else None
        return QuestionPage(items=[Question.of(one) for one in found[:limit]], next_cursor=following)

    @router.patch("/{number}")
    async def mark(
        number: Annotated[int, InPath(ge=1, le=MOST)],
        marking: Marking,
        account: Annotated[Account, Depends(KEEPERS)],
    ) -> Question:
        """Says what became of a question: an article was made, it is ignored, or it is new again."""
        try:
            return Question.of(await book.mark(number, marking.standing, account.name))
        except VoicebotError as error:
            if error.code == "unanswered.unknown":
                raise Refusal(404, error.code, error.message) from error
            raise

    return router
