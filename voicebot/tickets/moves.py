"""What a move does to the fields of a ticket. Whether it may happen is `rules`' business."""

from dataclasses import fields, replace
from datetime import datetime, timedelta
from typing import Final

from voicebot.tickets.clocks import answer_began
from voicebot.tickets.given import Given, Move
from voicebot.tickets.parts import Extension, Reference, Round, Supervision
from voicebot.tickets.privacy import clean, conceal
from voicebot.tickets.rejection import GROUNDS
from voicebot.tickets.rules import RULES
from voicebot.tickets.state import State
from voicebot.tickets.ticket import TITLE_LENGTH, Ticket, TicketAction

LOW: Final = 2
"""A rating up to here is reviewed."""

_SHARED: Final = {f.name for f in fields(Given)} & {f.name for f in fields(Ticket)}
_LETTING_GO: Final = {"extension": None, "disputed": False, "objection": "", "low_score": False}
_NEW_ROUND: Final = {
    **_LETTING_GO,
    "extended": False,
    "dispatches": 0,
    "signed_at": None,
    "replied_at": None,
    "closed_at": None,
    "close_due": None,
    "answer_since": None,
    "solved": None,
    "rating": None,
    "rating_reason": "",
    "callbacks": 0,
    "called_back_at": None,
}


def moved(ticket: Ticket, move: Move) -> Ticket:
    """The ticket after a move that is allowed."""
    rule = RULES[move.action]
    changes = _given(move.given)
    if rule.target is not None:
        changes["state"] = rule.target
    changes |= _consequences(ticket, move)
    return replace(ticket, version=ticket.version + 1, **changes)  # type: ignore[arg-type]


def _given(given: Given) -> dict[str, object]:
    """What goes straight into fields of the same name; texts without what cannot be stored."""
    values = {name: getattr(given, name) for name in _SHARED}
    return {
        name: _text(name, value) if type(value) is str else value
        for name, value in values.items()
        if value is not None
    }


def _text(name: str, text: str) -> str:
    """Numbers of people are masked, but not in a reply: it may tell the caller an office's number."""
    return clean(text) if name == "reply" else conceal(text)[0]


def _consequences(ticket: Ticket, move: Move) -> dict[str, object]:
    """What follows beside the new state and the plain details."""
    given, at = move.given, move.at
    match move.action:
        case TicketAction.ACCEPT:
            return {"accepted_at": at}
        case TicketAction.ANSWER:
            return {"replied_at": at, "closed_at": at}
        case TicketAction.REJECT if given.reject_code is not None:
            return {"reply": GROUNDS[given.reject_code].told}
        case TicketAction.CORRECT:
            return _corrected(ticket, given)
        case TicketAction.QUEUE:
            return _resumed(ticket, at) | {"disputed": False} | _owner(ticket, given)
        case TicketAction.DISPATCH | TicketAction.DESIGNATE | TicketAction.UPHOLD:
            return _sent(ticket, move)
        case TicketAction.SIGN:
            return {"signed_at": at}
        case TicketAction.RETURN:
            return {"paused_at": at, "disputed": True, "signed_at": None, "extension": None}
        case TicketAction.SUPERVISE | TicketAction.FEED_BACK | TicketAction.RELEASE:
            return {"supervision": _supervision(ticket, move)}
        case TicketAction.ASK_EXTENSION if given.until is not None:
            return {"extension": Extension(given.until, move.reason, move.actor, at)}
        case TicketAction.APPROVE_EXTENSION if ticket.extension is not None:
            longer = max(ticket.due_at, ticket.extension.until)
            return {"extension": None, "extended": True, "due_at": longer}
        case TicketAction.REFUSE_EXTENSION:
            return {"extension": None}
        case TicketAction.REPLY:
            return {"replied_at": at, "extension": None}
        case TicketAction.CLOSE:
            return {"closed_at": at}
        case _:
            return _later(ticket, move)


