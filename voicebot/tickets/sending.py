"""The moves that give a ticket to a unit, with the rules of the 派单目录 that they obey.

A move of the life cycle knows no directory; whoever dispatches goes through here.
"""

from collections.abc import Sequence
from datetime import datetime

from voicebot.core.errors import VoicebotError
from voicebot.core.ids import DepartmentName
from voicebot.tickets.directory import Directory
from voicebot.tickets.dispatch import pushed_down
from voicebot.tickets.given import Given
from voicebot.tickets.lifecycle import transition
from voicebot.tickets.returns import Refusal, refused
from voicebot.tickets.routing import category_of, facts_of, routes_of
from voicebot.tickets.state import State
from voicebot.tickets.ticket import Ticket, TicketAction, TicketEvent

Moved = tuple[Ticket, TicketEvent]


def send(
    ticket: Ticket,
    action: TicketAction,
    given: Given,
    directory: Directory,
    history: Sequence[Refusal],
    actor: str,
    at: datetime,
    reason: str = "",
) -> Moved:
    """派单 (`DISPATCH`) or 指定办理 (`DESIGNATE`).

    Raises:
        VoicebotError: ``ticket.dispatch_refused``, with the ground: the unit or one that helps is not in
            the directory, it does not serve the place, it is a street office and the matter a department's
            duty, or it returned the ticket; and as `lifecycle.transition`.
    """
    if given.department is not None and (
        why := objection(ticket, action, given.department, directory, history)
    ):
        raise VoicebotError("ticket.dispatch_refused", why)
    for helper in given.co_departments or ():
        if helper not in directory.units:
            raise VoicebotError("ticket.dispatch_refused", f"派单目录里没有「{helper}」")
    return transition(ticket, action, actor, at, reason, given)


def objection(
    ticket: Ticket,
    action: TicketAction,
    unit: DepartmentName,
    directory: Directory,
    history: Sequence[Refusal] = (),
) -> str:
    """Why a ticket must not go to a unit, in words for the dispatcher; "" when it may."""
    if unit not in directory.units:
        return f"派单目录里没有「{unit}」"
    facts = facts_of(ticket)
    routes = routes_of(facts, directory)
    route = routes[0] if routes else None
    guesses = (ticket.department,) if ticket.department else ()
    if pushed_down(unit, facts, directory, route, category_of(facts, directory, guesses)):
        leads = f"，主办应为{route.main}" if route and not facts.category else ""
        return f"不能由「{unit}」主办：{directory.below_ground}{leads}"
    if action is TicketAction.DESIGNATE:  # where two say that it is not theirs, the hotline's word decides
        return ""
    if not directory.serves(unit, ticket.district, ticket.address):
        return f"「{unit}」不服务{ticket.district or '这个地方'}；确实要它办的请用指定办理"
    if unit in refused(history):
        return f"「{unit}」已经退回这件工单；退单理由不成立的请驳回退单，要它办的请用指定办理"
    if ticket.dispatches + 1 >= directory.designate_at and ticket.state in (
        State.RETURNED,
        State.PENDING_DISPATCH,
    ):
        return f"已经派过{ticket.dispatches}次，第{ticket.dispatches + 1}次由热线指定办理"
    return ""


def give_back(
    ticket: Ticket, ground: str, reason: str, directory: Directory, actor: str, at: datetime
) -> Moved:
    """退单, with a ground of the list.

    Raises:
        VoicebotError: ``ticket.unknown_ground``; ``ticket.incomplete`` when the ground needs the name of the
            unit in charge and the reason has none; and as `lifecycle.transition`.
    """
    known = directory.grounds.get(ground)
    if directory.grounds and known is None:
        listed = "、".join(directory.grounds)
        raise VoicebotError("ticket.unknown_ground", f"退单理由应从中选一个：{listed}")
    if known is not None and known.other and not _names_another(reason, ticket.department, directory):
        raise VoicebotError("ticket.incomplete", f"以「{ground}」退单须写明应由哪个单位办理")
    return transition(ticket, TicketAction.RETURN, actor, at, reason, Given(return_ground=ground))


def _names_another(reason: str, own: DepartmentName | None, directory: Directory) -> bool:
    return any(
        name in reason
        for unit in directory.units.values()
        if unit.name != own
        for name in (unit.name, unit.short)
    )
