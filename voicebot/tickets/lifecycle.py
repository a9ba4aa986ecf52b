"""The life of a 工单 as an explicit state machine: every move goes through `rules.RULES`."""

from collections.abc import Iterable
from dataclasses import fields
from datetime import datetime

from voicebot.core.demand import Demand
from voicebot.core.errors import VoicebotError
from voicebot.core.ids import TicketNo
from voicebot.tickets.birth import Born, accept, draft, part_of
from voicebot.tickets.codec import decode, difference
from voicebot.tickets.deadlines import Due
from voicebot.tickets.given import NOTHING, Given, Move
from voicebot.tickets.guards import texts_fit
from voicebot.tickets.moves import moved
from voicebot.tickets.privacy import conceal
from voicebot.tickets.rules import RULES, Rule
from voicebot.tickets.ticket import Json, Ticket, TicketAction, TicketEvent

__all__ = [
    "NOTHING",
    "RULES",
    "Born",
    "Given",
    "Rule",
    "accept",
    "draft",
    "possible",
    "rebuild",
    "split",
    "transition",
]

_GIVEN = tuple(f.name for f in fields(Given))


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
        VoicebotError: ``ticket.illegal_move`` when the ticket, as it stands, does not allow it;
            ``ticket.incomplete`` when a reason or a detail is missing, wrong or out of place.
    """
    rule = RULES[action]
    if obstacle := _obstacle(ticket, rule, at):
        raise VoicebotError("ticket.illegal_move", obstacle)
    move = Move(action, actor, at, conceal(reason.strip())[0], given)
    if missing := _missing(ticket, rule, move):
        raise VoicebotError("ticket.incomplete", f"{rule.name}{missing}")
    after = moved(ticket, move)
    return after, TicketEvent(
        ticket_no=after.ticket_no,
        seq=after.version,
        at=at,
        actor=actor,
        action=action,
        before=ticket.state,
        after=after.state,
        reason=move.reason,
        changes=difference(ticket, after),
    )


def split(
    origin: Ticket, no: TicketNo, demand: Demand, due: Due, actor: str, at: datetime, reason: str
) -> tuple[Born, Born]:
    """A part of a ticket becomes one of its own: the new one, and what is left.

    Raises:
        VoicebotError: as `transition`.
    """
    left = transition(origin, TicketAction.SPLIT, actor, at, reason, Given(part=no))
    return part_of(origin, no, demand, due, actor, at), left


def possible(ticket: Ticket, at: datetime) -> frozenset[TicketAction]:
    """Actions that the ticket allows now, given the right details; `roles.may` says who may take them."""
    return frozenset(action for action, rule in RULES.items() if not _obstacle(ticket, rule, at))


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


def _obstacle(ticket: Ticket, rule: Rule, at: datetime) -> str:
    if ticket.state not in rule.sources:
        return f"工单{ticket.state.label}，不能{rule.name}"
    why = next(filter(None, (need(ticket, at) for need in rule.needs)), "")
    return f"{rule.name}：{why}" if why else ""


def _missing(ticket: Ticket, rule: Rule, move: Move) -> str:
    if rule.reason and not move.reason:
        return "需要说明理由"
    for name in _GIVEN:
        value = getattr(move.given, name)
        empty = value is None or (isinstance(value, str) and not value.strip())
        if name in rule.takes and empty:
            return "缺少内容"
        if value is not None and name not in (*rule.takes, *rule.may):
            return "带有多余的内容"
    return next(filter(None, (check(ticket, move) for check in (texts_fit, *rule.checks))), "")
