"""退单 and their review: who gave a ticket back and why, and what is proposed to the dispatcher."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from voicebot.core.errors import VoicebotError
from voicebot.core.ids import DepartmentName
from voicebot.tickets.directory import Directory, Route
from voicebot.tickets.dispatch import Suggestion
from voicebot.tickets.routing import facts_of, routes_of
from voicebot.tickets.ticket import Ticket, TicketAction, TicketEvent


@dataclass(frozen=True, slots=True)
class Refusal:
    """A return in this round.

    Args:
        ground: from the list of grounds; `reason`: the unit's own words.
        upheld: the hotline did not accept it and sent the ticket back.
    """

    unit: DepartmentName
    ground: str
    reason: str
    at: datetime
    upheld: bool = False


@dataclass(frozen=True, slots=True)
class Uphold:
    """驳回退单: the unit stays in charge."""

    unit: DepartmentName
    reason: str


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """The ticket goes to another unit, by `TicketAction.DISPATCH`."""

    suggestions: tuple[Suggestion, ...]
    reason: str


@dataclass(frozen=True, slots=True)
class Designate:
    """The hotline fixes the unit; it may not return the ticket again."""

    unit: DepartmentName | None
    reason: str
    suggestions: tuple[Suggestion, ...] = ()


@dataclass(frozen=True, slots=True)
class Review:
    """What a dispatcher sees of a dispute.

    Args:
        refusal: the return that is disputed. `basis`: law behind its ground. `earlier`: returns before it.
    """

    refusal: Refusal
    basis: str
    proposal: Uphold | Elsewhere | Designate
    earlier: tuple[Refusal, ...] = ()


def refusals(events: Iterable[TicketEvent]) -> tuple[Refusal, ...]:
    """Returns in the running round, oldest first; one that was upheld counts as taken back."""
    unit: DepartmentName | None = None
    found: list[Refusal] = []
    for event in events:
        changed = {change.field: change.after for change in event.changes}
        if event.action is TicketAction.REDO:
            found.clear()
        elif event.action is TicketAction.RETURN and unit is not None:
            # the same ground twice changes no field
            last = found[-1].ground if found else ""
            found.append(Refusal(unit, str(changed.get("return_ground", last)), event.reason, event.at))
        elif event.action is TicketAction.UPHOLD and found:
            last_one = found[-1]
            found[-1] = Refusal(last_one.unit, last_one.ground, last_one.reason, last_one.at, upheld=True)
        if "department" in changed:
            unit = DepartmentName(str(changed["department"])) if changed["department"] else None
    return tuple(found)


def refused(history: Iterable[Refusal]) -> frozenset[DepartmentName]:
    """Units that are not asked again: those whose return was not turned down."""
    return frozenset(refusal.unit for refusal in history if not refusal.upheld)


def review(
    ticket: Ticket, events: Sequence[TicketEvent], directory: Directory, suggestions: Sequence[Suggestion]
) -> Review:
    """What to do about a return that awaits review.

    Args:
        suggestions: `dispatch.suggest`, without the units that refused.

    Raises:
        VoicebotError: ``ticket.no_dispute``.
    """
    history = refusals(events)
    if not ticket.disputed or not history:
        raise VoicebotError("ticket.no_dispute", "没有待审核的退单")
    *earlier, last = history
    ground = directory.grounds.get(last.ground)
    routes = routes_of(facts_of(ticket), directory)
    route = routes[0] if routes else None
    proposal = _proposal(ticket, last, route, directory, tuple(suggestions))
    return Review(last, ground.basis if ground else "", proposal, tuple(earlier))


def _proposal(
    ticket: Ticket,
    last: Refusal,
    route: Route | None,
    directory: Directory,
    suggestions: tuple[Suggestion, ...],
) -> Uphold | Elsewhere | Designate:
    others = [suggestion.department for suggestion in suggestions]
    if ticket.dispatches + 1 >= directory.designate_at:
        leads = route.main if route else (others[0] if others else None)
        return Designate(leads, f"已派单{ticket.dispatches}次仍无单位承办，由热线指定", suggestions)
    about_duty = (ground := directory.grounds.get(last.ground)) is None or ground.other
    outside = not directory.serves(last.unit, ticket.district, ticket.address)
    if route is not None and about_duty and not outside:
        if last.unit == route.main:
            return Uphold(last.unit, f"属于该单位职责：{route.ground}")
        if route.shared and last.unit in route.units:
            return Uphold(last.unit, f"多家都管的事首接负责：{route.ground}")
    why = f"不服务{ticket.district or '这个地方'}" if outside else last.ground
    return Elsewhere(suggestions, f"{last.unit}退回：{why}")
