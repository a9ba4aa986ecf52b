"""What must hold, beside the state, before a move: each guard says in a word why not, or "".

*Needs* look at the ticket and the moment: while one objects, the move is illegal. *Checks* look at
what was brought along: a wrong detail makes the move incomplete, a better one is welcome.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

from voicebot.tickets.given import Move
from voicebot.tickets.state import State
from voicebot.tickets.ticket import Ticket

Need = Callable[[Ticket, datetime], str]
Check = Callable[[Ticket, Move], str]

LONGEST: Final = 10_000
"""Characters of one text of a move."""
FARTHEST: Final = timedelta(days=3 * 366)
"""A deadline further away than this is a slip of the pen."""
_TEXTS: Final = ("reply", "rating_reason", "return_ground", "note", "feedback")


def not_designated(ticket: Ticket, at: datetime) -> str:
    return "指定办理的工单不能退回" if ticket.designated else ""


def may_still_return(ticket: Ticket, at: datetime) -> str:
    late = ticket.return_due is not None and at >= ticket.return_due
    return "已过退回时限，视为接收" if late else ""


def return_disputed(ticket: Ticket, at: datetime) -> str:
    return "" if ticket.disputed else "没有待审核的退单"


def extension_unused(ticket: Ticket, at: datetime) -> str:
    return "每轮只能一次" if ticket.extended else ""


def extension_not_asked(ticket: Ticket, at: datetime) -> str:
    return "已经申请，等待审批" if ticket.extension is not None else ""


def extension_asked(ticket: Ticket, at: datetime) -> str:
    return "没有待审批的延期申请" if ticket.extension is None else ""


def before_due(ticket: Ticket, at: datetime) -> str:
    return "须在到期之前申请" if at >= ticket.due_at else ""


def supervised(ticket: Ticket, at: datetime) -> str:
    return "没有督办" if ticket.supervision is None else ""


def awaits_review(ticket: Ticket, at: datetime) -> str:
    return "" if ticket.objection or ticket.low_score else "没有待审核的异议或者低分"


def nothing_pending(ticket: Ticket, at: datetime) -> str:
    """Of a ticket that was answered; one that was merged, cancelled or refused waits for nothing."""
    if ticket.state not in (State.CLOSED, State.CALLBACK):
        return ""
    if ticket.supervision is not None:
        return "督办还没有解除"
    return "异议或者低分还没有审核" if awaits_review(ticket, at) == "" else ""


def grouped(ticket: Ticket, at: datetime) -> str:
    return "不在群诉里" if ticket.group is None else ""


def state_before_is_known(ticket: Ticket, at: datetime) -> str:
    return "不知道并单前的状态" if ticket.merged_from is None else ""


def texts_fit(ticket: Ticket, move: Move) -> str:
    texts = [move.reason, *(getattr(move.given, name) or "" for name in _TEXTS)]
    if move.given.reference is not None:
        texts += [move.given.reference.system, move.given.reference.number]
    if move.given.correction is not None:
        texts += [value for value in move.given.correction.values().values() if isinstance(value, str)]
    return f"的文字不能超过{LONGEST}字" if any(len(text) > LONGEST for text in texts) else ""


def rating_from_1_to_5(ticket: Ticket, move: Move) -> str:
    rating = move.given.rating
    return "" if rating is None or 1 <= rating <= 5 else "须在一分到五分之间"


def score_from_0_to_1(ticket: Ticket, move: Move) -> str:
    score = move.given.department_score
    return "" if score is None or 0 <= score <= 1 else "的把握须在0到1之间"


def only_who_was_reached_rates(ticket: Ticket, move: Move) -> str:
    given = move.given
    told = (given.solved, given.rating, given.rating_reason)
    return "没有接通，不能有评价" if given.reached is False and any(t is not None for t in told) else ""


def not_into_itself(ticket: Ticket, move: Move) -> str:
    others = (move.given.merge_parent, move.given.group, move.given.part)
    return "不能并入自己" if ticket.ticket_no in others else ""


def extension_is_longer(ticket: Ticket, move: Move) -> str:
    until, latest = move.given.until, move.given.latest
    if until is not None and until <= ticket.due_at:
        return "后的时限须晚于原时限"
    return "超过规定的最长时限" if until is not None and latest is not None and until > latest else ""


def deadlines_lie_ahead(ticket: Ticket, move: Move) -> str:
    given = move.given
    named = (given.sign_due, given.return_due, given.due_at, given.close_due, given.due, given.until)
    moments = [moment for moment in named if moment is not None]
    if any(moment <= move.at for moment in moments):
        return "的时限须晚于现在"
    return "的时限太远" if any(moment > move.at + FARTHEST for moment in moments) else ""


def leader_is_no_helper(ticket: Ticket, move: Move) -> str:
    main = move.given.department or ticket.department
    helpers = move.given.co_departments or ()
    if main in helpers:
        return "主办单位不能同时协办"
    return "协办单位重复" if len(set(helpers)) < len(helpers) else ""


def changes_something(ticket: Ticket, move: Move) -> str:
    given = move.given
    values = given.correction.values() if given.correction is not None else {}
    if "title" in values and not str(values["title"]).strip():
        return "后标题不能为空"
    return "没有改动" if all(getattr(ticket, name) == value for name, value in values.items()) else ""


def not_linked_yet(ticket: Ticket, move: Move) -> str:
    reference = move.given.reference
    if reference is not None and not (reference.system.strip() and reference.number.strip()):
        return "缺少系统名称或者编号"
    return "已经有了" if reference in ticket.refs else ""


def not_in_this_group(ticket: Ticket, move: Move) -> str:
    return "已经在这件群诉里" if move.given.group == ticket.group else ""
