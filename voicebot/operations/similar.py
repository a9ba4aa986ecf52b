"""What people make of suggestions of one matter: 并为群诉 (并单 of one caller), 不是同一件事, 撤销."""

from dataclasses import dataclass

from voicebot.core.clock import Clock
from voicebot.core.errors import VoicebotError
from voicebot.core.ids import TicketNo
from voicebot.operations import ticket_texts as texts
from voicebot.operations.ports import Account
from voicebot.operations.suggestion_book import SuggestionBook, no_suggestion
from voicebot.operations.ticket_desk import unknown
from voicebot.operations.ticket_work import TicketWork
from voicebot.tickets.given import NOTHING
from voicebot.tickets.ports import TicketStore
from voicebot.tickets.roles import may
from voicebot.tickets.rules import RULES
from voicebot.tickets.stale import StaleTicket
from voicebot.tickets.suggestions import Standing, Suggestion, joining
from voicebot.tickets.ticket import Ticket, TicketAction
from voicebot.tickets.visibility import as_seen, is_secret, sees


@dataclass(frozen=True, slots=True)
class Similar:
    """A suggestion as an account sees it, from one of the two tickets; `other` is the one beside it."""

    suggestion: Suggestion
    other: Ticket


class SimilarTickets:
    """Use cases around suggestions. Every method may raise what `TicketWork` names, and
    ``ticket.no_suggestion``; what raises has stored nothing."""

    def __init__(self, work: TicketWork, store: TicketStore, book: SuggestionBook, clock: Clock) -> None:
        self._work = work
        self._store = store
        self._book = book
        self._clock = clock

    async def of(self, who: Account, ticket_no: TicketNo) -> tuple[Similar, ...]:
        """Suggestions about a ticket, undecided ones first, as far as this account sees the other ticket."""
        await self._seen(who, ticket_no)
        return tuple(
            Similar(each, as_seen(who.role, other))
            for each, other in await self._book.of_ticket(ticket_no)
            if sees(who.role, who.department, other) and not is_secret(other)
        )

    async def accept(
        self,
        who: Account,
        ticket_no: TicketNo,
        other: TicketNo,
        *,
        reason: str = "",
        expected: int | None = None,
        key: str = "",
    ) -> Ticket:
        """One matter: the later ticket joins the earlier one's group, or makes it; of one caller it is merged
        into it. Accepted before it is left as it is.

        Args:
            expected: version of `ticket_no` that this account saw. key: of the request, to send it again.

        Returns:
            `ticket_no` as it is then.
        """
        one, two, suggestion = await self._both(who, ticket_no, other)
        if suggestion.standing is Standing.ACCEPTED:
            return as_seen(who.role, one)
        await self._unchanged(one, expected)
        if suggestion.standing is Standing.REFUSED:
            raise VoicebotError("ticket.illegal_move", "已经判定不是同一件事，请先撤销再并")
        why = reason.strip() or f"系统比对相似{suggestion.score:.0%}：{'；'.join(suggestion.reasons)}"
        later, earlier = (one, two) if suggestion.later == ticket_no else (two, one)
        versions = {one.ticket_no: one.version, two.ticket_no: two.version}
        if suggestion.own:
            gone, into = later.ticket_no, earlier.ticket_no
            await self._work.merge(
                who, into, {gone: versions[gone]}, reason=why, expected=versions[into], key=key
            )
        else:
            leads = [await self._book.leads(each.ticket_no) for each in (later, earlier)]
            member, head = joining(later, earlier, *leads)
            await self._work.group(
                who, head, {member.ticket_no: versions[member.ticket_no]}, reason=why, key=key
            )
        return as_seen(who.role, await self._seen(who, ticket_no))

    async def refuse(
        self,
        who: Account,
        ticket_no: TicketNo,
        other: TicketNo,
        *,
        reason: str = "",
        expected: int | None = None,
    ) -> Suggestion:
        """Another matter: kept with who said so, and never suggested again."""
        await self._both(who, ticket_no, other)
        said, _, _ = texts.concealed("", reason, NOTHING)
        at = self._clock.now()
        return await self._book.refuse(ticket_no, other, texts.actor(who), said, at, expected)

    async def undo(
        self,
        who: Account,
        ticket_no: TicketNo,
        other: TicketNo,
        *,
        reason: str,
        expected: int | None = None,
        key: str = "",
    ) -> Suggestion:
        """Takes a decision back: who joined leaves the group again, or goes on by itself; a refusal is none.
        The suggestion is undecided then; one that is undecided is left as it is."""
        one, two, suggestion = await self._both(who, ticket_no, other)
        at, by = self._clock.now(), texts.actor(who)
        if suggestion.standing is Standing.REFUSED:
            said, _, _ = texts.concealed("", reason, NOTHING)
            return await self._book.reopen(ticket_no, other, by, said, at, expected)
        if suggestion.standing is Standing.ACCEPTED:
            await self._unchanged(one, expected)
            joined = two if suggestion.joined == two.ticket_no else one
            action = TicketAction.UNMERGE if suggestion.own and joined.merge_parent else TicketAction.UNGROUP
            no, version = joined.ticket_no, joined.version
            await self._work.act(who, no, action, reason=reason, expected=version, key=key)
        return await self._found(ticket_no, other)

    async def _both(
        self, who: Account, ticket_no: TicketNo, other: TicketNo
    ) -> tuple[Ticket, Ticket, Suggestion]:
        if not may(who.role, TicketAction.GROUP):
            raise VoicebotError("ticket.forbidden", f"您的角色不能{RULES[TicketAction.GROUP].name}")
        one, two = await self._seen(who, ticket_no), await self._seen(who, other)
        return one, two, await self._found(ticket_no, other)

    async def _found(self, ticket_no: TicketNo, other: TicketNo) -> Suggestion:
        for each, beside in await self._book.of_ticket(ticket_no):
            if beside.ticket_no == other:
                return each
        raise no_suggestion(ticket_no, other)

    async def _seen(self, who: Account, ticket_no: TicketNo) -> Ticket:
        ticket = await self._store.ticket(ticket_no)
        if ticket is None or not sees(who.role, who.department, ticket):
            raise unknown(ticket_no)
        return ticket

    async def _unchanged(self, ticket: Ticket, expected: int | None) -> None:
        """The version that was seen; it may be the ticket that others join, which no move is made of."""
        if expected is not None and expected != ticket.version:
            raise StaleTicket(expected, ticket, (await self._store.events(ticket.ticket_no))[expected:])
