"""Who gets to see which ticket, and how much of it (domain.md §11)."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Final

from voicebot.core.ids import DepartmentName
from voicebot.core.meaning import AppealType
from voicebot.tickets.listing import Filter
from voicebot.tickets.scrub import street, street_of_home
from voicebot.tickets.state import EVERY, State
from voicebot.tickets.ticket import Change, Ticket, TicketAction, TicketEvent

ALL: Final = frozenset({"admin", "supervisor", "dispatcher", "seat"})
"""Roles of the hotline itself: every ticket."""
UNSENT: Final = frozenset({State.DRAFT, State.ACCEPTED, State.PENDING_DISPATCH, State.REJECTED})
"""States in which a department is a suggestion at most."""
HELPS: Final = frozenset({TicketAction.SUPPLEMENT, TicketAction.LINK})
"""What a unit that helps (协办) may do; the rest is the leading unit's."""
PERSONAL: Final = frozenset({"name_mask", "phone_mask", "call_id", "evidence"})
"""Fields that lead to the person, however masked: the call is their voice, the evidence their words."""

PLACES: Final[Mapping[str, Callable[[str], str]]] = {
    "address": street,
    "title": street_of_home,
    "content": street_of_home,
}
"""Fields that may tell the caller's door, and how units see them of secret tickets."""


def is_secret(ticket: Ticket) -> bool:
    """举报, 保密, 匿名: units never learn who it was."""
    return ticket.confidential or ticket.anonymous or ticket.appeal_type is AppealType.REPORT


def sees(role: str, own: str | None, ticket: Ticket) -> bool:
    """Whether an account gets to see a ticket.

    Args:
        own: unit of a handler; name of another system.
    """
    if role in ALL:
        return True
    if role == "handler":
        sent = ticket.dispatched_at is not None and ticket.state not in UNSENT
        return sent and own is not None and own in (ticket.department, *ticket.co_departments)
    return role == "system" and any(ref.system == own for ref in ticket.refs)


def works_on(role: str, own: str | None, ticket: Ticket, action: TicketAction) -> bool:
    """Whether somebody who sees a ticket may act on it, as far as its unit goes."""
    return role != "handler" or ticket.department == own or action in HELPS


def narrowed(role: str, own: str | None, wanted: Filter) -> Filter | None:
    """The part of a filter that an account may list; None: nothing."""
    if role in ALL:
        return wanted
    if role != "handler" or own is None:
        return None
    states = (wanted.states or EVERY) - UNSENT
    unit = DepartmentName(own)
    if not states or (wanted.departments and unit not in wanted.departments):
        return None
    return replace(wanted, states=states, departments=frozenset({unit}))


def hides_person(role: str, ticket: Ticket) -> bool:
    """Whether even the masked person is kept from a role."""
    return role not in ALL and (role != "handler" or is_secret(ticket))


def as_seen(role: str, ticket: Ticket) -> Ticket:
    """The ticket without what a role must not see."""
    if not hides_person(role, ticket):
        return ticket
    hidden = replace(ticket, name_mask="", phone_mask="", call_id=None, evidence=())
    if role != "handler":
        return hidden
    return replace(
        hidden,
        address=street(ticket.address),
        title=street_of_home(ticket.title),
        content=street_of_home(ticket.content),
    )


def event_as_seen(role: str, ticket: Ticket, event: TicketEvent) -> TicketEvent:
    """An entry of the ticket's history likewise."""
    if not hides_person(role, ticket):
        return event
    changes = tuple(c for c in event.changes if c.field not in PERSONAL)
    if role != "handler":
        return replace(event, changes=changes)
    return replace(event, reason=street_of_home(event.reason), changes=tuple(map(_without_doors, changes)))


def _without_doors(change: Change) -> Change:
    without = PLACES.get(change.field)
    if without is None:
        return change
    before, after = (
        without(value) if isinstance(value, str) else value for value in (change.before, change.after)
    )
    return Change(change.field, before, after)


def may_reveal(role: str, ticket: Ticket) -> bool:
    """Whether a role may be told the number, for a call back."""
    return role in ALL or (role == "handler" and not is_secret(ticket))
