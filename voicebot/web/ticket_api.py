"""`/api/v1/tickets` and `/api/v1/work-lists`: the tickets of every channel and system (docs/api.md)."""

from collections.abc import Awaitable
from datetime import date
from typing import Annotated, Final

from fastapi import APIRouter, Depends, Header, Query, Response
from fastapi import Path as InPath

from voicebot.core.clock import Clock
from voicebot.core.ids import DepartmentName, TicketNo
from voicebot.core.meaning import AppealType, Urgency
from voicebot.operations.ticket_work import TicketWork
from voicebot.tickets.clocks import Light
from voicebot.tickets.listing import WORK_LISTS, Filter, Mark, WorkList, both
from voicebot.tickets.parts import Reference
from voicebot.tickets.state import State
from voicebot.tickets.ticket import Ticket, TicketAction
from voicebot.web.gate import OVERSEERS, TICKETS
from voicebot.web.ports import Account, Role
from voicebot.web.problems import Refusal
from voicebot.web.tickets_in import (
    ActionIn,
    CorrectionIn,
    DemandIn,
    HandoverIn,
    RevealIn,
    SeveralIn,
    SplitIn,
)
from voicebot.web.tickets_out import (
    EventOut,
    EventPage,
    Filed,
    ItemPage,
    LookOut,
    LookPage,
    PartyView,
    Revealed,
    TicketFull,
    TicketItem,
    TicketOut,
    WorkListOut,
    WorkListPage,
)
from voicebot.web.views import Problem

Who = Annotated[Account, Depends(TICKETS)]
No = Annotated[str, InPath(pattern=r"^\d{1,20}$", examples=["20261124000072"])]
Key = Annotated[
    str,
    Header(
        alias="Idempotency-Key",
        pattern=r"^[\x21-\x7e]{0,128}$",
        description="of the request: sent again it is carried out once, and answered again",
    ),
]
IfMatch = Annotated[
    str | None,
    Header(alias="If-Match", description='the `version` that was seen, as `"3"`; 428 without'),
]
_WHAT: Final = {
    400: "not readable",
    401: "who is it",
    403: "not with this role or unit (`ticket.forbidden`)",
    404: "none, or not for these eyes (`ticket.unknown`)",
    409: "somebody was quicker (`ticket.stale`, with `version`, `since`, `changes`), or its state does not"
    " allow it (`ticket.illegal_move`)",
    412: "no version of this ticket (`ticket.no_such_version`)",
    413: "body too large (`request.too_large`)",
    422: "something is missing or wrong (`request.invalid`, `ticket.incomplete` …)",
    428: "`If-Match` is missing (`ticket.version_needed`)",
    503: "later (`db.…`)",
}
PROBLEMS: Final[dict[int | str, dict[str, object]]] = {
    status: {"model": Problem, "description": what, "content": {"application/problem+json": {}}}
    for status, what in _WHAT.items()
}


class Wanted:
    """Query of a list: everything that is given must hold."""

    def __init__(
        self,
        text: Annotated[str, Query(max_length=200, description="words in its texts")] = "",
        number: Annotated[str, Query(pattern=r"^\d{0,14}$", description="whole, or the last 4 or more")] = "",
        phone: Annotated[str, Query(pattern=r"^[0-9+\-]{0,20}$", description="whole, or last 4")] = "",
        state: Annotated[list[State] | None, Query()] = None,
        mark: Annotated[list[Mark] | None, Query(description="all of them")] = None,
        light: Light | None = None,
        department: Annotated[list[str] | None, Query(description="leads or helps", max_length=20)] = None,
        appeal_type: AppealType | None = None,
        urgency: Urgency | None = None,
        district: Annotated[str, Query(max_length=64)] = "",
        category: Annotated[str, Query(max_length=200, description="it or below")] = "",
        channel: Annotated[str, Query(max_length=16)] = "",
        since: Annotated[date | None, Query(description="day of the number, included")] = None,
        until: Annotated[date | None, Query(description="day of the number, included")] = None,
        work_list: Annotated[WorkList | None, Query(description="further narrowed by the rest")] = None,
    ) -> None:
        own = Filter(
            text=text,
            number=number,
            phone=phone,
            states=frozenset(state or ()),
            marks=frozenset(mark or ()),
            light=light,
            departments=frozenset(map(DepartmentName, department or ())),
            appeal=appeal_type,
            urgency=urgency,
            district=district,
            category=category,
            channel=channel,
            since=since,
            until=until,
        )
        self.filter: Final = own if work_list is None else both(own, WORK_LISTS[work_list])


