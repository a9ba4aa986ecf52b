"""The shape of a file of test calls, as pydantic models."""

import re
from dataclasses import replace
from datetime import datetime, time
from enum import StrEnum
from typing import Annotated, Any, Final, Literal

from pydantic import BeforeValidator, Field, WithJsonSchema, model_validator
from pydantic_core import PydanticCustomError

from voicebot.core.catalogue import CityProfile
from voicebot.core.handover import HandoverOutcome
from voicebot.core.hours import DayType, Hours, Outage
from voicebot.core.ids import FlowName, QueueName
from voicebot.dialogue.effects import Action
from voicebot.dialogue.fields import Flag, Strict, Words
from voicebot.dialogue.state import Label
from voicebot.dialogue.trying.world import REFUSAL, Changing, Filing, Known, Notice, Outcomes, Search

KEYPAD: Final = re.compile(r"[0-9*#]+")
LONGEST_SILENCE: Final = 3600.0
INPUTS: Final = ("caller", "keys", "silence", "hangup", "failure", "queued", "person")
QUEUED: Final = "queued"
"""Instead of the outcome of a transfer: the caller waits, and how it ends is a step (`person`)."""


def _listed(value: object) -> object:
    """One outcome may be written without the list it stands in."""
    return [value] if isinstance(value, str) else value


def _in_order(kind: type[StrEnum], *more: str) -> WithJsonSchema:
    one = {"enum": [*(outcome.value for outcome in kind), *more]}
    return WithJsonSchema({"anyOf": [one, {"type": "array", "items": one}]})


def _seconds(value: object) -> object:
    if isinstance(value, str) and not re.fullmatch(r"\d+(\.\d+)?", value):
        raise PydanticCustomError("float_parsing", "应为秒数，比如 6")
    return value


def _time(value: object) -> object:
    try:
        return datetime.fromisoformat(value) if isinstance(value, str) else value
    except ValueError:
        raise PydanticCustomError("datetime_parsing", "应为时间，比如 2026-11-24 09:30") from None


def _pressed(value: object) -> object:
    if isinstance(value, str) and not KEYPAD.fullmatch(value):
        raise PydanticCustomError("keys", "按键只有 0 到 9、* 和 #")
    return value


Seconds = Annotated[
    float,
    BeforeValidator(_seconds),
    Field(gt=0, le=LONGEST_SILENCE),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "number", "exclusiveMinimum": 0, "maximum": LONGEST_SILENCE},
                {"type": "string", "pattern": r"^\d+(\.\d+)?$"},
            ]
        }
    ),
]
Time = Annotated[datetime, BeforeValidator(_time), WithJsonSchema({"type": "string"})]
Pressed = Annotated[
    str,
    BeforeValidator(_pressed),
    WithJsonSchema(
        {"anyOf": [{"type": "integer", "minimum": 0}, {"type": "string", "pattern": "^[0-9*#]+$"}]}
    ),
]
Days = Annotated[int, Field(ge=-365, le=365), WithJsonSchema({"type": ["integer", "string"]})]
Count = Annotated[int, Field(ge=0, le=1000), WithJsonSchema({"type": ["integer", "string"]})]
Score = Annotated[int, Field(ge=1, le=5), WithJsonSchema({"enum": [1, 2, 3, 4, 5, "1", "2", "3", "4", "5"]})]
Hung = Annotated[Literal["true", "yes"], WithJsonSchema({"enum": [True, "true", "yes"]})]


class KnownTicket(Strict):
    """A ticket the caller has from before; see `world.Known`."""

    title: str = Known().title
    state: str = Known().state
    department: str | None = Known().department
    reply: str | None = None
    number: str = Field(default="", pattern=r"^(\d{14})?$")
    days: Days = Known().days


People = Annotated[
    tuple[HandoverOutcome | Literal["queued"], ...],
    BeforeValidator(_listed),
    _in_order(HandoverOutcome, QUEUED),
]


class WorldShape(Strict):
    """How errands end; see `world.Outcomes`."""

    ticket: Annotated[tuple[Filing, ...], BeforeValidator(_listed), _in_order(Filing)] = (Filing.FILED,)
    find: Annotated[tuple[Search, ...], BeforeValidator(_listed), _in_order(Search)] = (Search.FOUND,)
    change: Annotated[tuple[Changing, ...], BeforeValidator(_listed), _in_order(Changing)] = (
        Changing.CHANGED,
    )
    person: People = (HandoverOutcome.COMPLETED,)
    notify: Annotated[tuple[Notice, ...], BeforeValidator(_listed), _in_order(Notice)] = (Notice.SENT,)
    tickets: tuple[KnownTicket, ...] = (KnownTicket(),)
    refusal: str = REFUSAL

    @property
    def outcomes(self) -> Outcomes:
        known = tuple(
            Known(t.title, t.state, t.department or "", t.reply or "", t.number, t.days) for t in self.tickets
        )
        people = tuple(None if one == QUEUED else HandoverOutcome(one) for one in self.person)
        return Outcomes(self.ticket, self.find, self.change, people, self.notify, known, self.refusal)


