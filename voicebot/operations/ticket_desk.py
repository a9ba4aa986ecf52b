"""The ticket desk: a demand becomes a stored 工单; callers ask about theirs and add to them."""

import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Final, Protocol

import structlog

from voicebot.core.clock import Clock
from voicebot.core.demand import Demand, TicketReceipt, TicketRequest, TicketSummary
from voicebot.core.errors import VoicebotError
from voicebot.core.ids import TicketNo
from voicebot.core.meaning import AppealType
from voicebot.tickets.birth import Born, accept, draft
from voicebot.tickets.deadlines import Deadlines, Due
from voicebot.tickets.dispatch import Suggestion
from voicebot.tickets.lifecycle import transition
from voicebot.tickets.matter import matter_of
from voicebot.tickets.numbers import LEAST_TAIL, LENGTH, digits_of
from voicebot.tickets.parts import Reference
from voicebot.tickets.ports import TicketStore
from voicebot.tickets.privacy import clean, conceal, plain_phone
from voicebot.tickets.repeats import SAME_CALLER, likeness
from voicebot.tickets.ticket import Contact, Ticket, TicketAction, TicketEvent

log = structlog.get_logger(__name__)

BOT: Final = "bot"
CALLER: Final = "caller"

_MOVES: Final = {
    TicketRequest.URGE: TicketAction.URGE,
    TicketRequest.SUPPLEMENT: TicketAction.SUPPLEMENT,
    TicketRequest.WITHDRAW: TicketAction.CANCEL,
    TicketRequest.OBJECTION: TicketAction.OBJECT,
}


class Dispatcher(Protocol):
    """Finds a unit for a demand (`dispatching.Dispatching`). None of this waits for anything."""

    def of_demand(self, demand: Demand) -> tuple[Suggestion, ...]:
        """Who may be in charge, best first."""
        ...

    def category(self, demand: Demand, suggestions: Sequence[Suggestion]) -> str:
        """Three levels, "" when not known."""
        ...

    def offer(self, ticket_no: TicketNo, suggestions: tuple[Suggestion, ...]) -> None:
        """Takes over a stored ticket, to dispatch it."""
        ...


@dataclass(frozen=True, slots=True)
class Filing:
    """Who files a demand, and how.

    Args:
        actor: of the first event.
        key: of the request; the same demand is stored once under it. "": made of the demand and its call.
        draft: written in as 草稿, for somebody to accept.
        refs: the matter in other systems.
        category: three levels, chosen by a person; "" when unknown.
    """

    actor: str = BOT
    key: str = ""
    draft: bool = False
    refs: tuple[Reference, ...] = ()
    category: str = ""


IN_A_CALL: Final = Filing()


