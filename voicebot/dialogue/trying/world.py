"""The world behind the effects of a rehearsed call: tickets, people, and how they answer.

A `World` answers each errand of the dialogue with a result; `UsualWorld` does so as `Outcomes` says:
everything goes well unless they say otherwise. Nothing is stored and nobody is rung.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final, Protocol, TypeVar, assert_never

from voicebot.core.demand import Demand, TicketReceipt, TicketSummary
from voicebot.core.handover import HandoverOutcome
from voicebot.core.ids import DepartmentName, TicketNo
from voicebot.dialogue.effects import ChangeTicket, FileTicket, FindTickets, HandOver, LeaveQueue, Notify
from voicebot.dialogue.events import (
    HandoverEnded,
    Notified,
    StepFailed,
    TicketChanged,
    TicketFiled,
    TicketsFound,
)

T = TypeVar("T")

Errand = FileTicket | FindTickets | ChangeTicket | HandOver | LeaveQueue | Notify
"""Effects that have a result (a `Notify` when the flow waits for it)."""

Result = TicketFiled | TicketsFound | TicketChanged | HandoverEnded | Notified | StepFailed

STORE_FAILED: Final = "ticket.store"
NOTICE_FAILED: Final = "notify.late"
REFUSAL: Final = "这件工单已经办结"
DAYS: Final = 7


class Filing(StrEnum):
    """How storing a ticket ends."""

    FILED = "filed"
    APPENDED = "appended"
    FAILED = "failed"


class Search(StrEnum):
    """What looking for tickets finds."""

    FOUND = "found"
    MANY = "many"
    NONE = "none"
    FAILED = "failed"


class Changing(StrEnum):
    """How a request to a ticket ends."""

    CHANGED = "changed"
    REFUSED = "refused"
    FAILED = "failed"


class Notice(StrEnum):
    """How sending a message ends."""

    SENT = "sent"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Known:
    """A ticket of the caller from before this call.

    Args:
        number: 14 digits, "" for one made of the day and its place in the list.
        days: from the call until its answer is due.
    """

    title: str = "幸福小区路灯不亮"
    state: str = "办理中"
    department: str = "市城市管理局"
    reply: str = ""
    number: str = ""
    days: int = 3


@dataclass(frozen=True, slots=True)
class Outcomes:
    """How errands end: of each kind the first time the first, then the second …, the last for good.

    Args:
        tickets: which the caller has from before; `Search.FOUND` finds the newest of them and of those
            filed in this call, `MANY` all (at least two).
        refusal: why a request to a ticket is refused.
        person: None: the caller waits for them; how it ends is an input.
    """

    ticket: Sequence[Filing] = (Filing.FILED,)
    find: Sequence[Search] = (Search.FOUND,)
    change: Sequence[Changing] = (Changing.CHANGED,)
    person: Sequence[HandoverOutcome | None] = (HandoverOutcome.COMPLETED,)
    notify: Sequence[Notice] = (Notice.SENT,)
    tickets: Sequence[Known] = (Known(),)
    refusal: str = REFUSAL


class World(Protocol):
    """Answers errands."""

    def answer(self, errand: Errand, at: datetime) -> Result | None:
        """The result of an errand; None when there is none yet (it may be given as an input later)."""
        ...


class OpenWorld:
    """Answers nothing: results are given as inputs."""

    def answer(self, errand: Errand, at: datetime) -> None:
        return None


class UsualWorld:
    """Answers at once, always the same way for the same calls: ticket numbers count up from 1."""

    def __init__(self, outcomes: Outcomes | None = None) -> None:
        self.outcomes = outcomes or Outcomes()
        self._times: dict[str, int] = {}
        self._filed: list[TicketSummary] = []
        self._waited_for: HandOver | None = None

    def answer(self, errand: Errand, at: datetime) -> Result | None:
        match errand:
            case FileTicket(demand=demand):
                return self._file(demand, self._next("ticket", self.outcomes.ticket), at)
            case FindTickets(ticket_no=number):
                return self._find(number, self._next("find", self.outcomes.find), at)
            case ChangeTicket(ticket_no=number):
                return self._change(number, self._next("change", self.outcomes.change), at)
            case HandOver():
                return self._person(errand, at)
            case LeaveQueue(outcome=left):
                return HandoverEnded(left, at)
            case Notify():
                sent = self._next("notify", self.outcomes.notify) is Notice.SENT
                return Notified(at) if sent else StepFailed(NOTICE_FAILED, at)
            case _:
                assert_never(errand)

    def _person(self, errand: HandOver, at: datetime) -> Result | None:
        """A hand-over is answered once, waiting included."""
        if errand is self._waited_for:
            return None
        outcome = self._next("person", self.outcomes.person)
        self._waited_for = errand if outcome is None else None
        return HandoverEnded(outcome, at) if outcome is not None else None

    def _next(self, kind: str, outcomes: Sequence[T]) -> T:
        turn = self._times.get(kind, 0)
        self._times[kind] = turn + 1
        return outcomes[min(turn, len(outcomes) - 1)]

    def _file(self, demand: Demand, outcome: Filing, at: datetime) -> Result:
        if outcome is Filing.FAILED:
            return StepFailed(STORE_FAILED, at)
        appended = outcome is Filing.APPENDED
        number = TicketNo(f"{at:%Y%m%d}{len(self._filed) + 1:06d}")
        due = _due(at, DAYS)
        self._filed.append(TicketSummary(number, demand.title, "待受理", demand.department, due))
        return TicketFiled(TicketReceipt(number, demand.department, due, appended), at)

    def _find(self, number: str, outcome: Search, at: datetime) -> Result:
        known = [_known(ticket, place, at) for place, ticket in enumerate(self.outcomes.tickets, 1)]
        tickets = sorted([*known, *self._filed], key=lambda t: t.ticket_no) or [_known(Known(), 1, at)]
        match outcome:
            case Search.FAILED:
                return StepFailed(STORE_FAILED, at)
            case Search.NONE:
                return TicketsFound((), at)
            case Search.MANY:
                while len(tickets) < 2:
                    tickets.insert(0, _known(Known("幸福小区垃圾没人清"), 0, at))
                return TicketsFound(tuple(tickets), at)
            case Search.FOUND:
                asked = [ticket for ticket in tickets if number and ticket.ticket_no.endswith(number)]
                return TicketsFound(((asked or tickets)[-1],), at)
            case _:
                assert_never(outcome)

    def _change(self, number: TicketNo, outcome: Changing, at: datetime) -> Result:
        match outcome:
            case Changing.FAILED:
                return StepFailed(STORE_FAILED, at)
            case Changing.REFUSED:
                return TicketChanged(None, at, self.outcomes.refusal)
            case Changing.CHANGED:
                found = self._find(number, Search.FOUND, at)
                assert isinstance(found, TicketsFound)  # as asked for
                return TicketChanged(found.tickets[0], at)
            case _:
                assert_never(outcome)


def _known(ticket: Known, place: int, at: datetime) -> TicketSummary:
    """A ticket of four days ago."""
    number = ticket.number or f"{at - timedelta(days=4):%Y%m%d}{place + 6:06d}"
    department = DepartmentName(ticket.department) if ticket.department else None
    due = _due(at, ticket.days)
    return TicketSummary(TicketNo(number), ticket.title, ticket.state, department, due, ticket.reply)


def _due(at: datetime, days: int) -> datetime:
    """The end of a working day, so many days on."""
    return (at + timedelta(days=days)).replace(hour=17, minute=0, second=0, microsecond=0)
