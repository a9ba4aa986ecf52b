"""Looking at tickets: by role and department, masked; every look at one is noted."""

from collections.abc import Callable, Sequence
from typing import Final

from voicebot.core.clock import Clock
from voicebot.core.errors import VoicebotError
from voicebot.core.ids import CallId, TicketNo
from voicebot.operations import ticket_texts as texts
from voicebot.operations.ports import Account
from voicebot.operations.ticket_access import Access, AccessLog, AccessPage, AccessWanted, Looked
from voicebot.operations.ticket_desk import TicketDesk, unknown
from voicebot.operations.ticket_views import TicketView, view
from voicebot.tickets.deadlines import Deadlines
from voicebot.tickets.directory import Directory
from voicebot.tickets.listing import Count, Filter, Page, TicketLists
from voicebot.tickets.party_view import party_view
from voicebot.tickets.ports import TicketStore
from voicebot.tickets.ticket import Contact, Ticket
from voicebot.tickets.visibility import ALL, as_seen, is_secret, may_reveal, narrowed, sees

WATCHERS: Final = frozenset({"admin", "supervisor"})
"""See who looked at what."""


class TicketLook:
    """The looking part of `ticket_work.TicketWork`; its errors are told there.

    Args:
        directory, deadlines: as they are now; content may change while we run.
    """

    def __init__(
        self,
        store: TicketStore,
        lists: TicketLists,
        access: AccessLog,
        desk: TicketDesk,
        clock: Clock,
        directory: Callable[[], Directory],
        deadlines: Callable[[], Deadlines] = Deadlines,
    ) -> None:
        self._store = store
        self._lists = lists
        self._access = access
        self._desk = desk
        self._clock = clock
        self._directory = directory
        self._deadlines = deadlines

    async def look(self, who: Account, ticket_no: TicketNo) -> TicketView:
        """What this account may see; the look is noted."""
        ticket = await self._seen(who, ticket_no)
        events = await self._store.events(ticket_no)
        await self._note(who, ticket_no, Looked.VIEW)
        return view(who, ticket, events[: ticket.version], self._clock.now())

    async def page(self, who: Account, wanted: Filter, *, limit: int = 50, after: str | None = None) -> Page:
        """Tickets that pass a filter, as far as this account sees them; people masked.

        Raises:
            VoicebotError: ``ticket.bad_cursor``, ``ticket.short_tail``.
        """
        theirs = narrowed(who.role, who.department, wanted)
        if theirs is None:
            return Page(())
        found = await self._lists.page(theirs, limit=limit, after=after)
        kept = (t for t in found.tickets if sees(who.role, who.department, t))
        return Page(tuple(as_seen(who.role, ticket) for ticket in kept), found.following)

    async def counts(self, who: Account, wanted: Sequence[Filter]) -> tuple[Count, ...]:
        """For each filter how many tickets of this account's pass it."""
        theirs = [narrowed(who.role, who.department, each) for each in wanted]
        counted = iter(await self._lists.counts([each for each in theirs if each is not None]))
        return tuple(Count(0) if each is None else next(counted) for each in theirs)

    async def reveal(self, who: Account, ticket_no: TicketNo, reason: str) -> str:
        """The number in the clear, for a call back; noted with the reason before it is given out.

        Raises:
            VoicebotError: ``ticket.incomplete`` without a reason, ``ticket.no_number``.
        """
        ticket = await self._seen(who, ticket_no)
        if not may_reveal(who.role, ticket):
            raise VoicebotError("ticket.forbidden", "这件工单的电话不对您公开，需要联系诉求人请找热线")
        if not reason.strip():
            raise VoicebotError("ticket.incomplete", "查看电话需要说明理由")
        await self._note(who, ticket_no, Looked.NUMBER, reason.strip())
        contact = await self._store.contact(ticket_no)
        number = (contact.phone or contact.caller) if contact and not ticket.anonymous else ""
        if not number:
            raise VoicebotError("ticket.no_number", "诉求人没有留电话")
        return number

    async def looks(self, who: Account, ticket_no: TicketNo) -> Sequence[Access]:
        """Who looked at a ticket, newest first; for those who watch over it."""
        if who.role not in WATCHERS:
            raise VoicebotError("ticket.forbidden", "您的角色不能看查阅记录")
        await self._seen(who, ticket_no)
        return await self._access.of_ticket(ticket_no)

    async def hear(
        self, who: Account, call_id: CallId, tickets: Sequence[str], what: Looked, reason: str = ""
    ) -> None:
        """Notes that somebody is about to read or hear a call.

        Args:
            tickets: that the call is about.

        Raises:
            VoicebotError: ``call.unknown``: a handler, and the call is not of a ticket of theirs, or of a
                secret one. ``ticket.incomplete``: the voice of a secret one without a reason.
        """
        found = [each for no in dict.fromkeys(tickets) if (each := await self._store.ticket(TicketNo(no)))]
        secret = any(is_secret(ticket) for ticket in found)
        theirs = any(sees(who.role, who.department, ticket) for ticket in found)
        if who.role not in ALL and (secret or not theirs):
            raise VoicebotError("call.unknown", "没有这通电话，或者不对您公开")
        if secret and what is Looked.RECORDING and not reason.strip():
            raise VoicebotError("ticket.incomplete", "听举报、保密和匿名件的录音需要说明理由")
        number = found[0].ticket_no if found else None
        at = self._clock.now()
        await self._access.note(Access(at, texts.actor(who), number, what, reason.strip(), call_id))

    async def access_log(
        self, who: Account, wanted: AccessWanted, limit: int = 50, before: int | None = None
    ) -> AccessPage:
        """Who looked at whom, newest first; for those who watch over it."""
        if who.role not in WATCHERS:
            raise VoicebotError("ticket.forbidden", "您的角色不能看查阅记录")
        return await self._access.page(wanted, limit, before)

    async def for_party(self, who: Account, ticket_no: TicketNo) -> str:
        """The notice that may go to the party complained about; nothing of the caller is in it."""
        ticket = await self._seen(who, ticket_no)
        contact = await self._store.contact(ticket_no) or Contact()
        return party_view(ticket, contact, await self._store.hidden(ticket_no))

    def figures(self) -> str:
        """Prometheus text."""
        name = "voicebot_bulk_read_alarms_total"
        return f"# TYPE {name} counter\n{name} {self._access.alarms}\n"

    async def _seen(self, who: Account, ticket_no: TicketNo) -> Ticket:
        ticket = await self._store.ticket(ticket_no)
        if ticket is None or not sees(who.role, who.department, ticket):
            raise unknown(ticket_no)
        return ticket

    async def _note(self, who: Account, ticket_no: TicketNo, what: Looked, why: str = "") -> None:
        await self._access.note(Access(self._clock.now(), texts.actor(who), ticket_no, what, why))
