"""Bodies that the API answers with about tickets. Times are ISO 8601 with an offset."""

from datetime import datetime
from typing import Any, Final, Self

from pydantic import BaseModel, ConfigDict, Field
from pydantic.config import JsonDict

from voicebot.core.meaning import AppealType, Urgency
from voicebot.operations.ticket_views import TicketView
from voicebot.tickets.clocks import Light, TicketClock, light
from voicebot.tickets.codec import encode
from voicebot.tickets.listing import Count, WorkList
from voicebot.tickets.rules import RULES
from voicebot.tickets.state import State
from voicebot.tickets.ticket import Ticket, TicketEvent
from voicebot.tickets.visibility import is_secret

EXAMPLE: Final[JsonDict] = {
    "ticket_no": "20261124000072",
    "version": 3,
    "state": "signed",
    "state_name": "已签收",
    "light": "green",
    "appeal_type": "求助",
    "urgency": "一般",
    "title": "路灯不亮",
    "department": "市城市管理局",
    "co_departments": [],
    "channel": "phone",
    "district": "",
    "category": "城市管理/市政设施/路灯",
    "name_mask": "王**",
    "phone_mask": "138****8000",
    "secret": False,
    "accepted_at": "2026-11-24T09:30:00+08:00",
    "sign_due": "2026-11-25T17:30:00+08:00",
    "due_at": "2026-12-01T17:30:00+08:00",
    "urged": 0,
}


class TicketItem(BaseModel):
    """A ticket in a list; people are masked, of a secret one (举报, 保密, 匿名) units see not even that."""

    model_config = ConfigDict(json_schema_extra={"examples": [EXAMPLE]})

    ticket_no: str
    version: int = Field(description="ETag; goes into If-Match")
    state: State
    state_name: str
    light: Light
    appeal_type: AppealType
    urgency: Urgency
    title: str
    department: str | None = Field(description="主办; a suggestion until it is dispatched")
    co_departments: list[str]
    channel: str
    district: str
    category: str
    name_mask: str
    phone_mask: str
    secret: bool
    accepted_at: datetime
    sign_due: datetime
    due_at: datetime
    urged: int

    @classmethod
    def of(cls, ticket: Ticket, now: datetime) -> Self:
        fields: dict[str, Any] = {**encode(ticket)}
        for name in ("accepted_at", "sign_due", "due_at"):
            fields[name] = getattr(ticket, name).astimezone(now.tzinfo)
        own = {"state_name": ticket.state.label, "light": light(ticket, now), "secret": is_secret(ticket)}
        return cls(**{k: v for k, v in {**fields, **own}.items() if k in cls.model_fields})


class TicketOut(TicketItem):
    """Everything in the row that the role may see."""

    content: str
    address: str
    object: str
    occurred: str
    origin_hotline: str
    confidential: bool
    anonymous: bool
    want_reply: bool
    call_id: str | None
    evidence: list[list[str]] = Field(description="field and the words of the caller it comes from")
    articles: list[str]
    reply: str
    round: int
    rounds: list[dict[str, Any]] = Field(description="earlier rounds, oldest first")
    dispatches: int
    designated: bool
    disputed: bool
    return_ground: str
    extension: dict[str, Any] | None
    extended: bool
    supervision: dict[str, Any] | None
    difficult: str
    reject_code: str | None
    rating: int | None
    rating_reason: str
    solved: bool | None
    objection: str
    low_score: bool
    merge_parent: str | None
    group: str | None
    split_from: str | None
    split_into: list[str]
    refs: list[dict[str, str]] = Field(description="the matter in other systems")


class ClockOut(BaseModel):
    kind: str
    since: datetime
    warn_at: datetime
    due: datetime
    light: Light

    @classmethod
    def of(cls, clock: TicketClock, now: datetime) -> Self:
        zone = now.tzinfo
        return cls(
            kind=clock.kind.value,
            since=clock.since.astimezone(zone),
            warn_at=clock.warn_at.astimezone(zone),
            due=clock.due.astimezone(zone),
            light=clock.light(now),
        )


class ChangeOut(BaseModel):
    field: str
    before: Any
    after: Any


class EventOut(BaseModel):
    """One entry of the history, which is only ever added to."""

    seq: int
    at: datetime
    actor: str = Field(description="kind and name: `seat:8001`; or `caller`, `bot`, `clock`")
    action: str
    action_name: str
    before: State | None
    after: State
    reason: str
    changes: list[ChangeOut]

    @classmethod
    def of(cls, event: TicketEvent, now: datetime) -> Self:
        return cls(
            seq=event.seq,
            at=event.at.astimezone(now.tzinfo),
            actor=event.actor,
            action=event.action.value,
            action_name=RULES[event.action].name,
            before=event.before,
            after=event.after,
            reason=event.reason,
            changes=[ChangeOut(field=c.field, before=c.before, after=c.after) for c in event.changes],
        )


class TicketFull(TicketOut):
    """A ticket with its clocks, its history, and what this account may do to it now."""

    clocks: list[ClockOut]
    events: list[EventOut]
    actions: list[str]
    reveals: bool = Field(description="the number may be asked for (`POST …/reveal`)")

    @classmethod
    def of_view(cls, view: TicketView) -> Self:
        row = TicketOut.of(view.ticket, view.at).model_dump()
        return cls(
            **{**row, "secret": view.secret},
            clocks=[ClockOut.of(clock, view.at) for clock in view.clocks],
            events=[EventOut.of(event, view.at) for event in view.events],
            actions=sorted(view.actions),
            reveals=view.reveals,
        )


class ItemPage(BaseModel):
    items: list[TicketItem]
    next_cursor: str | None


class EventPage(BaseModel):
    items: list[EventOut]


class WorkListOut(BaseModel):
    name: WorkList
    label: str
    count: int
    more: bool = Field(description="there are more than `count`")

    @classmethod
    def of(cls, name: WorkList, count: Count) -> Self:
        return cls(name=name, label=name.label, count=count.number, more=count.more)


class WorkListPage(BaseModel):
    items: list[WorkListOut]


class Revealed(BaseModel):
    phone: str


class Filed(TicketOut):
    appended: bool = Field(description="added to a ticket that was there before")


class PartyView(BaseModel):
    text: str


class LookOut(BaseModel):
    at: datetime
    who: str
    what: str
    why: str


class LookPage(BaseModel):
    items: list[LookOut]
