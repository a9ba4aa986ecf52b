"""The ticket of a call: made once, corrected afterwards; one form, no double entry."""

from collections.abc import Mapping
from typing import Any, Final

from voicebot.core.demand import Demand
from voicebot.core.errors import VoicebotError
from voicebot.core.ids import CallId, DepartmentName, TicketNo
from voicebot.core.meaning import AppealType, Urgency
from voicebot.operations.ports import Account
from voicebot.seats.contact import Contact
from voicebot.tickets.ticket import TITLE_LENGTH, Ticket, TicketAction
from voicebot.web.seat.desk import SeatPages
from voicebot.web.seat.drafts import FILED, key_of
from voicebot.web.tickets.fields import CORRECTED
from voicebot.web.tickets.reading import given_of

Values = Mapping[str, Any]
CHANNEL: Final = "phone"
FORM: Final = (
    *("appeal_type", "urgency", "title", "content", "address", "district", "occurred", "object"),
    *("confidential", "want_reply"),
)
"""Fields that a ticket which exists is shown and corrected by."""


async def file(pages: SeatPages, who: Account, contact: Contact, values: Values) -> tuple[Ticket, str]:
    """The ticket, and what was done: 已立单, 已并入以前的工单, 已更正.

    Raises:
        VoicebotError: as `TicketWork.file` and `TicketWork.act`.
    """
    known = await filed(pages, who, contact.call_id)
    if known is None:
        number = _text(values, "phone") or await pages.callers.number(contact.call_id)
        demand = demand_of(contact, values, number)
        ticket, appended = await pages.work.file(who, demand, key=f"seat-{contact.call_id}")
        await pages.notes.put(who.name, key_of(FILED, contact.call_id), {"ticket_no": ticket.ticket_no})
        return ticket, "已并入以前的工单" if appended else "已立单"
    ticket = (await pages.work.look(who, known)).ticket
    typed = {name: value for name, value in values.items() if name in CORRECTED}
    given = given_of(TicketAction.CORRECT, typed, ticket, None)
    return await pages.work.act(who, known, TicketAction.CORRECT, given=given), "已更正"


async def filed(pages: SeatPages, who: Account, call_id: CallId) -> TicketNo | None:
    """The ticket of this call: the seat's, else the hotline's own."""
    kept = await pages.notes.get(who.name, key_of(FILED, call_id))
    if kept is not None:
        return TicketNo(str(kept.body["ticket_no"]))
    view = await pages.calls.call(call_id)
    return TicketNo(view.tickets[-1]) if view is not None and view.tickets else None


def shown(ticket: Ticket) -> dict[str, str]:
    """A ticket's fields as the form has them."""
    found = {name: getattr(ticket, name) for name in FORM}
    return {name: _word(value) for name, value in found.items()}


def demand_of(contact: Contact, values: Values, number: str) -> Demand:
    """Raises VoicebotError ``ticket.incomplete``: a choice that is none."""
    try:
        appeal, urgency = AppealType(_text(values, "appeal_type")), Urgency(_text(values, "urgency"))
    except ValueError as error:
        raise VoicebotError("ticket.incomplete", "请选择诉求类型和紧急程度") from error
    department = _text(values, "department")
    said = tuple((name, words) for name, words in contact.slots.items())
    return Demand(
        appeal_type=appeal,
        title=_text(values, "title")[:TITLE_LENGTH],
        content=_text(values, "content"),
        channel=CHANNEL,
        urgency=urgency,
        department=DepartmentName(department) if department else None,
        address=_text(values, "address"),
        district=_text(values, "district"),
        occurred=_text(values, "occurred"),
        object=_text(values, "object"),
        caller_name=_text(values, "caller_name"),
        phone=number,
        confidential=_text(values, "confidential") == "yes",
        want_reply=_text(values, "want_reply") != "no",
        call_id=contact.call_id,
        evidence=said,
    )


def _text(values: Values, name: str) -> str:
    value = values.get(name)
    return value.strip() if isinstance(value, str) else ""


def _word(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value or "")
