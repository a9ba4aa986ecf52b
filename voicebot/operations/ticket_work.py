"""The one place where a person or another system looks at a ticket or acts on it.

Pages, API and commands come through here, so that roles, departments, masks, the rules of the 派单目录 and
the access log hold for all of them. The caller on the phone has `ticket_desk`.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from voicebot.core.demand import Demand
from voicebot.core.errors import VoicebotError
from voicebot.core.ids import DepartmentName, TicketNo
from voicebot.operations import ticket_texts as texts
from voicebot.operations.ports import Account
from voicebot.operations.ticket_desk import Filing, unknown
from voicebot.operations.ticket_sets import TicketSets
from voicebot.tickets.directory import Directory
from voicebot.tickets.given import NOTHING, Given
from voicebot.tickets.lifecycle import transition
from voicebot.tickets.parts import Reference
from voicebot.tickets.returns import Refusal, refusals
from voicebot.tickets.roles import may
from voicebot.tickets.rules import RULES
from voicebot.tickets.sending import Moved, give_back, send
from voicebot.tickets.terms import with_terms
from voicebot.tickets.ticket import Ticket, TicketAction, TicketEvent
from voicebot.tickets.visibility import as_seen, sees, works_on

ELSEWHERE: Final = frozenset(
    {TicketAction.DRAFT, TicketAction.EXTEND, TicketAction.MERGE, TicketAction.GROUP, TicketAction.SPLIT}
)
"""Not for `act`: they make tickets or change several."""


class TicketWork(TicketSets):
    """Every method takes the account that acts and may raise:

    ``ticket.forbidden`` (not with this role, or not by this unit), ``ticket.unknown`` (none, or not for these
    eyes), `StaleTicket` ``ticket.stale``, ``ticket.illegal_move``, ``ticket.incomplete``,
    ``ticket.dispatch_refused``, ``ticket.unknown_ground``, ``ticket.key_reused`` (one request key for two
    requests) and ``db.…``. What raises has stored nothing.
    """

    async def act(
        self,
        who: Account,
        ticket_no: TicketNo,
        action: TicketAction,
        *,
        reason: str = "",
        given: Given = NOTHING,
        expected: int | None = None,
        key: str = "",
    ) -> Ticket:
        """One move of one ticket; times that are not given come from the city's profile.

        Args:
            expected: version this account saw. key: of the request, so that it may be sent again.
        """
        if action in ELSEWHERE:
            raise VoicebotError("ticket.own_way", f"{RULES[action].name}不是单张工单的操作")
        request = texts.request(who, key)
        self._permit(who, action)
        if (known := await self._done(request, ticket_no, action)) is not None:
            return as_seen(who.role, known)
        seen = await self._seen(who, ticket_no)
        self._fits(who, seen, action, given)
        name = await self._name(ticket_no)
        said, details, hidden = texts.concealed(name, reason, given)
        at, directory = self._clock.now(), self._directory()
        history: tuple[Refusal, ...] = ()
        if action in (TicketAction.DISPATCH, TicketAction.DESIGNATE):
            expected = seen.version if expected is None else expected
            history = refusals((await self._store.events(ticket_no))[:expected])

        def step(ticket: Ticket) -> Moved:
            self._fits(who, ticket, action, given)
            filled = with_terms(self._deadlines(), ticket, action, details, at)
            return _move(ticket, action, filled, directory, history, texts.actor(who), at, said)

        after, event = await self._store.change(
            ticket_no, step, expected=expected, key=request, hidden=hidden
        )
        _same(event, ticket_no, action)
        return as_seen(who.role, after)

    async def file(
        self,
        who: Account,
        demand: Demand,
        *,
        category: str = "",
        refs: Sequence[Reference] = (),
        key: str = "",
    ) -> tuple[Ticket, bool]:
        """A demand of another channel becomes a ticket, or is added to the caller's open one about the same.

        Another system's comes in as 草稿 for somebody to accept; its own number of the matter (`refs`) is
        the request's key, so that however often it hands a matter over there is one ticket.

        Returns:
            The ticket, and whether something of before was found instead of a new one.
        """
        accepts = may(who.role, TicketAction.ACCEPT)
        if not accepts:
            self._permit(who, TicketAction.DRAFT)
        for ref in refs:
            self._own_reference(who, ref)
        request = texts.handed_over(refs) or texts.request(who, key)
        known = await self._store.filed(request) if request else None
        if known is not None:
            texts.same_demand(known[1], demand, again=bool(refs))
            return as_seen(who.role, known[0]), True
        filing = Filing(texts.actor(who), request, not accepts, tuple(refs), category)
        receipt = await self._desk.file(demand, filing=filing)
        ticket = await self._store.ticket(receipt.ticket_no)
        assert ticket is not None, "a receipt is of a stored ticket"
        if receipt.appended and refs:
            ticket = await self._linked(who, ticket, refs)
        return as_seen(who.role, ticket), receipt.appended

    def _fits(self, who: Account, ticket: Ticket, action: TicketAction, given: Given) -> None:
        if not sees(who.role, who.department, ticket):
            raise unknown(ticket.ticket_no)
        if not works_on(who.role, who.department, ticket, action):
            raise VoicebotError("ticket.forbidden", f"{RULES[action].name}由主办单位{ticket.department}来做")
        if given.reference is not None:
            self._own_reference(who, given.reference)
        for unit in given.co_departments or ():
            self._known_unit(unit)

    def _known_unit(self, unit: DepartmentName) -> None:
        units = self._directory().units
        if units and unit not in units:
            raise VoicebotError("ticket.dispatch_refused", f"派单目录里没有「{unit}」")

    def _own_reference(self, who: Account, reference: Reference) -> None:
        if who.role == "system" and reference.system != who.department:
            raise VoicebotError("ticket.forbidden", f"这个账号只能登记「{who.department}」的编号")

    async def _done(self, request: str, ticket_no: TicketNo, action: TicketAction) -> Ticket | None:
        known = await self._store.filed(request) if request else None
        if known is None:
            return None
        _same(known[1], ticket_no, action)
        return known[0]

    async def _linked(self, who: Account, ticket: Ticket, refs: Sequence[Reference]) -> Ticket:
        """The open ticket that a matter was added to, known under the other system's number as well."""
        for ref in refs:
            if ref not in ticket.refs:
                at, given = self._clock.now(), Given(reference=ref)
                ticket, _ = await self._store.change(
                    ticket.ticket_no,
                    lambda t, given=given, at=at: transition(  # type: ignore[misc]
                        t, TicketAction.LINK, texts.actor(who), at, "", given
                    ),
                )
        return ticket


def _move(
    ticket: Ticket,
    action: TicketAction,
    given: Given,
    directory: Directory,
    history: Sequence[Refusal],
    actor: str,
    at: datetime,
    reason: str,
) -> Moved:
    """A move under the rules of the 派单目录, where it has any."""
    if action in (TicketAction.DISPATCH, TicketAction.DESIGNATE) and directory.units:
        return send(ticket, action, given, directory, history, actor, at, reason)
    if action is TicketAction.RETURN:
        return give_back(ticket, given.return_ground or "", reason, directory, actor, at)
    return transition(ticket, action, actor, at, reason, given)


def _same(event: TicketEvent, ticket_no: TicketNo, action: TicketAction) -> None:
    """Raises when what is stored under a request's key was another request."""
    if (event.ticket_no, event.action) != (ticket_no, action):
        raise VoicebotError("ticket.key_reused", "这个 Idempotency-Key 已经用在另一个请求上")
