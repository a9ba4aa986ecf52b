"""The life of a 工单 as an explicit state machine (domain.md §4): what may follow what."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from voicebot.core.demand import Demand
from voicebot.core.errors import VoicebotError
from voicebot.core.ids import DepartmentName, TicketNo
from voicebot.tickets.codec import decode, difference
from voicebot.tickets.deadlines import Due
from voicebot.tickets.privacy import clean, conceal, mask_name, mask_phone, plain_phone
from voicebot.tickets.state import FINISHED, OPEN, State
from voicebot.tickets.ticket import Json, Ticket, TicketAction, TicketEvent

TITLE_LENGTH: Final = 30


@dataclass(frozen=True, slots=True)
class Given:
    """What an action brings along; `Rule.takes` says which of these it must have."""

    department: DepartmentName | None = None
    sign_due: datetime | None = None
    due_at: datetime | None = None
    reply: str | None = None
    merge_parent: TicketNo | None = None
    rating: int | None = None


NOTHING: Final = Given()


@dataclass(frozen=True, slots=True)
class Rule:
    """One kind of move.

    Args:
        sources: states it may start from.
        target: state it leads to; None keeps the state.
        takes: fields of `Given` that must be set, all others must not.
        reason: a reason (or the caller's words) is required.
        name: how people call it.
    """

    sources: frozenset[State]
    target: State | None
    name: str
    takes: tuple[str, ...] = ()
    reason: bool = False


def _from(*states: State) -> frozenset[State]:
    return frozenset(states)


_WORK: Final = _from(State.SIGNED, State.IN_PROGRESS, State.EXTENDED)

RULES: Final = {
    TicketAction.ACCEPT: Rule(_from(State.DRAFT), State.ACCEPTED, "受理"),
    TicketAction.QUEUE: Rule(
        _from(State.ACCEPTED, State.RETURNED, State.REDO), State.PENDING_DISPATCH, "转派单"
    ),
    TicketAction.DISPATCH: Rule(
        _from(State.ACCEPTED, State.PENDING_DISPATCH, State.RETURNED, State.REDO),
        State.DISPATCHED,
        "派单",
        ("department", "sign_due"),
    ),
    TicketAction.SIGN: Rule(_from(State.DISPATCHED), State.SIGNED, "签收"),
    TicketAction.RETURN: Rule(_from(State.DISPATCHED, State.SIGNED), State.RETURNED, "退单", reason=True),
    TicketAction.START: Rule(_from(State.SIGNED, State.REDO), State.IN_PROGRESS, "办理"),
    TicketAction.EXTEND: Rule(
        _from(State.SIGNED, State.IN_PROGRESS), State.EXTENDED, "延期", ("due_at",), reason=True
    ),
    TicketAction.REPLY: Rule(_WORK | {State.ACCEPTED}, State.REPLIED, "答复", ("reply",)),
    TicketAction.CLOSE: Rule(_from(State.REPLIED), State.CLOSED, "办结"),
    TicketAction.CALL_BACK: Rule(_from(State.CLOSED), State.CALLBACK, "回访"),
    TicketAction.REDO: Rule(
        _from(State.REPLIED, State.CLOSED, State.CALLBACK), State.REDO, "重办", ("due_at",), reason=True
    ),
    TicketAction.ARCHIVE: Rule(
        _from(State.CLOSED, State.CALLBACK, State.MERGED, State.CANCELLED, State.REJECTED),
        State.ARCHIVED,
        "归档",
    ),
    TicketAction.MERGE: Rule(OPEN, State.MERGED, "并单", ("merge_parent",), reason=True),
    TicketAction.CANCEL: Rule(OPEN, State.CANCELLED, "撤单", reason=True),
    TicketAction.REJECT: Rule(
        _from(State.DRAFT, State.ACCEPTED, State.PENDING_DISPATCH), State.REJECTED, "不予受理", reason=True
    ),
    TicketAction.URGE: Rule(OPEN, None, "催办"),
    TicketAction.SUPPLEMENT: Rule(OPEN, None, "补充情况", reason=True),
    TicketAction.OBJECT: Rule(FINISHED | {State.REPLIED}, None, "提出异议", reason=True),
    TicketAction.RATE: Rule(FINISHED | {State.REPLIED}, None, "评价", ("rating",)),
}
"""Every action; what is not in it cannot happen."""


def accept(no: TicketNo, demand: Demand, due: Due, actor: str, at: datetime) -> tuple[Ticket, TicketEvent]:
    """Birth of a ticket in state 已受理; no number or name of a person stays readable in it."""
    name = "" if demand.anonymous else demand.caller_name

    def hide(text: str) -> str:
        return conceal(text, demand.caller_name)[0]

    ticket = Ticket(
        ticket_no=no,
        state=State.ACCEPTED,
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
    return ticket, _event(None, ticket, TicketAction.ACCEPT, actor, at, "")


def transition(
    ticket: Ticket,
    action: TicketAction,
    actor: str,
    at: datetime,
    reason: str = "",
    given: Given = NOTHING,
) -> tuple[Ticket, TicketEvent]:
    """The ticket after `action` and the entry of its history.

    Raises:
        VoicebotError: ``ticket.illegal_move`` when the state does not allow it;
            ``ticket.incomplete`` when a reason or a detail is missing, wrong or out of place.
    """
    rule = RULES[action]
    if ticket.state not in rule.sources:
        raise VoicebotError("ticket.illegal_move", f"工单{ticket.state.label}，不能{rule.name}")
    reason = conceal(reason.strip())[0]
    _check(ticket, action, rule, reason, given)
    changes: dict[str, object] = {name: getattr(given, name) for name in rule.takes}
    if rule.target is not None:
        changes["state"] = rule.target
    changes |= _consequences(ticket, action, at)
    after = replace(ticket, version=ticket.version + 1, **changes)  # type: ignore[arg-type]
    return after, _event(ticket, after, action, actor, at, reason)


def rebuild(events: Iterable[TicketEvent]) -> Ticket:
    """The row as its history tells it.

    Raises:
        ValueError: the history has a gap, does not begin at birth, or is empty.
    """
    values: dict[str, Json] = {}
    for number, event in enumerate(events, start=1):
        if event.seq != number:
            raise ValueError(f"history of {event.ticket_no} jumps from {number - 1} to {event.seq}")
        values |= {change.field: change.after for change in event.changes}
    if not values:
        raise ValueError("a ticket without history")
    return decode(values)


def _check(ticket: Ticket, action: TicketAction, rule: Rule, reason: str, given: Given) -> None:
    def refuse(message: str) -> VoicebotError:
        return VoicebotError("ticket.incomplete", f"{rule.name}{message}")

    if rule.reason and not reason:
        raise refuse("需要说明理由")
    for name in Given.__slots__:
        value = getattr(given, name)
        if name in rule.takes and (value is None or value == ""):
            raise refuse("缺少内容")
        if name not in rule.takes and value is not None:
            raise refuse("带有多余的内容")
    if given.rating is not None and not 1 <= given.rating <= 5:
        raise refuse("须在一分到五分之间")
    if given.merge_parent == ticket.ticket_no:
        raise refuse("不能并入自己")
    if action is TicketAction.EXTEND and given.due_at is not None:
        if ticket.extended:
            raise refuse("每轮只能一次")
        if given.due_at <= ticket.due_at:
            raise refuse("后的时限须晚于原时限")


def _consequences(ticket: Ticket, action: TicketAction, at: datetime) -> dict[str, object]:
    """What follows from a move beside the state and what was given."""
    match action:
        case TicketAction.RETURN:
            return {"paused_at": at}
        case TicketAction.QUEUE | TicketAction.DISPATCH if ticket.paused_at is not None:
            stood = at - ticket.paused_at
            return {"paused_at": None, "due_at": max(ticket.due_at, ticket.due_at + stood)}
        case TicketAction.EXTEND:
            return {"extended": True}
        case TicketAction.REDO:
            return {"round": ticket.round + 1, "extended": False}
        case TicketAction.URGE:
            return {"urged": ticket.urged + 1}
        case _:
            return {}


def _event(
    before: Ticket | None, after: Ticket, action: TicketAction, actor: str, at: datetime, reason: str
) -> TicketEvent:
    return TicketEvent(
        ticket_no=after.ticket_no,
        seq=after.version,
        at=at,
        actor=actor,
        action=action,
        before=before.state if before is not None else None,
        after=after.state,
        reason=reason,
        changes=difference(before, after),
    )
