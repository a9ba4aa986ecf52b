"""What `/api/v1/seats` and `/api/v1/contacts` take and give."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field

from voicebot.core.handover import HandoverReason, Place
from voicebot.seats.contact import Contact, ContactState
from voicebot.seats.seat import Seat, SeatState

Tab = Annotated[str, Field(pattern=r"^[0-9A-Za-z-]{1,64}$", description="which tab of the browser asks")]
Word = Annotated[str, Field(min_length=1, max_length=64)]
SHOWN = 200


class SeatOut(BaseModel):
    """One seat as it stands now."""

    name: str
    state: SeatState
    since: datetime | None
    team: str
    skills: dict[str, int] = Field(description="queue, topic or language → level 1 to 5")
    reason: str = Field(description="of a break")
    call_id: str | None
    until: datetime | None = Field(description="end of an offer or of the wrap-up")
    next_state: SeatState | None = Field(description="what follows the call")
    next_reason: str
    phone: str = Field(description="SIP address at which it takes calls; empty: the browser")
    taken: int = Field(description="calls today")
    missed: int

    @classmethod
    def of(cls, seat: Seat) -> Self:
        return cls(
            name=seat.id,
            state=seat.state,
            since=seat.since,
            team=seat.team,
            skills=dict(seat.skills),
            reason=seat.reason,
            call_id=seat.call_id,
            until=seat.until,
            next_state=seat.next.state if seat.next else None,
            next_reason=seat.next.reason if seat.next else "",
            phone=seat.phone,
            taken=seat.taken,
            missed=seat.missed,
        )


class SeatPage(BaseModel):
    items: list[SeatOut]


class ContactOut(BaseModel):
    """One call that waits or talks, without what was said in it."""

    call_id: str
    queue: str
    state: ContactState
    since: datetime
    skill: str
    language: str
    emergency: str
    elder: bool
    enterprise: bool
    front: bool = Field(description="served before all others of its urgency")
    seat: str | None
    until: datetime | None
    taken_at: datetime | None
    ended_at: datetime | None
    caller: str = Field(description="masked")
    why: HandoverReason
    ahead: int | None = Field(default=None, description="callers who are served before, while it waits")
    seconds: float | None = Field(default=None, description="estimate of the wait; null: not known")

    @classmethod
    def of(cls, contact: Contact, place: Place | None = None) -> Self:
        return cls(**_plain(contact, place))


class NoteOut(BaseModel):
    seat: str
    result: str
    text: str


class ContactFull(ContactOut):
    """One call with what the bot heard: for the seat that it is offered to or talks with."""

    summary: str
    slots: dict[str, str]
    notes: list[NoteOut] = Field(description="小结 of each seat that talked with the caller")

    @classmethod
    def of(cls, contact: Contact, place: Place | None = None) -> Self:
        notes = [NoteOut(seat=each.seat, result=each.result, text=each.text) for each in contact.notes]
        told = {"summary": contact.summary, "slots": dict(contact.slots), "notes": notes}
        return cls(**_plain(contact, place), **told)


def _plain(contact: Contact, place: Place | None) -> dict[str, object]:
    shown = ("queue", "state", "since", "skill", "language", "emergency", "elder", "enterprise", "front")
    more = ("call_id", "seat", "until", "taken_at", "ended_at", "caller", "why")
    values: dict[str, object] = {name: getattr(contact, name) for name in (*shown, *more)}
    if place is not None:
        seconds = None if place.seconds is None else round(place.seconds, 1)
        values |= {"ahead": place.ahead, "seconds": seconds}
    return values


class ContactPage(BaseModel):
    items: list[ContactOut]


class Asked(BaseModel):
    """Anything that a page asks in the name of its tab."""

    model_config = ConfigDict(extra="forbid")
    tab: Tab


class SignIn(Asked):
    take_over: bool = Field(default=False, description="also from another tab, which is told")


class Wanted(StrEnum):
    READY = "ready"
    BUSY = "busy"
    BREAK = "break"
    WRAP_UP = "wrap_up"
    OFFLINE = "offline"


class StateIn(Asked):
    """During a call the state begins after it."""

    state: Wanted
    reason: str = Field(default="", max_length=64, description="of a break, one of the city's")


class WrapUpAction(StrEnum):
    FINISH = "finish"
    EXTEND = "extend"


class WrapUpIn(Asked):
    action: WrapUpAction


class Beaten(BaseModel):
    yours: bool = Field(description="always true; otherwise the answer is a problem")


class SeatChangeIn(BaseModel):
    """What is left out stays."""

    model_config = ConfigDict(extra="forbid")
    skills: dict[Word, Annotated[int, Field(ge=1, le=5)]] | None = Field(default=None, max_length=50)
    team: str | None = Field(default=None, max_length=64)
    phone: str | None = Field(default=None, pattern=r"^(|sips?:[\x21-\x7e]{1,250})$")


class MoveIn(BaseModel):
    """Where a waiting call goes; it keeps its waiting time."""

    model_config = ConfigDict(extra="forbid")
    queue: Word
    skill: str = Field(default="", max_length=64)
    language: str | None = Field(default=None, pattern=r"^[0-9A-Za-z-]{1,35}$")
    front: bool | None = Field(default=None, description="before all others of its urgency")