def _later(ticket: Ticket, move: Move) -> dict[str, object]:
    """Consequences of what comes after the answer, from the caller, and between tickets."""
    given, at = move.given, move.at
    match move.action:
        case TicketAction.CALLED_BACK if given.reached:
            return {"callbacks": ticket.callbacks + 1, "called_back_at": at} | _judged(ticket, given)
        case TicketAction.CALLED_BACK:
            return {"callbacks": ticket.callbacks + 1}
        case TicketAction.RATE:
            return _judged(ticket, given)
        case TicketAction.OBJECT:
            return {"objection": move.reason}
        case TicketAction.KEEP:
            return {"objection": "", "low_score": False}
        case TicketAction.REDO:
            over = _round(ticket, move)
            return {**_NEW_ROUND, "round": ticket.round + 1, "rounds": (*ticket.rounds, over)}
        case TicketAction.CANCEL:
            return dict(_LETTING_GO)
        case TicketAction.URGE:
            return {"urged": ticket.urged + 1}
        case TicketAction.MERGE:
            return {"merged_from": ticket.state}
        case TicketAction.UNMERGE:
            return {"state": ticket.merged_from, "merged_from": None, "merge_parent": None}
        case TicketAction.UNGROUP:
            return {"group": None}
        case TicketAction.SPLIT:
            carried_on = _LETTING_GO if ticket.state is State.ARCHIVED else {}
            return {**carried_on, "split_into": (*ticket.split_into, given.part)}
        case TicketAction.LINK if given.reference is not None:
            known = Reference(clean(given.reference.system), clean(given.reference.number))
            return {"refs": (*ticket.refs, known)}
        case _:
            return {}


def _resumed(ticket: Ticket, at: datetime) -> dict[str, object]:
    """The clock goes on; what it stood still is added, and a clock set back takes nothing away."""
    if ticket.paused_at is None:
        return {}
    stood = max(at - ticket.paused_at, timedelta(0))
    return {
        "paused_at": None,
        "due_at": ticket.due_at + stood,
        "answer_since": answer_began(ticket) + stood,
    }


def _sent(ticket: Ticket, move: Move) -> dict[str, object]:
    """To a unit: anew, by order, or back to the one that returned it without good ground."""
    given, at = move.given, move.at
    values = _resumed(ticket, at) | {"disputed": False, "dispatched_at": at}
    if given.due_at is not None:
        values["due_at"] = given.due_at
    if move.action is TicketAction.UPHOLD:
        return values | {"return_due": at}  # from now on it counts as accepted
    bound = move.action is TicketAction.DESIGNATE or (
        ticket.designated and given.department == ticket.department
    )
    return values | {
        "dispatches": ticket.dispatches + 1,
        "designated": bound,
        "return_due": given.return_due,
        **_owner(ticket, given),
    }


def _owner(ticket: Ticket, given: Given) -> dict[str, object]:
    """Who leads and how sure that is; who leads does not help as well."""
    if given.department is None:
        return {}
    helpers = given.co_departments if given.co_departments is not None else ticket.co_departments
    return {
        "department_score": given.department_score,
        "co_departments": tuple(name for name in helpers if name != given.department),
    }


def _corrected(ticket: Ticket, given: Given) -> dict[str, object]:
    values = given.correction.values() if given.correction is not None else {}
    plain: dict[str, object] = {
        name: conceal(value.strip())[0] if type(value) is str else value for name, value in values.items()
    }
    if "title" in plain:
        plain["title"] = str(plain["title"])[:TITLE_LENGTH]
    return plain


def _supervision(ticket: Ticket, move: Move) -> Supervision | None:
    given = move.given
    match move.action:
        case TicketAction.SUPERVISE if given.level and given.note and given.due:
            return Supervision(given.level, conceal(given.note)[0], given.due, move.actor, move.at)
        case TicketAction.FEED_BACK if ticket.supervision and given.feedback:
            return replace(ticket.supervision, feedback=conceal(given.feedback)[0], fed_back_at=move.at)
        case _:
            return None


def _judged(ticket: Ticket, given: Given) -> dict[str, object]:
    """A low score, or a matter that is not solved, waits for review; a better word later ends that."""
    rating = given.rating if given.rating is not None else ticket.rating
    solved = given.solved if given.solved is not None else ticket.solved
    return {"low_score": (rating is not None and rating <= LOW) or solved is False}


def _round(ticket: Ticket, move: Move) -> Round:
    return Round(
        number=ticket.round,
        department=ticket.department,
        reply=ticket.reply,
        due_at=ticket.due_at,
        replied_at=ticket.replied_at,
        closed_at=ticket.closed_at,
        solved=ticket.solved,
        rating=ticket.rating,
        rating_reason=ticket.rating_reason,
        why=move.reason,
        ended_at=move.at,
    )
