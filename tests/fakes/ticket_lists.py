"""Work lists over the dict of tickets, as far as use cases need them."""

from collections.abc import Sequence

from tests.fakes.tickets import DictTicketStore
from voicebot.tickets.listing import Count, Filter, Page


class DictTicketLists:
    """Implements `voicebot.tickets.listing.TicketLists` for filters by state and unit."""

    def __init__(self, store: DictTicketStore) -> None:
        self._store = store

    async def page(self, wanted: Filter, *, limit: int = 50, after: str | None = None) -> Page:
        if self._store.failing is not None:
            raise self._store.failing
        known = Filter(states=wanted.states, departments=wanted.departments)
        assert wanted == known, "this fake knows states and units alone"
        numbers = [
            no
            for no, ticket in sorted(self._store.tickets.items(), reverse=True)
            if (not wanted.states or ticket.state in wanted.states)
            and (not wanted.departments or wanted.departments & {ticket.department, *ticket.co_departments})
            and (after is None or no < after)
        ]
        found = tuple(self._store.tickets[no] for no in numbers[:limit])
        return Page(found, found[-1].ticket_no if len(numbers) > limit else None)

    async def counts(self, wanted: Sequence[Filter], *, most: int = 999) -> tuple[Count, ...]:
        pages = [await self.page(one, limit=most) for one in wanted]
        return tuple(Count(len(page.tickets), page.following is not None) for page in pages)