class FactsShape(Strict):
    """What is so when the call begins, by the names a `branch` asks for; the rest is as the city says.

    Args:
        outage: the sentence that is announced.
        business_hours: people answer (or not).
    """

    overload: Flag = False
    caller_repeat: Flag = False
    emergency_mode: Flag | None = None
    outage: str | None = None
    business_hours: Flag | None = None
    night: Flag | None = None
    day: DayType | None = None
    caller_class: str | None = None

    def city(self, city: CityProfile, caller: str, now: datetime) -> CityProfile:
        """The city as it is for this call."""
        changes: dict[str, Any] = {}
        if self.emergency_mode is not None:
            changes["emergency_mode"] = self.emergency_mode
        if self.outage is not None:
            changes["outages"] = (Outage(datetime.min, datetime.max, self.outage),)
        if self.business_hours is not None:
            changes["business_hours"] = {} if self.business_hours else dict.fromkeys(DayType, ())
        if self.night is not None:
            changes["night"] = Hours(time.min, time.max) if self.night else None
        if self.day is not None:
            changes["days"] = {now.date(): self.day}
        if self.caller_class is not None:
            changes["callers"] = {self.caller_class: frozenset({caller})}
        return replace(city, **changes)


class TicketWanted(Strict):
    """Words that the ticket's fields hold; nothing behind a field means that it is empty."""

    appeal_type: str | None = ""
    title: str | None = ""
    content: str | None = ""
    urgency: str | None = ""
    department: str | None = ""
    address: str | None = ""
    occurred: str | None = ""
    object: str | None = ""
    name: str | None = ""
    phone: str | None = ""
    confidential: Flag | None = None
    anonymous: Flag | None = None
    callback: Flag | None = None


class EffectsWanted(Strict):
    """What else a turn does.

    Args:
        ticket: is stored, with these fields.
        find: tickets are looked up (false: are not).
        change: what is asked of a ticket.
        transfer: queue the call goes to; `number`: office that is rung before it.
        notify: target a message is sent to.
        emergency: emergency number that is rung.
        rate: score that is stored.
        end: the call ends (false: goes on).
    """

    ticket: TicketWanted | None = None
    find: Flag | None = None
    change: Literal["status", "urge", "supplement", "withdraw", "objection"] | None = None
    transfer: QueueName | None = None
    notify: str | None = None
    emergency: str | None = None
    number: str | None = None
    rate: Score | None = None
    end: Flag | None = None


class Wanted(Strict):
    """What is expected of a turn; what is not written is not looked at.

    Args:
        says: words that the caller hears, in any place; `exactly`: all that is said, word for word.
        state: see `state.Label`; `step`: where the call stands, ``confirm`` or ``ticket.confirm``.
        slots: name → value (nothing: not filled; ``*``: any).
    """

    says: Words = ()
    exactly: str | None = None
    action: Action | None = None
    state: Label | None = None
    step: str | None = None
    slots: dict[str, str | None] = Field(default_factory=dict)
    queue: QueueName | None = None
    effects: EffectsWanted | None = None


class PlaceShape(Strict):
    """Where a caller who waits for a person stands now.

    Args:
        ahead: who are served before. minutes: until it is their turn; nothing: nobody knows.
    """

    ahead: Count
    minutes: Count | None = None


class StepShape(Wanted):
    """What the caller does, one thing a step, and what is expected then.

    Args:
        failure: something failed, e.g. ``stt.lost`` (we could not hear).
        queued: the caller is told their place in the queue (after `world` has said ``person: queued``).
        person: how waiting or the talk ended.
    """

    caller: str | None = None
    keys: Pressed | None = None
    silence: Seconds | None = None
    hangup: Hung | None = None
    failure: str | None = None
    queued: PlaceShape | None = None
    person: HandoverOutcome | None = None

    @model_validator(mode="after")
    def _one_input(self) -> "StepShape":
        given = [name for name in INPUTS if getattr(self, name) is not None]
        if len(given) != 1:
            found = "同时写了" + "、".join(given) if given else "没有写来电人做什么"
            raise PydanticCustomError(
                "one_input", f"每步只写一件：caller、keys、silence 或 hangup；这里{found}"
            )
        return self


class CallShape(Strict):
    """One test call.

    Args:
        name: what it shows.
        caller: number, nothing for a withheld one.
        now: when it begins, city time.
        flow: to begin in, by default the one of the dialled number.
        outbound: we ring the caller: the slots that the call begins with.
        greeting: what is expected of our first words.
    """

    name: str
    caller: str | None = "13800000000"
    dialled: str = "12345"
    channel: Literal["phone", "web", "text"] = "phone"
    now: Time | None = None
    flow: FlowName | None = None
    outbound: dict[str, str] | None = None
    facts: FactsShape = FactsShape()
    world: WorldShape = WorldShape()
    greeting: Wanted | None = None
    steps: tuple[StepShape, ...] = ()
