"""Who is served first.

Emergencies are before everybody. All others, and emergencies among themselves, stand by when they began to
wait, moved forward by their head start (`HeadStart`). As that is a bounded number of seconds, nobody starves:
whoever waits longer than all head starts together is overtaken by no later caller.
"""

from collections.abc import Iterable

from voicebot.core.ids import CallId
from voicebot.seats.contact import Contact, ContactState
from voicebot.seats.rules import HeadStart, SeatRules

Key = tuple[bool, float, CallId]
"""Smaller is served first."""


def head_start(contact: Contact, by: HeadStart) -> float:
    """Seconds."""
    return (
        by.front * contact.front
        + by.elder * contact.elder
        + by.enterprise * contact.enterprise
        + by.repeat * min(max(contact.repeat, 0), by.repeats)
    )


def key_of(contact: Contact, rules: SeatRules) -> Key:
    """It does not depend on the time now, so the order of two callers never turns while they wait."""
    began = contact.since.timestamp() - head_start(contact, rules.head_start)
    return not contact.emergency, began, contact.call_id


def in_order(contacts: Iterable[Contact], rules: SeatRules) -> list[Contact]:
    """Those that wait, first to be served first."""
    waiting = (each for each in contacts if each.state is ContactState.WAITING)
    return sorted(waiting, key=lambda each: key_of(each, rules))
