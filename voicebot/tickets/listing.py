"""What a handler looks for among millions of tickets: a filter, and work lists that are filters."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import date
from enum import StrEnum
from types import MappingProxyType
from typing import Any, Final, Protocol

from voicebot.core.errors import VoicebotError
from voicebot.core.ids import DepartmentName
from voicebot.core.meaning import AppealType, Urgency
from voicebot.tickets.clocks import Light
from voicebot.tickets.state import OPEN, State
from voicebot.tickets.ticket import Ticket

UNSURE: Final = 0.8
"""A department suggested with less than this is looked at by a person."""


class Mark(StrEnum):
    """What makes a ticket an exception, beside its state and its lights."""

    DISPUTED = "disputed"
    EXTENSION = "extension"
    SUPERVISED = "supervised"
    GROUPED = "grouped"
    LIKELY = "likely"
    """An open ticket beside it may be the same matter, and nobody has decided."""
    UNSURE = "unsure"
    LOW_SCORE = "low_score"
    OBJECTION = "objection"
    DIFFICULT = "difficult"
    URGED = "urged"


@dataclass(frozen=True, slots=True)
class Filter:
    """Everything must hold; an empty filter is every ticket.

    Args:
        text: words that must stand in its texts (see `words`).
        number: a ticket's whole number, or a tail of it of at least 4 digits.
        phone: a caller's whole number, or its last 4 digits.
        light: shows this light now.
        since, until: days of its number, both included.
        departments: leads or helps; a handler sees no others.
    """

    text: str = ""
    number: str = ""
    phone: str = ""
    states: frozenset[State] = frozenset()
    marks: frozenset[Mark] = frozenset()
    light: Light | None = None
    departments: frozenset[DepartmentName] = frozenset()
    appeal: AppealType | None = None
    urgency: Urgency | None = None
    district: str = ""
    category: str = ""
    channel: str = ""
    since: date | None = None
    until: date | None = None


class WorkList(StrEnum):
    """The lists a day begins with: by exception, so that nobody pages through everything."""

    TO_ACCEPT = "to_accept"
    TO_DISPATCH = "to_dispatch"
    UNSIGNED = "unsigned"
    YELLOW = "yellow"
    RED = "red"
    DISPUTES = "disputes"
    EXTENSIONS = "extensions"
    SUPERVISED = "supervised"
    GROUPS = "groups"
    LIKELY_GROUPS = "likely_groups"
    UNSURE = "unsure"
    LOW_SCORES = "low_scores"
    OBJECTIONS = "objections"
    HARD = "hard"
    WORKING = "working"

    @property
    def label(self) -> str:
        return _LABELS[self]


_LABELS: Final = {
    WorkList.TO_ACCEPT: "待受理",
    WorkList.TO_DISPATCH: "待派单",
    WorkList.UNSIGNED: "待签收",
    WorkList.YELLOW: "将到期",
    WorkList.RED: "已超期",
    WorkList.DISPUTES: "退单争议",
    WorkList.EXTENSIONS: "延期审批",
    WorkList.SUPERVISED: "督办",
    WorkList.GROUPS: "群诉",
    WorkList.LIKELY_GROUPS: "疑似群诉",
    WorkList.UNSURE: "派单没把握",
    WorkList.LOW_SCORES: "低分待复核",
    WorkList.OBJECTIONS: "异议待复核",
    WorkList.HARD: "疑难",
    WorkList.WORKING: "办理中",
}

_WORKING: Final = frozenset({State.SIGNED, State.IN_PROGRESS, State.EXTENDED, State.REDO})
_UNSENT: Final = frozenset({State.ACCEPTED, State.PENDING_DISPATCH})

WORK_LISTS: Final = MappingProxyType(
    {
        WorkList.TO_ACCEPT: Filter(states=frozenset({State.DRAFT})),
        WorkList.TO_DISPATCH: Filter(states=_UNSENT),
        WorkList.UNSIGNED: Filter(states=frozenset({State.DISPATCHED})),
        WorkList.YELLOW: Filter(light=Light.YELLOW),
        WorkList.RED: Filter(light=Light.RED),
        WorkList.DISPUTES: Filter(marks=frozenset({Mark.DISPUTED})),
        WorkList.EXTENSIONS: Filter(marks=frozenset({Mark.EXTENSION})),
        WorkList.SUPERVISED: Filter(marks=frozenset({Mark.SUPERVISED})),
        WorkList.GROUPS: Filter(states=OPEN, marks=frozenset({Mark.GROUPED})),
        WorkList.LIKELY_GROUPS: Filter(states=OPEN, marks=frozenset({Mark.LIKELY})),
        WorkList.UNSURE: Filter(states=_UNSENT, marks=frozenset({Mark.UNSURE})),
        WorkList.LOW_SCORES: Filter(marks=frozenset({Mark.LOW_SCORE})),
        WorkList.OBJECTIONS: Filter(marks=frozenset({Mark.OBJECTION})),
        WorkList.HARD: Filter(states=OPEN, marks=frozenset({Mark.DIFFICULT})),
        WorkList.WORKING: Filter(states=_WORKING),
    }
)


def both(one: Filter, other: Filter) -> Filter | None:
    """What passes two filters, as far as a filter can say it; None: nothing passes.

    Raises:
        VoicebotError: ``ticket.two_filters``: both ask for something else where one can be asked for.
    """
    values: dict[str, Any] = {}
    for name in (f.name for f in fields(Filter)):
        mine, theirs = getattr(one, name), getattr(other, name)
        if name == "marks":
            values[name] = mine | theirs
        elif not mine or not theirs or mine == theirs:
            values[name] = mine or theirs
        elif isinstance(mine, frozenset):
            if not mine & theirs:
                return None
            values[name] = mine & theirs
        elif name == "light":
            return None
        else:
            raise VoicebotError("ticket.two_filters", f"两个条件都限定了 {name}，请只写一个")
    return Filter(**values)


@dataclass(frozen=True, slots=True)
class Page:
    """Tickets in order, and where to go on; `following` None at the end."""

    tickets: tuple[Ticket, ...]
    following: str | None = None


@dataclass(frozen=True, slots=True)
class Count:
    """How many there are, counted up to a bound; `more` when there are more than that."""

    number: int
    more: bool = False

    def __str__(self) -> str:
        return f"{self.number}+" if self.more else str(self.number)


class TicketLists(Protocol):
    """Contract (tests/contract/test_ticket_lists.py). May raise VoicebotError ``db.…``."""

    async def page(self, wanted: Filter, *, limit: int = 50, after: str | None = None) -> Page:
        """Newest first; with a light, what is due first comes first.

        Raises:
            VoicebotError: ``ticket.bad_cursor``: `after` is no `Page.following` of this filter.
        """
        ...

    async def counts(self, wanted: Sequence[Filter], *, most: int = 999) -> tuple[Count, ...]:
        """For each filter how many tickets pass it; counting stops at `most`."""
        ...
