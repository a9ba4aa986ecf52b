"""What follows when time runs out on a ticket: a clock and its profile → moves and words, each once.

A step is known by its moment. Whoever carries it out stores the moment with the clock (`Acts.acted`) in the
same transaction, so that it is done once, whatever dies when; a profile that is changed meanwhile neither
repeats nor loses a step. A clock that begins anew (another due time, another unit, a merger undone) has
steps of its own.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Final

from voicebot.core.meaning import Urgency
from voicebot.tickets.clocks import ClockKind, TicketClock, running
from voicebot.tickets.deadlines import Deadlines
from voicebot.tickets.given import NOTHING, Given
from voicebot.tickets.lifecycle import possible, transition
from voicebot.tickets.parts import SupervisionLevel
from voicebot.tickets.profile import Role, Step, Turn
from voicebot.tickets.state import FINAL, State
from voicebot.tickets.ticket import Ticket, TicketAction, TicketEvent

CLOCK: Final = "clock"
"""Who acts (`roles.MACHINES`)."""
OVER: Final = (State.CLOSED, State.CALLBACK, *sorted(FINAL))
"""States from which a ticket goes to the archive."""
_URGENT: Final = frozenset({Urgency.URGENT, Urgency.CRITICAL})
_FIRST: Final = (Turn.YELLOW, Turn.UNRETURNED, Turn.RED)
"""Order of steps of one moment."""


class Subject(StrEnum):
    """Which event tells it."""

    YELLOW = "ticket.yellow"
    RED = "ticket.red"
    OVERDUE = "ticket.overdue"
    """Some time after red."""
    UNRETURNED = "ticket.unreturned"


@dataclass(frozen=True, slots=True)
class Word:
    """Something that others are told.

    Args:
        at: when it became true.
        tell: who gets word.
        late: more of the clock has run since; who sends messages may leave this one out.
    """

    subject: Subject
    clock: TicketClock
    at: datetime
    tell: tuple[Role, ...]
    late: bool = False


@dataclass(frozen=True, slots=True)
class Acts:
    """What is to be done about a clock now, and when to look again.

    Args:
        moved: moves of the ticket, each from the one before.
        words: what others are told.
        acted: moment of the last step that is done now or was before; None: none.
        next_at: moment of the next step; None: nothing follows.
    """

    moved: tuple[tuple[Ticket, TicketEvent], ...] = ()
    words: tuple[Word, ...] = ()
    acted: datetime | None = None
    next_at: datetime | None = None


def acts(
    deadlines: Deadlines, ticket: Ticket, clock: TicketClock, acted: datetime | None, now: datetime
) -> Acts:
    """The steps of the next moment that has come; those of later moments come with the next look.

    Args:
        clock: runs on the ticket. acted: `Acts.acted` of the look before.
    """
    moments = plan(deadlines, ticket, clock)
    left = [(at, step) for at, step in moments if acted is None or at > acted]
    if not left or left[0][0] > now:
        return Acts(acted=acted, next_at=left[0][0] if left else None)
    moment = left[0][0]
    later = [at for at, _ in left if at > moment]
    late = bool(later) and later[0] <= now
    taken = [step for at, step in left if at == moment]
    moved, words = [], []
    for step in taken:
        if clock.kind not in {each.kind for each in running(ticket)}:
            break  # a step before it has ended the clock
        words.append(Word(_subject(step), clock, moment, step.tell, late))
        for action, reason, given in _moves(deadlines, ticket, clock, step, now):
            if action in possible(ticket, now):
                ticket, event = transition(ticket, action, CLOCK, now, reason, given)
                moved.append((ticket, event))
    return Acts(tuple(moved), tuple(words), moment, later[0] if later else None)


def plan(deadlines: Deadlines, ticket: Ticket, clock: TicketClock) -> tuple[tuple[datetime, Step], ...]:
    """All steps of a clock with their moments, in order."""
    urgent = ticket.urgency in _URGENT
    found = []
    for step in deadlines.profile.escalation.get(clock.kind, ()):
        begin = _begin(clock, step.turn)
        if begin is not None:
            after = step.urgent_after if urgent else step.after
            found.append((deadlines.after(begin, after) if after else begin, step))
    return tuple(sorted(found, key=lambda each: (each[0], _FIRST.index(each[1].turn))))


def over_since(ticket: Ticket, last_event: datetime) -> datetime | None:
    """Since when a ticket waits for the archive; None: it is not over."""
    if ticket.state in (State.CLOSED, State.CALLBACK):
        return ticket.closed_at
    return last_event if ticket.state in FINAL else None


def may_rest(deadlines: Deadlines, ticket: Ticket, last_event: datetime, now: datetime) -> bool:
    """Whether a ticket is over for so long that it goes to the archive."""
    since = over_since(ticket, last_event)
    if since is None or TicketAction.ARCHIVE not in possible(ticket, now):
        return False
    waits = deadlines.profile.archiving
    return now >= since + (waits.unreached if _still_called(ticket) else waits.reached)


def rest(ticket: Ticket, now: datetime) -> tuple[Ticket, TicketEvent]:
    """归档."""
    return transition(ticket, TicketAction.ARCHIVE, CLOCK, now)


def _still_called(ticket: Ticket) -> bool:
    """Whether its caller is to be asked about it and never answered."""
    answered = ticket.state in (State.CLOSED, State.CALLBACK)
    reached = ticket.called_back_at is not None or ticket.rating is not None
    return answered and ticket.want_reply and bool(ticket.phone_mask) and not reached


def _begin(clock: TicketClock, turn: Turn) -> datetime | None:
    match turn:
        case Turn.YELLOW:
            return clock.warn_at
        case Turn.RED:
            return clock.due
        case Turn.UNRETURNED:
            return clock.returnable


def _subject(step: Step) -> Subject:
    match step.turn:
        case Turn.YELLOW:
            return Subject.YELLOW
        case Turn.UNRETURNED:
            return Subject.UNRETURNED
        case Turn.RED:
            return Subject.OVERDUE if step.after or step.urgent_after else Subject.RED


def _moves(
    deadlines: Deadlines, ticket: Ticket, clock: TicketClock, step: Step, now: datetime
) -> Iterator[tuple[TicketAction, str, Given]]:
    if step.sign:
        yield TicketAction.SIGN, "已过退回时限，视为接收", NOTHING
    if step.urge:
        yield TicketAction.URGE, f"{clock.kind}超期，自动催办", NOTHING
    if step.supervise is not None and ticket.supervision is None:
        yield TicketAction.SUPERVISE, "", _order(deadlines, ticket, clock, step.supervise, now)


def _order(
    deadlines: Deadlines, ticket: Ticket, clock: TicketClock, level: SupervisionLevel, now: datetime
) -> Given:
    due = clock.due.astimezone(deadlines.zone)
    what = "反馈" if clock.kind is ClockKind.FEEDBACK else clock.kind.value
    note = f"应在{due:%m月%d日%H:%M}之前{what}，至今没有完成，请立即办理并说明原因"
    return replace(NOTHING, level=level, note=note, due=deadlines.feedback(ticket, level, now))
