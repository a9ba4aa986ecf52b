"""Tickets in any state, ready for any move, with details that fit."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from tests.fakes.clocks import MORNING
from tests.fakes.demands import lamp
from voicebot.core.ids import ArticleId, DepartmentName, TicketNo
from voicebot.tickets.birth import accept
from voicebot.tickets.deadlines import Deadlines
from voicebot.tickets.given import Correction, Given
from voicebot.tickets.lifecycle import transition
from voicebot.tickets.parts import Difficulty, Extension, Reference, Supervision, SupervisionLevel
from voicebot.tickets.rejection import RejectCode
from voicebot.tickets.rules import RULES
from voicebot.tickets.state import State
from voicebot.tickets.ticket import Ticket, TicketAction, TicketEvent

NO = TicketNo("20261124000001")
PARENT = TicketNo("20261124009999")
LATER = MORNING + timedelta(days=30)

READY: dict[TicketAction, dict[str, Any]] = {
    TicketAction.UPHOLD: {"disputed": True},
    TicketAction.APPROVE_EXTENSION: {"extension": Extension(LATER, "等零件", "handler:li", MORNING)},
    TicketAction.REFUSE_EXTENSION: {"extension": Extension(LATER, "等零件", "handler:li", MORNING)},
    TicketAction.FEED_BACK: {
        "supervision": Supervision(SupervisionLevel.KEY, "抓紧办", LATER, "supervisor:he", MORNING)
    },
    TicketAction.RELEASE: {
        "supervision": Supervision(SupervisionLevel.KEY, "抓紧办", LATER, "supervisor:he", MORNING)
    },
    TicketAction.KEEP: {"objection": "没有修好"},
    TicketAction.UNGROUP: {"group": PARENT},
    TicketAction.UNMERGE: {"merged_from": State.SIGNED, "merge_parent": PARENT},
}
"""What a ticket must have, beside its state, before a move."""


def details(ticket: Ticket, at: datetime) -> dict[str, Any]:
    """A fitting value for every detail there is."""
    later = max(at, ticket.due_at) + timedelta(days=1)
    other = TicketNo(f"2026112500{ticket.version:04d}")
    return {
        "department": DepartmentName("市水务局"),
        "department_score": 0.9,
        "co_departments": (DepartmentName("市公安局"),),
        "sign_due": later,
        "return_due": later,
        "due_at": later,
        "close_due": later,
        "reply": "已处理",
        "articles": (ArticleId("KB001"),),
        "merge_parent": PARENT,
        "group": other,
        "rating": 4,
        "rating_reason": "来得很快",
        "solved": True,
        "return_ground": "《城市道路管理条例》第六条",
        "reject_code": RejectCode.LITIGATION,
        "difficult": Difficulty.HARD,
        "until": later,
        "latest": later,
        "level": SupervisionLevel.KEY,
        "note": "抓紧办",
        "due": later,
        "feedback": "已经派人",
        "reached": True,
        "part": other,
        "reference": Reference("110", f"J{ticket.version}"),
        "correction": Correction(content=f"第{ticket.version}次更正"),
    }


def fitting(action: TicketAction, ticket: Ticket | None = None, at: datetime = MORNING) -> Given:
    """The details that an action must have, and no more."""
    known = details(ticket or born()[0], at)
    return Given(**{name: known[name] for name in RULES[action].takes})


def born() -> tuple[Ticket, TicketEvent]:
    demand = lamp()
    due = Deadlines().of(demand.appeal_type, demand.urgency, demand.callback_only, MORNING)
    return accept(NO, demand, due, "bot", MORNING)


def walk(*actions: TicketAction) -> tuple[Ticket, list[TicketEvent]]:
    """One move an hour, with a reason and fitting details."""
    ticket, event = born()
    events = [event]
    for hours, action in enumerate(actions, start=1):
        at = MORNING + timedelta(hours=hours)
        ticket, event = transition(ticket, action, "handler:li", at, "理由", fitting(action, ticket, at))
        events.append(event)
    return ticket, events


def standing_in(state: State, **fields: Any) -> Ticket:
    return replace(born()[0], state=state, **fields)


def ready_for(action: TicketAction, state: State | None = None) -> Ticket:
    """A ticket on which nothing but its state stands against an action."""
    return standing_in(state or min(RULES[action].sources), **READY.get(action, {}))
