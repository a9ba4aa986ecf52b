"""Suggestions over the dict of tickets."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from tests.fakes.tickets import DictTicketStore
from voicebot.core.errors import VoicebotError
from voicebot.core.ids import TicketNo
from voicebot.operations.suggestion_book import ToCompare, no_suggestion
from voicebot.tickets.fingerprints import fingerprint
from voicebot.tickets.spots import SpotKey
from voicebot.tickets.stale import StaleTicket
from voicebot.tickets.state import OPEN
from voicebot.tickets.suggestions import (
    SECRECY,
    TEXTS,
    Beside,
    Standing,
    Suggestion,
    Weighing,
    comparable,
    pair,
    together,
)
from voicebot.tickets.ticket import Ticket

Pair = tuple[TicketNo, TicketNo]


class DictSuggestions:
    """Implements `voicebot.operations.suggestion_book.SuggestionBook`; what tickets have come to is looked up
    when it is asked for."""

    def __init__(self, store: DictTicketStore) -> None:
        self._store = store
        self._known: dict[Pair, Suggestion] = {}
        self._compared: dict[str, object] = {}
        self._waits: dict[str, datetime] = {}
        self.spots: dict[str, tuple[SpotKey, ...]] = {}

    async def owed(self, now: datetime, limit: int) -> Sequence[TicketNo]:
        fresh = [
            ticket.ticket_no
            for no, ticket in sorted(self._store.tickets.items())
            if not ticket.callback_only
            and self._compared.get(no) != _told(ticket)
            and self._waits.get(no, ticket.accepted_at) <= now
        ]
        return fresh[:limit]

    async def put_off(self, ticket_no: TicketNo, until: datetime) -> None:
        self._waits[ticket_no] = until

    async def to_compare(self, ticket_no: TicketNo) -> ToCompare | None:
        found = await self._store.ticket(ticket_no)
        if found is None:
            return None
        keys, mine = fingerprint(found), await self._people(ticket_no)
        others = [
            Beside(other, own=bool(mine & await self._people(other.ticket_no)))
            for no, other in sorted(self._store.tickets.items())
            if no != ticket_no and other.state in OPEN and keys & fingerprint(other)
        ]
        return ToCompare(found, tuple(others))

    async def keep(
        self, compared: Ticket, found: Weighing, spots: Sequence[SpotKey], at: datetime
    ) -> Sequence[Suggestion]:
        number, made = compared.ticket_no, []
        now = self._store.tickets[number]
        for each in found.likely:
            other = self._store.tickets[each.ticket_no]
            if not comparable(now) or not comparable(other) or together(now, other):
                continue
            key, like = pair(number, each.ticket_no), each.likeness
            if key not in self._known:
                made.append(Suggestion(*key, each.own, like.score, like.reasons, at))
                self._known[key] = made[-1]
        for gone in found.unlikely:
            standing = self._known.get(pair(number, gone))
            if standing is not None and standing.standing is Standing.OPEN:
                del self._known[pair(number, gone)]
        self.spots[number] = tuple(spots)
        self._compared[number] = _told(compared)
        return made

    async def of_ticket(self, ticket_no: TicketNo) -> Sequence[tuple[Suggestion, Ticket]]:
        found = [self._now(key) for key in self._known if ticket_no in key]
        found = [each for each in found if each.standing is not Standing.LAPSED]
        found.sort(key=lambda s: (s.standing is not Standing.OPEN, -s.score, s.earlier, s.later))
        return [(each, self._store.tickets[each.other(ticket_no)]) for each in found]

    async def leads(self, ticket_no: TicketNo) -> bool:
        return any(ticket.group == ticket_no for ticket in self._store.tickets.values())

    async def refuse(
        self,
        ticket_no: TicketNo,
        other: TicketNo,
        by: str,
        why: str,
        at: datetime,
        expected: int | None = None,
    ) -> Suggestion:
        known = self._at(ticket_no, other)
        if known.standing is Standing.REFUSED:
            return known
        if known.standing is Standing.ACCEPTED:
            raise VoicebotError("ticket.illegal_move", "这两件已经并在一起，请先撤销")
        await self._unchanged(ticket_no, expected)
        return self._put(replace(known, standing=Standing.REFUSED, by=by, why=why, decided_at=at))

    async def reopen(
        self,
        ticket_no: TicketNo,
        other: TicketNo,
        by: str,
        why: str,
        at: datetime,
        expected: int | None = None,
    ) -> Suggestion:
        known = self._at(ticket_no, other)
        if known.standing is not Standing.REFUSED:
            raise VoicebotError("ticket.illegal_move", "这条建议没有被判定为不是同一件事")
        await self._unchanged(ticket_no, expected)
        self._put(replace(known, standing=Standing.OPEN, by=by, why=why, decided_at=at))
        return self._at(ticket_no, other)

    def _put(self, now: Suggestion) -> Suggestion:
        self._known[now.later, now.earlier] = now
        return now

    def _at(self, one: TicketNo, other: TicketNo) -> Suggestion:
        if pair(one, other) not in self._known:
            raise no_suggestion(one, other)
        return self._now(pair(one, other))

    def _now(self, key: Pair) -> Suggestion:
        known = self._known[key]
        later, earlier = (self._store.tickets[no] for no in key)
        if together(later, earlier) or later.merge_parent == earlier.ticket_no:
            joined = earlier if earlier.group in (later.group, later.ticket_no) and earlier.group else later
            return replace(known, standing=Standing.ACCEPTED, joined=joined.ticket_no)
        if known.standing is Standing.OPEN and not {later.state, earlier.state} <= OPEN:
            return replace(known, standing=Standing.LAPSED)
        return known

    async def _unchanged(self, ticket_no: TicketNo, expected: int | None) -> None:
        now = self._store.tickets[ticket_no]
        if expected is not None and now.version != expected:
            raise StaleTicket(expected, now, (await self._store.events(ticket_no))[expected:])

    async def _people(self, ticket_no: TicketNo) -> set[str]:
        contact = await self._store.contact(ticket_no)
        return {contact.phone, contact.caller} - {""} if contact else set()


def _told(ticket: Ticket) -> object:
    return ticket.state in OPEN, *(getattr(ticket, name) for name in sorted(TEXTS | SECRECY))
