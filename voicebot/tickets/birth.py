"""Birth of a ticket: from a demand, as a draft, or split off another."""

from dataclasses import replace
from datetime import datetime

from voicebot.core.demand import Demand
from voicebot.core.errors import VoicebotError
from voicebot.core.ids import DepartmentName, TicketNo
from voicebot.tickets.codec import difference
from voicebot.tickets.deadlines import Due
from voicebot.tickets.guards import LONGEST
from voicebot.tickets.parts import Reference
from voicebot.tickets.privacy import clean, conceal, mask_name, mask_phone, plain_phone
from voicebot.tickets.state import State
from voicebot.tickets.ticket import TITLE_LENGTH, Ticket, TicketAction, TicketEvent

Born = tuple[Ticket, TicketEvent]


def accept(
    no: TicketNo,
    demand: Demand,
    due: Due,
    actor: str,
    at: datetime,
    *,
    category: str = "",
    department_score: float | None = None,
    co_departments: tuple[DepartmentName, ...] = (),
    refs: tuple[Reference, ...] = (),
) -> Born:
    """Birth in state 已受理; no number or name of a person stays readable in it.

    Args:
        department_score: how sure `demand.department` is; None when a person chose it.
        refs: the matter in other systems.

    Raises:
        VoicebotError: ``ticket.incomplete`` when a text is longer than `guards.LONGEST`.
    """
    ticket = replace(
        _of(no, demand, due, at, State.ACCEPTED),
        category=category,
        department_score=department_score,
        co_departments=co_departments,
        refs=_plain(refs),
    )
    return ticket, _first(ticket, TicketAction.ACCEPT, actor, at)


def draft(
    no: TicketNo,
    demand: Demand,
    due: Due,
    actor: str,
    at: datetime,
    *,
    category: str = "",
    refs: tuple[Reference, ...] = (),
) -> Born:
    """Birth in state 草稿: written in, and not yet accepted by anybody. Arguments and errors of `accept`."""
    ticket = replace(_of(no, demand, due, at, State.DRAFT), category=category, refs=_plain(refs))
    return ticket, _first(ticket, TicketAction.DRAFT, actor, at)


def part_of(origin: Ticket, no: TicketNo, demand: Demand, due: Due, actor: str, at: datetime) -> Born:
    """Birth of a ticket split off another, of the same person, whose masks it takes over."""
    ticket = replace(
        _of(no, demand, due, at, State.ACCEPTED),
        split_from=origin.ticket_no,
        name_mask=origin.name_mask,
        phone_mask=origin.phone_mask,
        confidential=origin.confidential or demand.confidential,
        anonymous=origin.anonymous,
    )
    return ticket, _first(ticket, TicketAction.ACCEPT, actor, at)


def _of(no: TicketNo, demand: Demand, due: Due, at: datetime, state: State) -> Ticket:
    texts = (demand.title, demand.content, demand.address, demand.occurred, demand.object, demand.district)
    if any(len(text) > LONGEST for text in texts):
        raise VoicebotError("ticket.incomplete", f"工单的文字不能超过{LONGEST}字")
    name = "" if demand.anonymous else demand.caller_name

    def hide(text: str) -> str:
        return conceal(text, demand.caller_name)[0]

    return Ticket(
        ticket_no=no,
        state=state,
        version=1,
        appeal_type=demand.appeal_type,
        title=hide(demand.title)[:TITLE_LENGTH],
        content=hide(demand.content),
        channel=demand.channel,
        urgency=demand.urgency,
        department=demand.department,
        address=hide(demand.address),
        district=hide(demand.district),
        occurred=hide(demand.occurred),
        object=hide(demand.object),
        name_mask=mask_name(clean(name)),
        phone_mask="" if demand.anonymous else mask_phone(plain_phone(demand.phone)),
        confidential=demand.confidential,
        anonymous=demand.anonymous,
        want_reply=demand.want_reply,
        call_id=demand.call_id,
        origin_hotline=clean(demand.origin_hotline),
        articles=demand.articles,
        evidence=tuple((field, hide(span)) for field, span in demand.evidence),
        callback_only=demand.callback_only,
        accepted_at=at,
        sign_due=due.sign,
        due_at=due.answer,
    )


def _plain(refs: tuple[Reference, ...]) -> tuple[Reference, ...]:
    return tuple(Reference(clean(ref.system), clean(ref.number)) for ref in refs)


def _first(ticket: Ticket, action: TicketAction, actor: str, at: datetime) -> TicketEvent:
    return TicketEvent(
        ticket.ticket_no, 1, at, actor, action, None, ticket.state, "", difference(None, ticket)
    )
