"""Tickets that may be the same matter and are found by their words, also those that are no longer open."""

from dataclasses import dataclass, replace
from typing import Final

from voicebot.operations.ticket_work import TicketWork
from voicebot.tickets.listing import Filter
from voicebot.tickets.matter import matter_of
from voicebot.tickets.repeats import SAME_EVENT, Likeness, likeness
from voicebot.tickets.ticket import Ticket
from voicebot.web.ports import Account

MOST: Final = 5
_CANDIDATES: Final = 20
"""Of each search."""


@dataclass(frozen=True, slots=True)
class Found:
    """Another ticket, and how likely it is the same matter."""

    ticket: Ticket
    likeness: Likeness


async def found_beside(work: TicketWork, who: Account, ticket: Ticket) -> list[Found]:
    """The likeliest first, at most `MOST`; found by words, weighed as repeats are."""
    searches = [Filter(text=each) for each in (ticket.address, ticket.title, ticket.object) if len(each) > 1]
    if ticket.district and ticket.object:
        searches.append(replace(Filter(text=ticket.object), district=ticket.district))
    found: dict[str, Ticket] = {}
    for search in searches:
        page = await work.page(who, search, limit=_CANDIDATES)
        found |= {each.ticket_no: each for each in page.tickets}
    found.pop(ticket.ticket_no, None)
    own = matter_of(ticket)
    weighed = [Found(each, likeness(own, matter_of(each))) for each in found.values()]
    likely = [each for each in weighed if each.likeness.score >= SAME_EVENT]
    return sorted(likely, key=lambda each: (-each.likeness.score, each.ticket.ticket_no))[:MOST]