class TicketDesk:
    """Use cases of one caller around tickets; any number of desks may share a store.

    Args:
        deadlines: as they are now; content may change while we run.
        dispatcher: takes new tickets over; None: they wait for somebody's `sweep`.
    """

    def __init__(
        self,
        store: TicketStore,
        clock: Clock,
        deadlines: Callable[[], Deadlines] = Deadlines,
        dispatcher: Dispatcher | None = None,
    ) -> None:
        self._store = store
        self._dispatcher = dispatcher
        self._clock = clock
        self._deadlines = deadlines

    async def file(self, demand: Demand, caller: str = "", filing: Filing = IN_A_CALL) -> TicketReceipt:
        """Stores a demand; when this returns the number may be spoken.

        The same demand of the same call gives the same receipt however often it is filed. A matter
        that the caller already has an open ticket about is added to that one (`appended`).

        Args:
            caller: number the call came from, so that it finds the ticket again later; "" when
                withheld or when it is `demand.phone`.
            filing: who files it and how, when it does not come from a call.

        Raises:
            VoicebotError: ``db.…`` when nothing could be stored, ``ticket.serial_exhausted``.
        """
        key = filing.key or _request_key(demand)
        contact = Contact(clean(demand.caller_name), plain_phone(demand.phone), plain_phone(caller))
        open_one = await self._open_one(demand, contact)
        if open_one is not None and (stored := await self._append(open_one, demand, key, filing)):
            return self._receipt(*stored)
        return self._receipt(*await self._create(demand, contact, key, filing))

    async def find(self, ticket_no_or_tail: str, caller: str) -> tuple[TicketSummary, ...]:
        """Tickets the caller may hear about, newest first; empty when there is none.

        Args:
            ticket_no_or_tail: 14 digits (anybody's), a tail of at least 4 digits (the caller's
                own), or "" for all open ones of the caller. Numbers are given out in sequence and
                easily guessed: of another person's confidential matter only the state is told.
        """
        digits = digits_of(ticket_no_or_tail)
        number = plain_phone(caller)
        if len(digits) == LENGTH:
            ticket = await self._store.ticket(TicketNo(digits))
            return () if ticket is None else (await self._summary(ticket, number),)
        if (digits and len(digits) < LEAST_TAIL) or len(digits) > LENGTH:
            return ()
        own = await self._store.of_caller(number, tail=digits, open_only=not digits)
        return tuple(summary(ticket, self._clock) for ticket in own)

    async def change(
        self, ticket_no: TicketNo, request: TicketRequest, text: str, caller: str
    ) -> TicketSummary:
        """Carries out what a caller asks of a ticket; `text` is what they said about it.

        Raises:
            VoicebotError: ``ticket.unknown``, ``ticket.illegal_move``, ``ticket.not_yours`` (only
                who filed a ticket may withdraw it), ``ticket.incomplete``; with a message to speak.
        """
        number = plain_phone(caller)
        action = _MOVES.get(request)
        if action is None:
            ticket = await self._store.ticket(ticket_no)
            if ticket is None:
                raise unknown(ticket_no)
            return await self._summary(ticket, number)
        if request is TicketRequest.WITHDRAW and not await self._is_own(ticket_no, number):
            raise VoicebotError("ticket.not_yours", "撤单需要用登记时留的电话打来，或者由人工为您核实")
        words = text.strip() or ("诉求人撤单" if request is TicketRequest.WITHDRAW else "")
        clean, hidden = conceal(words)
        at = self._clock.now()
        ticket, _ = await self._store.change(
            ticket_no, lambda t: transition(t, action, CALLER, at, clean), hidden=hidden
        )
        return await self._summary(ticket, number)

    async def _create(
        self, demand: Demand, contact: Contact, key: str, filing: Filing
    ) -> tuple[Ticket, TicketEvent]:
        at, helper = self._clock.now(), self._dispatcher
        found = helper.of_demand(demand) if helper else ()
        category = filing.category or (helper.category(demand, found) if helper else "")
        best = found[0] if found else None
        said = replace(demand, department=best.department) if best else demand
        due = self._deadlines().of(
            demand.appeal_type, demand.urgency, demand.callback_only, at, category=category
        )
        if not due.certain:
            log.warning("calendar.unpublished", due=due.answer.isoformat(), counted="weekdays only")
        made = await self._store.create(
            at.date(),
            lambda no: _born(no, said, due, filing, at, category, best),
            contact,
            key=key,
            hidden=_hidden(demand),
        )
        if helper and not filing.draft:
            helper.offer(made[0].ticket_no, found)
        return made

    def _receipt(self, ticket: Ticket, event: TicketEvent) -> TicketReceipt:
        return TicketReceipt(
            ticket_no=ticket.ticket_no,
            department=ticket.department,
            due_at=ticket.due_at.astimezone(self._clock.now().tzinfo),
            appended=event.before is not None,
            certain=self._deadlines().is_certain(ticket.accepted_at, ticket.due_at),
        )

    async def _append(
        self, ticket: Ticket, demand: Demand, key: str, filing: Filing
    ) -> tuple[Ticket, TicketEvent] | None:
        """Adds the demand's words to an open ticket; None when it was closed in this moment."""
        at = self._clock.now()
        words, hidden = conceal(demand.content or demand.title, demand.caller_name)
        try:
            return await self._store.change(
                ticket.ticket_no,
                lambda t: transition(t, TicketAction.SUPPLEMENT, filing.actor, at, words),
                key=key,
                hidden=hidden,
            )
        except VoicebotError as error:
            if error.code != "ticket.illegal_move":
                raise
            return None

    async def _open_one(self, demand: Demand, contact: Contact) -> Ticket | None:
        """The open ticket of this caller that is most likely the same matter, if any is."""
        best, least, at = None, SAME_CALLER, self._clock.now()
        for number in dict.fromkeys((contact.phone, contact.caller)):
            for ticket in await self._store.of_caller(number, open_only=True):
                mine = matter_of(demand, at)  # kept from one ticket to the next; most callers have none
                score = likeness(mine, matter_of(ticket), own=True).score
                if score > least or (score == least and best is None):
                    best, least = ticket, score
        return best

    async def _is_own(self, ticket_no: TicketNo, number: str) -> bool:
        own = await self._store.of_caller(number, tail=ticket_no)
        return any(ticket.ticket_no == ticket_no for ticket in own)

    async def _summary(self, ticket: Ticket, number: str) -> TicketSummary:
        secret = ticket.confidential or ticket.anonymous or ticket.appeal_type is AppealType.REPORT
        if secret and not await self._is_own(ticket.ticket_no, number):
            return summary(ticket, self._clock, title="保密事项", reply="")
        return summary(ticket, self._clock)


def summary(
    ticket: Ticket, clock: Clock, *, title: str | None = None, reply: str | None = None
) -> TicketSummary:
    """What may be told about a ticket; the state in Chinese, the deadline in the city's time."""
    return TicketSummary(
        ticket_no=ticket.ticket_no,
        title=ticket.title if title is None else title,
        state=ticket.state.label,
        department=ticket.department,
        due_at=ticket.due_at.astimezone(clock.now().tzinfo),
        reply=ticket.reply if reply is None else reply,
    )


def unknown(ticket_no: str) -> VoicebotError:
    return VoicebotError("ticket.unknown", f"没有查到编号为 {ticket_no} 的工单")


def _born(
    no: TicketNo,
    demand: Demand,
    due: Due,
    filing: Filing,
    at: datetime,
    category: str,
    best: Suggestion | None,
) -> Born:
    if filing.draft:
        return draft(no, demand, due, filing.actor, at, category=category, refs=filing.refs)
    return accept(
        no,
        demand,
        due,
        filing.actor,
        at,
        category=category,
        department_score=best.score if best else None,
        co_departments=best.helpers if best else (),
        refs=filing.refs,
    )


def _request_key(demand: Demand) -> str:
    """The same for every filing of one demand in one call; "" outside a call."""
    if not demand.call_id:
        return ""
    body = json.dumps(asdict(demand), ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(body.encode(errors="backslashreplace")).hexdigest()


def _hidden(demand: Demand) -> tuple[str, ...]:
    """Numbers that `accept` masks in the texts, each once."""
    texts = (demand.title, demand.content, demand.address, demand.occurred, demand.object)
    spans = (span for _, span in demand.evidence)
    return tuple(dict.fromkeys(number for text in (*texts, *spans) for number in conceal(text)[1]))
