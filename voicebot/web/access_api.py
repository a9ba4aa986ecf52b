"""`/api/v1/access-log`: who looked at whom (docs/privacy.md)."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Query
from pydantic import AwareDatetime, BaseModel

from voicebot.core.ids import CallId, TicketNo
from voicebot.operations.ticket_access import Access, AccessWanted, Looked
from voicebot.operations.ticket_work import TicketWork
from voicebot.web.gate import OVERSEERS
from voicebot.web.ports import Account
from voicebot.web.ticket_api import PROBLEMS


class AccessOut(BaseModel):
    """One look; nothing personal."""

    at: datetime
    who: str
    ticket_no: str | None
    call_id: str | None
    what: Looked
    why: str

    @classmethod
    def of(cls, access: Access) -> "AccessOut":
        return cls(
            at=access.at,
            who=access.who,
            ticket_no=access.ticket_no,
            call_id=access.call_id,
            what=access.what,
            why=access.why,
        )


class AccessLogPage(BaseModel):
    items: list[AccessOut]
    next_cursor: str | None


def access_router(work: TicketWork) -> APIRouter:
    """The route; for administrators and supervisors."""
    router = APIRouter(prefix="/api/v1", responses=PROBLEMS, tags=["privacy"])

    @router.get("/access-log")
    async def access_log(
        account: Annotated[Account, Depends(OVERSEERS)],
        who: Annotated[str, Query(max_length=128, description="`role:name`, or the name")] = "",
        ticket_no: Annotated[str | None, Query(pattern=r"^\d{14}$")] = None,
        call_id: Annotated[str | None, Query(pattern=r"^[0-9A-Za-z-]{1,64}$")] = None,
        what: Looked | None = None,
        since: AwareDatetime | None = None,
        until: Annotated[AwareDatetime | None, Query(description="not included")] = None,
        limit: Annotated[int, Query(ge=1, le=200, description="items a page")] = 50,
        cursor: Annotated[str | None, Query(pattern=r"^\d{1,18}$", description="`next_cursor`")] = None,
    ) -> AccessLogPage:
        """Every look at a person's data, newest first."""
        wanted = AccessWanted(
            who,
            TicketNo(ticket_no) if ticket_no else None,
            CallId(call_id) if call_id else None,
            what,
            since,
            until,
        )
        page = await work.access_log(account, wanted, limit, None if cursor is None else int(cursor))
        following = None if page.following is None else str(page.following)
        return AccessLogPage(items=list(map(AccessOut.of, page.items)), next_cursor=following)

    return router