def ticket_router(work: TicketWork, clock: Clock) -> APIRouter:
    """The routes."""
    router = APIRouter(prefix="/api/v1", responses=PROBLEMS, tags=["tickets"])

    @router.get("/tickets")
    async def tickets(
        who: Who,
        wanted: Annotated[Wanted, Depends()],
        limit: Annotated[int, Query(ge=1, le=200, description="items a page")] = 50,
        cursor: Annotated[str | None, Query(max_length=80, description="`next_cursor`")] = None,
    ) -> ItemPage:
        """Tickets, newest first; with a light, what is due first comes first. A page may be shorter than
        `limit`: the end is where `next_cursor` is null."""
        if wanted.filter is None:
            return ItemPage(items=[], next_cursor=None)
        page = await work.page(who, wanted.filter, limit=limit, after=cursor)
        now = clock.now()
        return ItemPage(items=[TicketItem.of(t, now) for t in page.tickets], next_cursor=page.following)

    @router.get("/work-lists")
    async def work_lists(who: Who) -> WorkListPage:
        """The lists a day begins with, and how long they are. Their tickets: `GET /tickets?work_list=…`."""
        counts = await work.counts(who, list(WORK_LISTS.values()))
        return WorkListPage(items=[WorkListOut.of(*each) for each in zip(WORK_LISTS, counts, strict=True)])

    @router.get("/tickets/{ticket_no}")
    async def ticket(who: Who, ticket_no: No, response: Response) -> TicketFull:
        """One ticket with clocks, history and possible actions. The look is noted."""
        view = await work.look(who, TicketNo(ticket_no))
        _etag(response, view.ticket)
        return TicketFull.of_view(view)

    @router.get("/tickets/{ticket_no}/events")
    async def events(
        who: Who, ticket_no: No, after: Annotated[int, Query(ge=0, description="`seq`")] = 0
    ) -> EventPage:
        """The history behind an entry, oldest first."""
        view = await work.look(who, TicketNo(ticket_no))
        return EventPage(items=[EventOut.of(e, view.at) for e in view.events if e.seq > after])

    @router.get("/tickets/{ticket_no}/looks")
    async def looks(who: Annotated[Account, Depends(OVERSEERS)], ticket_no: No) -> LookPage:
        """Who looked at it, newest first."""
        noted = await work.looks(who, TicketNo(ticket_no))
        return LookPage(items=[LookOut(at=a.at, who=a.who, what=a.what, why=a.why) for a in noted])

    @router.get("/tickets/{ticket_no}/party-view")
    async def party_view(who: Who, ticket_no: No) -> PartyView:
        """What may go to the party complained about: generated, without anything of the caller."""
        return PartyView(text=await work.for_party(who, TicketNo(ticket_no)))

    @router.post("/tickets/{ticket_no}/reveal")
    async def reveal(who: Who, ticket_no: No, body: RevealIn, response: Response) -> Revealed:
        """The number in the clear, for a call back; noted with the reason."""
        response.headers["Cache-Control"] = "no-store"
        return Revealed(phone=await work.reveal(who, TicketNo(ticket_no), body.reason))

    @router.post("/tickets", status_code=201)
    async def create(who: Who, body: DemandIn, response: Response, key: Key = "") -> Filed:
        """Files a demand. 200 instead of 201: it was added to the caller's open ticket about the same matter,
        or the request was sent before. One of another system waits as a draft for somebody to accept it."""
        channel = (who.department or who.name)[:16] if who.role is Role.SYSTEM else ""
        filed = work.file(who, body.demand(channel), category=body.category, key=key)
        return await _filed(filed, response, clock)

    @router.post("/handovers/{system}", status_code=201)
    async def hand_over(
        who: Who,
        system: Annotated[str, InPath(pattern=r"^[\w\-]{1,16}$", examples=["110"])],
        body: HandoverIn,
        response: Response,
    ) -> Filed:
        """A matter that 110, 网格, 信访 … hands over, known by its number there: handed over again it stays
        one ticket (200)."""
        refs = [Reference(system, body.number)]
        demand = body.demand(system)
        return await _filed(work.file(who, demand, category=body.category, refs=refs), response, clock)

    @router.patch("/tickets/{ticket_no}")
    async def correct(
        who: Who,
        ticket_no: No,
        body: CorrectionIn,
        response: Response,
        if_match: IfMatch = None,
        key: Key = "",
    ) -> TicketOut:
        """更正: puts fields right."""
        done = work.act(
            who,
            TicketNo(ticket_no),
            TicketAction.CORRECT,
            reason=body.reason,
            given=body.given(),
            expected=seen_version(if_match),
            key=key,
        )
        return await _moved(done, response, clock)

    @router.post("/tickets/{ticket_no}/actions/{action}")
    async def act(
        who: Who,
        ticket_no: No,
        action: TicketAction,
        body: ActionIn,
        response: Response,
        if_match: IfMatch = None,
        key: Key = "",
    ) -> TicketOut:
        """One action of docs/tickets.md: sign, return, reply, supervise, link …"""
        done = work.act(
            who,
            TicketNo(ticket_no),
            action,
            reason=body.reason,
            given=body.given(),
            expected=seen_version(if_match),
            key=key,
        )
        return await _moved(done, response, clock)

    @router.post("/tickets/{ticket_no}/split", status_code=201)
    async def split(
        who: Who,
        ticket_no: No,
        body: SplitIn,
        response: Response,
        if_match: IfMatch = None,
        key: Key = "",
    ) -> TicketOut:
        """拆单: a part becomes a ticket of its own, of the same person; answers that one."""
        done = work.split(
            who,
            TicketNo(ticket_no),
            body.part.demand(),
            reason=body.reason,
            expected=seen_version(if_match),
            key=key,
        )
        return await _moved(done, response, clock)

    @router.post("/tickets/{ticket_no}/merge")
    async def merge(
        who: Who,
        ticket_no: No,
        body: SeveralIn,
        response: Response,
        if_match: IfMatch = None,
        key: Key = "",
    ) -> ItemPage:
        """并单: the tickets of the body end in this one, all or none."""
        into, others, expected = TicketNo(ticket_no), body.versions(), seen_version(if_match)
        done = await work.merge(who, into, others, reason=body.reason, expected=expected, key=key)
        _etag(response, done[0])
        return ItemPage(items=[TicketItem.of(t, clock.now()) for t in done], next_cursor=None)

    @router.post("/tickets/{ticket_no}/group")
    async def group(who: Who, ticket_no: No, body: SeveralIn, key: Key = "") -> ItemPage:
        """群诉: the tickets of the body hang on this one, all or none; each keeps its number and reply."""
        done = await work.group(who, TicketNo(ticket_no), body.versions(), reason=body.reason, key=key)
        return ItemPage(items=[TicketItem.of(t, clock.now()) for t in done], next_cursor=None)

    return router


