"""`/api/v1/tickets/{no}/suggestions` and `/api/v1/hot-spots`: what may be one matter, and where many
report one thing (docs/api.md)."""

from datetime import datetime
from typing import Annotated, Self

from fastapi import APIRouter, Depends, Response
from fastapi import Path as InPath
from pydantic import BaseModel, ConfigDict, Field

from voicebot.core.clock import Clock
from voicebot.core.ids import TicketNo
from voicebot.operations.hot_spots import HotSpot, HotSpotWatch
from voicebot.operations.similar import Similar, SimilarTickets
from voicebot.tickets.suggestions import Standing
from voicebot.web.gate import TICKETS
from voicebot.web.ports import Account
from voicebot.web.ticket_api import PROBLEMS, IfMatch, Key, No, Who, seen_version
from voicebot.web.tickets_in import Text
from voicebot.web.tickets_out import TicketItem

Other = Annotated[str, InPath(pattern=r"^\d{1,20}$", description="the ticket beside it")]


class DecisionIn(BaseModel):
    model_config = ConfigDict(
        extra="forbid",
        str_strip_whitespace=True,
        json_schema_extra={"examples": [{"reason": "同一盏路灯"}]},
    )

    reason: Text = ""


class SuggestionOut(BaseModel):
    """Another ticket that may be the same matter."""

    ticket: TicketItem
    score: float = Field(description="probability, 0-1")
    reasons: list[str]
    same_caller: bool = Field(description="accepted it is merged (并单); else they are one 群诉")
    standing: Standing
    at: datetime = Field(description="when they were compared")
    decided_by: str = Field(description="`role:name`; empty while nobody has decided")
    decided_at: datetime | None
    reason: str = Field(description="of the decision")
    joined: str | None = Field(description="which of the two was merged, or joined the group")

    @classmethod
    def of(cls, similar: Similar, now: datetime) -> Self:
        about, zone = similar.suggestion, now.tzinfo
        return cls(
            ticket=TicketItem.of(similar.other, now),
            score=about.score,
            reasons=list(about.reasons),
            same_caller=about.own,
            standing=about.standing,
            at=about.at.astimezone(zone),
            decided_by=about.by,
            decided_at=about.decided_at and about.decided_at.astimezone(zone),
            reason=about.why,
            joined=about.joined,
        )


class SuggestionPage(BaseModel):
    items: list[SuggestionOut]


class HotSpotOut(BaseModel):
    """An alarm that lasts."""

    place: str
    kind: str
    level: str = Field(description="预警 or 群诉")
    callers: int = Field(description="distinct ones in 24 hours")
    mean: float = Field(description="distinct callers a day in the 28 days before")
    reason: str
    since: datetime
    seen_at: datetime

    @classmethod
    def of(cls, alarm: HotSpot, now: datetime) -> Self:
        return cls(
            place=alarm.key.name,
            kind=alarm.key.kind,
            level=alarm.level.value,
            callers=alarm.callers,
            mean=round(alarm.mean, 2),
            reason=alarm.reason,
            since=alarm.since.astimezone(now.tzinfo),
            seen_at=alarm.seen_at.astimezone(now.tzinfo),
        )


class HotSpotPage(BaseModel):
    items: list[HotSpotOut]


def suggestion_router(similar: SimilarTickets, hot_spots: HotSpotWatch, clock: Clock) -> APIRouter:
    """The routes."""
    router = APIRouter(prefix="/api/v1", responses=PROBLEMS, tags=["suggestions"])

    async def shown(who: Account, ticket_no: TicketNo) -> SuggestionPage:
        found = await similar.of(who, ticket_no)
        return SuggestionPage(items=[SuggestionOut.of(each, clock.now()) for each in found])

    @router.get("/tickets/{ticket_no}/suggestions")
    async def suggestions(who: Who, ticket_no: No) -> SuggestionPage:
        """Tickets that may be the same matter, undecided ones first, the likeliest first. Secret tickets
        (举报, 保密, 匿名) are compared with nothing."""
        return await shown(who, TicketNo(ticket_no))

    @router.post("/tickets/{ticket_no}/suggestions/{other}/accept")
    async def accept(
        who: Who,
        ticket_no: No,
        other: Other,
        body: DecisionIn,
        response: Response,
        if_match: IfMatch = None,
        key: Key = "",
    ) -> SuggestionPage:
        """One matter: the later ticket joins the earlier one's 群诉, or makes it; of one caller it is merged
        into it. The `ETag` is that of `ticket_no`."""
        expected = seen_version(if_match)
        done = await similar.accept(
            who, TicketNo(ticket_no), TicketNo(other), reason=body.reason, expected=expected, key=key
        )
        response.headers["ETag"] = f'"{done.version}"'
        return await shown(who, TicketNo(ticket_no))

    @router.post("/tickets/{ticket_no}/suggestions/{other}/refuse")
    async def refuse(
        who: Who, ticket_no: No, other: Other, body: DecisionIn, if_match: IfMatch = None
    ) -> SuggestionPage:
        """Another matter: kept, and never suggested again. Sent again it changes nothing."""
        expected = seen_version(if_match)
        await similar.refuse(who, TicketNo(ticket_no), TicketNo(other), reason=body.reason, expected=expected)
        return await shown(who, TicketNo(ticket_no))

    @router.post("/tickets/{ticket_no}/suggestions/{other}/undo")
    async def undo(
        who: Who,
        ticket_no: No,
        other: Other,
        body: DecisionIn,
        if_match: IfMatch = None,
        key: Key = "",
    ) -> SuggestionPage:
        """Takes a decision back, with a reason: who joined leaves, a refusal is none. Undecided then."""
        expected = seen_version(if_match)
        await similar.undo(
            who, TicketNo(ticket_no), TicketNo(other), reason=body.reason, expected=expected, key=key
        )
        return await shown(who, TicketNo(ticket_no))

    @router.get("/hot-spots")
    async def spots(who: Annotated[Account, Depends(TICKETS)]) -> HotSpotPage:
        """热点预警 that last, the most serious first; for those who see every ticket."""
        lasting = await hot_spots.lasting(who)
        return HotSpotPage(items=[HotSpotOut.of(each, clock.now()) for each in lasting])

    return router
