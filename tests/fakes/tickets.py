"""A ticket store in a dict, behind the same contract as the real one."""

import asyncio
from collections import Counter
from collections.abc import Mapping
from datetime import date

from voicebot.core.errors import VoicebotError
from voicebot.core.ids import TicketNo
from voicebot.tickets import numbers
from voicebot.tickets.ports import Birth, Parting, Step, moved_before, part_of
from voicebot.tickets.stale import StaleTicket
from voicebot.tickets.state import OPEN
from voicebot.tickets.ticket import Contact, Ticket, TicketEvent


class DictTicketStore:
    """Implements `voicebot.tickets.ports.TicketStore` in memory.

    Args:
        failing: while set, every method raises it (a store that is away).
        delay: seconds (of the loop's clock) that storing and changing take.
    """

    def __init__(self) -> None:
        self.failing: VoicebotError | None = None
        self.delay = 0.0
        self._tickets: dict[str, Ticket] = {}
        self._events: dict[str, list[TicketEvent]] = {}
        self._contacts: dict[str, Contact] = {}
        self._hidden: dict[str, list[str]] = {}
        self._requests: dict[str, TicketEvent] = {}
        self._serials: Counter[date] = Counter()

    @property
    def tickets(self) -> Mapping[str, Ticket]:
        """All that is stored, by number."""
        return self._tickets

    async def create(
        self, day: date, birth: Birth, contact: Contact, *, key: str = "", hidden: tuple[str, ...] = ()
    ) -> tuple[Ticket, TicketEvent]:
        await asyncio.sleep(self.delay)
        if known := await self.filed(key):
            return known
        made, event = birth(numbers.ticket_no(day, self._serials[day] + 1))
        self._serials[day] += 1
        self._contacts[made.ticket_no] = contact
        return self._keep(made, event, key, hidden)

    async def change(
        self,
        ticket_no: TicketNo,
        step: Step,
        *,
        expected: int | None = None,
        key: str = "",
        hidden: tuple[str, ...] = (),
    ) -> tuple[Ticket, TicketEvent]:
        await asyncio.sleep(self.delay)
        if known := await self.filed(key):
            return known
        return self._keep(*step(self._at(ticket_no, expected)), key, hidden)

    async def change_all(
        self,
        steps: Mapping[TicketNo, Step],
        *,
        expected: Mapping[TicketNo, int] | None = None,
        key: str = "",
        hidden: tuple[str, ...] = (),
    ) -> tuple[tuple[Ticket, TicketEvent], ...]:
        await asyncio.sleep(self.delay)
        self._answer()
        if known := moved_before({no: await self.filed(part_of(key, no)) for no in steps}):
            return known
        done = [step(self._at(no, (expected or {}).get(no))) for no, step in steps.items()]
        return tuple(
            self._keep(*result, part_of(key, result[0].ticket_no), () if n else hidden)
            for n, result in enumerate(done)
        )

    async def split(
        self,
        origin: TicketNo,
        day: date,
        parting: Parting,
        *,
        expected: int | None = None,
        key: str = "",
        hidden: tuple[str, ...] = (),
    ) -> tuple[Ticket, TicketEvent]:
        await asyncio.sleep(self.delay)
        if known := await self.filed(key):
            return known
        before = self._at(origin, expected)
        part, left = parting(before, numbers.ticket_no(day, self._serials[day] + 1))
        self._serials[day] += 1
        self._contacts[part[0].ticket_no] = self._contacts[origin]
        self._keep(*left, "", ())
        return self._keep(*part, key, hidden)

    def _at(self, ticket_no: TicketNo, expected: int | None) -> Ticket:
        if ticket_no not in self._tickets:
            raise VoicebotError("ticket.unknown", f"没有查到编号为 {ticket_no} 的工单")
        now = self._tickets[ticket_no]
        if expected is not None and now.version != expected:
            raise StaleTicket(expected, now, self._events[ticket_no][expected:])
        return now

    def _keep(
        self, ticket: Ticket, event: TicketEvent, key: str, hidden: tuple[str, ...]
    ) -> tuple[Ticket, TicketEvent]:
        self._tickets[ticket.ticket_no] = ticket
        self._events.setdefault(ticket.ticket_no, []).append(event)
        self._hidden.setdefault(ticket.ticket_no, []).extend(hidden)
        if key:
            self._requests[key] = event
        return ticket, event

    async def filed(self, key: str) -> tuple[Ticket, TicketEvent] | None:
        self._answer()
        event = self._requests.get(key)
        return (self._tickets[event.ticket_no], event) if event is not None else None

    async def ticket(self, ticket_no: TicketNo) -> Ticket | None:
        self._answer()
        return self._tickets.get(ticket_no)

    async def events(self, ticket_no: TicketNo) -> tuple[TicketEvent, ...]:
        self._answer()
        return tuple(self._events.get(ticket_no, ()))

    async def of_caller(
        self, number: str, *, tail: str = "", open_only: bool = False, limit: int = 20
    ) -> tuple[Ticket, ...]:
        self._answer()
        own = [
            ticket
            for no, ticket in sorted(self._tickets.items(), reverse=True)
            if number
            and number in (self._contacts[no].phone, self._contacts[no].caller)
            and no.endswith(tail)
            and (not open_only or ticket.state in OPEN)
        ]
        return tuple(own[:limit])

    async def contact(self, ticket_no: TicketNo) -> Contact | None:
        self._answer()
        return self._contacts.get(ticket_no)

    async def hidden(self, ticket_no: TicketNo) -> tuple[str, ...]:
        self._answer()
        return tuple(self._hidden.get(ticket_no, ()))

    def _answer(self) -> None:
        if self.failing is not None:
            raise self.failing
