"""What an account is shown of a ticket: by role, with clocks, history and possible actions."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from voicebot.operations.ports import Account
from voicebot.tickets.clocks import Light, TicketClock, light, running
from voicebot.tickets.lifecycle import possible
from voicebot.tickets.roles import may
from voicebot.tickets.ticket import Ticket, TicketAction, TicketEvent
from voicebot.tickets.visibility import as_seen, event_as_seen, is_secret, may_reveal, works_on


@dataclass(frozen=True, slots=True)
class TicketView:
    """A ticket as one account may see it.

    Args:
        ticket: without what the role must not see; people are masked always.
        clocks: that run on it now, the earliest due first. light: the worst of their lights at `at`.
        events: its history, oldest first, likewise.
        actions: what this account may do to it now, given the right details.
        secret: 举报, 保密 or 匿名.
        reveals: the number may be asked for (`TicketWork.reveal`).
    """

    ticket: Ticket
    at: datetime
    clocks: tuple[TicketClock, ...]
    light: Light
    events: tuple[TicketEvent, ...]
    actions: frozenset[TicketAction]
    secret: bool
    reveals: bool


def view(who: Account, ticket: Ticket, events: Sequence[TicketEvent], at: datetime) -> TicketView:
    """The whole view; `who` must be one that sees it."""
    return TicketView(
        ticket=as_seen(who.role, ticket),
        at=at,
        clocks=running(ticket),
        light=light(ticket, at),
        events=tuple(event_as_seen(who.role, ticket, event) for event in events),
        actions=frozenset(
            action
            for action in possible(ticket, at)
            if may(who.role, action) and works_on(who.role, who.department, ticket, action)
        ),
        secret=is_secret(ticket),
        reveals=may_reveal(who.role, ticket) and bool(ticket.phone_mask),
    )