async def _filed(filing: Awaitable[tuple[Ticket, bool]], response: Response, clock: Clock) -> Filed:
    ticket, before = await filing
    response.headers["Location"] = f"/api/v1/tickets/{ticket.ticket_no}"
    response.status_code = 200 if before else 201
    _etag(response, ticket)
    return Filed(**TicketOut.of(ticket, clock.now()).model_dump(), appended=before)


async def _moved(move: Awaitable[Ticket], response: Response, clock: Clock) -> TicketOut:
    ticket = await move
    _etag(response, ticket)
    return TicketOut.of(ticket, clock.now())


def _etag(response: Response, ticket: Ticket) -> None:
    response.headers["ETag"] = f'"{ticket.version}"'


def seen_version(if_match: str | None) -> int:
    """The version that a request was made from.

    Raises:
        Refusal: ``ticket.version_needed``, ``ticket.no_such_version``.
    """
    if if_match is None:
        raise Refusal(428, "ticket.version_needed", '请在 If-Match 里写上您看到的版本，例如 "3"')
    number = if_match.strip()
    if len(number) < 3 or number[0] + number[-1] != '""' or not number[1:-1].isdecimal() or len(number) > 9:
        raise Refusal(412, "ticket.no_such_version", 'If-Match 应是一个版本，例如 "3"')
    return int(number[1:-1])
