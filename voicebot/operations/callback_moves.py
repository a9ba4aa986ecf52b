"""What a call that we owe says to the person, and what its outcome does to the ticket. Pure."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from voicebot.core.ids import FlowName
from voicebot.core.meaning import AppealType
from voicebot.operations.dialer import CallOrder, Rung
from voicebot.tickets.callbacks import OURS, REACHED, CallbackKind, Over, TryOutcome
from voicebot.tickets.given import NOTHING, Given
from voicebot.tickets.state import OPEN, State
from voicebot.tickets.ticket import Contact, Ticket, TicketAction

REVISIT: Final = FlowName("revisit")
RING_BACK: Final = FlowName("ring_back")
OWNER: Final = "这个号码的机主本人"
SOMETHING: Final = "登记的事项"
"""Who is asked for, and about what, where more may not be said."""
ANSWERED: Final = "已回电，由人工接听"
LONGEST_WORDS: Final = 500
"""Characters kept of a reason."""

_SOLVED: Final = {"yes": True, "partly": False, "no": False}


@dataclass(frozen=True, slots=True)
class TicketMove:
    """One entry for the history of a ticket."""

    action: TicketAction
    reason: str = ""
    given: Given = NOTHING


def order_of(kind: CallbackKind, number: str, ticket: Ticket | None, contact: Contact | None) -> CallOrder:
    """What is dialled, and what the call knows when it begins.

    Of a matter that is to be kept secret the call knows nothing: who answers is believed, not proved.
    """
    name, matter = "", ""
    if ticket is not None and not (ticket.confidential or ticket.anonymous):
        name = contact.name.strip() if contact is not None else ""
        matter = ticket.title if ticket.appeal_type is not AppealType.REPORT else ""
    known = {"callee": name or OWNER, "matter": f"反映的{matter}" if matter else SOMETHING}
    flow = REVISIT if kind is CallbackKind.REVISIT else RING_BACK
    return CallOrder(number, kind, ticket.ticket_no if ticket else None, flow, known)


def before_ring(kind: CallbackKind, ticket: Ticket) -> TicketMove | None:
    """What is noted before the first ring."""
    begins = kind is CallbackKind.REVISIT and ticket.state is State.CLOSED
    return TicketMove(TicketAction.CALL_BACK) if begins else None


def after_ring(
    kind: CallbackKind, ticket: Ticket, rung: Rung, following: datetime | Over
) -> TicketMove | None:
    """What is noted when the call is over; nothing where none was made."""
    if rung.outcome in OURS:
        return None
    note = _note(kind, rung.outcome, following)
    if kind is CallbackKind.REVISIT:
        return _revisited(ticket, rung, note)
    if rung.outcome is TryOutcome.DONE and ticket.state is State.ACCEPTED:
        return TicketMove(TicketAction.ANSWER, given=Given(reply=ANSWERED))
    return TicketMove(TicketAction.SUPPLEMENT, note) if ticket.state in OPEN else None


def given_up(kind: CallbackKind, ticket: Ticket, over: Over) -> TicketMove | None:
    """What is noted when nobody is going to ring (any more), though nothing was tried just now."""
    if not over.for_a_person:
        return None
    note = f"{_NAMES[kind]}：{over.label}，请人工联系"
    if kind is CallbackKind.REVISIT:
        reached = Given(reached=False)
        return TicketMove(TicketAction.CALLED_BACK, note, reached) if ticket.state is State.CALLBACK else None
    return TicketMove(TicketAction.SUPPLEMENT, note) if ticket.state in OPEN else None


_NAMES: Final = {CallbackKind.REVISIT: "回访", CallbackKind.PROMISED: "回电", CallbackKind.MISSED: "回电"}


def _note(kind: CallbackKind, outcome: TryOutcome, following: datetime | Over) -> str:
    note = f"{_NAMES[kind]}：{outcome.label}"
    by_hand = isinstance(following, Over) and following.for_a_person
    return f"{note}；{following.label}，请人工联系" if by_hand and isinstance(following, Over) else note


def _revisited(ticket: Ticket, rung: Rung, note: str) -> TicketMove | None:
    """The person's judgement, also when they hung up half way; a later round is not touched by it."""
    if ticket.state is not State.CALLBACK:
        return None
    solved = _SOLVED.get(rung.told.get("solved", ""))
    words = rung.told.get("cause", "").strip()[:LONGEST_WORDS]
    if rung.told.get("solved") == "partly":
        words = f"部分解决。{words}"
    spoke = solved is not None or rung.score is not None
    if not spoke and rung.outcome not in REACHED:
        return TicketMove(TicketAction.CALLED_BACK, note, Given(reached=False))
    judged = Given(reached=True, solved=solved, rating=rung.score, rating_reason=words or None)
    return TicketMove(TicketAction.CALLED_BACK, note, judged)
