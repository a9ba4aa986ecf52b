"""The clocks that run on a ticket, and their lights: yellow when 80 % of the time is gone, red at due."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from voicebot.tickets.state import OPEN, State
from voicebot.tickets.ticket import Ticket

YELLOW_AT: Final = 0.8
"""Share of the time after which a clock turns yellow (domain.md §5)."""


class ClockKind(StrEnum):
    """What is due."""

    SIGN = "签收"
    ANSWER = "答复"
    CLOSE = "办结"
    FEEDBACK = "督办反馈"


class Light(StrEnum):
    GREEN = "green"
    YELLOW = "yellow"
    RED = "red"


@dataclass(frozen=True, slots=True)
class TicketClock:
    """A deadline that is running.

    Args:
        returnable: until when the unit that must sign may return the ticket; None: no limit, or over already.
    """

    kind: ClockKind
    since: datetime
    due: datetime
    returnable: datetime | None = None

    @property
    def warn_at(self) -> datetime:
        """When it turns yellow."""
        return self.since + (self.due - self.since) * YELLOW_AT

    @property
    def wakes_at(self) -> datetime:
        """Before that nothing happens to it."""
        return self.warn_at if self.returnable is None else min(self.warn_at, self.returnable)

    def light(self, now: datetime) -> Light:
        if now >= self.due:
            return Light.RED
        return Light.YELLOW if now >= self.warn_at else Light.GREEN


def running(ticket: Ticket) -> tuple[TicketClock, ...]:
    """All clocks that run on a ticket, the earliest due first.

    A returned ticket belongs to nobody and its clocks stand still; an answered one must only be closed, and
    keeps a 督办.
    """
    clocks = []
    if ticket.state is State.DISPATCHED:
        begun = ticket.dispatched_at or ticket.accepted_at
        limit = ticket.return_due
        returnable = limit if limit is not None and limit > begun else None
        clocks.append(TicketClock(ClockKind.SIGN, begun, ticket.sign_due, returnable))
    if ticket.state in OPEN - {State.REPLIED} and ticket.paused_at is None:
        clocks.append(TicketClock(ClockKind.ANSWER, answer_began(ticket), ticket.due_at))
    if ticket.state is State.REPLIED and ticket.close_due is not None:
        begun = ticket.replied_at or ticket.accepted_at
        clocks.append(TicketClock(ClockKind.CLOSE, begun, ticket.close_due))
    watch = ticket.supervision
    if watch is not None and watch.fed_back_at is None and ticket.paused_at is None:
        clocks.append(TicketClock(ClockKind.FEEDBACK, watch.since, watch.due))
    return tuple(sorted(clocks, key=lambda clock: clock.due))


def answer_began(ticket: Ticket) -> datetime:
    """Since when the time to answer runs; what it stood still counts neither before nor after."""
    if ticket.answer_since is not None:
        return ticket.answer_since
    return ticket.rounds[-1].ended_at if ticket.rounds else ticket.accepted_at


def light(ticket: Ticket, now: datetime) -> Light:
    """The worst light of all clocks."""
    lights = {clock.light(now) for clock in running(ticket)}
    return next((one for one in (Light.RED, Light.YELLOW) if one in lights), Light.GREEN)
