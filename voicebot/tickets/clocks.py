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
    FEEDBACK = "督办反馈"


class Light(StrEnum):
    GREEN = "green"
    YELLOW = "yellow"
    RED = "red"


@dataclass(frozen=True, slots=True)
class TicketClock:
    """A deadline that is running."""

    kind: ClockKind
    since: datetime
    due: datetime

    @property
    def warn_at(self) -> datetime:
        """When it turns yellow."""
        return self.since + (self.due - self.since) * YELLOW_AT

    def light(self, now: datetime) -> Light:
        if now >= self.due:
            return Light.RED
        return Light.YELLOW if now >= self.warn_at else Light.GREEN


def running(ticket: Ticket) -> tuple[TicketClock, ...]:
    """All clocks that run on a ticket, the earliest due first.

    A returned ticket belongs to nobody and its clocks stand still; an answered one keeps only a 督办.
    """
    clocks = []
    if ticket.state is State.DISPATCHED:
        begun = ticket.dispatched_at or ticket.accepted_at
        clocks.append(TicketClock(ClockKind.SIGN, begun, ticket.sign_due))
    if ticket.state in OPEN - {State.REPLIED} and ticket.paused_at is None:
        begun = ticket.rounds[-1].ended_at if ticket.rounds else ticket.accepted_at
        clocks.append(TicketClock(ClockKind.ANSWER, begun, ticket.due_at))
    watch = ticket.supervision
    if watch is not None and watch.fed_back_at is None and ticket.paused_at is None:
        clocks.append(TicketClock(ClockKind.FEEDBACK, watch.since, watch.due))
    return tuple(sorted(clocks, key=lambda clock: clock.due))


def light(ticket: Ticket, now: datetime) -> Light:
    """The worst light of all clocks."""
    lights = {clock.light(now) for clock in running(ticket)}
    return next((one for one in (Light.RED, Light.YELLOW) if one in lights), Light.GREEN)
