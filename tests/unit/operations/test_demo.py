"""Every ticket of the demonstration lives by the rules, is marked, and belongs to nobody."""

from collections import Counter

from tests.fakes.clocks import MORNING
from tests.fakes.directories import shipped
from tests.fakes.tickets import DictTicketStore
from voicebot.operations.demo import DAYS, LIVES, MARK, began, fill
from voicebot.operations.demo_matters import MATTERS
from voicebot.tickets.deadlines import Deadlines
from voicebot.tickets.lifecycle import rebuild
from voicebot.tickets.state import State


async def test_every_matter_lives_every_life() -> None:
    count = len(MATTERS) * len(LIVES)
    store = DictTicketStore()
    for number in range(count):
        at = began(number, count, MORNING)
        assert 0 < (MORNING.date() - at.date()).days <= DAYS
        ticket = await fill(store, number, at, MORNING, Deadlines())
        assert ticket.origin_hotline == MARK
        assert ticket.department in shipped().units
        events = await store.events(ticket.ticket_no)
        assert rebuild(events) == ticket
        assert all(event.at <= MORNING for event in events)
        contact = await store.contact(ticket.ticket_no)
        assert contact is not None
        assert (contact.name, contact.phone, contact.caller) == ("", "", "")
    states = Counter(ticket.state for ticket in store.tickets.values())
    assert {State.PENDING_DISPATCH, State.DISPATCHED, State.RETURNED, State.IN_PROGRESS} <= set(states)
    assert {State.REPLIED, State.CLOSED} <= set(states)
