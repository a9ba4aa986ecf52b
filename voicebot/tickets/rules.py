"""The life of a 工单 as a table: which move may start where, what it needs, where it leads (domain.md §4)."""

from dataclasses import dataclass
from typing import Final

from voicebot.tickets import guards as g
from voicebot.tickets.guards import Check, Need
from voicebot.tickets.state import EVERY, FINAL, FINISHED, OPEN, State
from voicebot.tickets.ticket import TicketAction as A


@dataclass(frozen=True, slots=True)
class Rule:
    """One kind of move.

    Args:
        sources: states it may start from.
        target: state it leads to; None keeps the state (for 撤销并单: the state before the merger).
        name: how people call it.
        takes: fields of `Given` that must be set. `may`: those that may; all others must not.
        reason: a reason (or the caller's words) is required.
        needs: what must hold of the ticket. `checks`: of the details.
        tells: the caller is told of it (by message or call; not what they just did themselves).
    """

    sources: frozenset[State]
    target: State | None
    name: str
    takes: tuple[str, ...] = ()
    may: tuple[str, ...] = ()
    reason: bool = False
    needs: tuple[Need, ...] = ()
    checks: tuple[Check, ...] = ()
    tells: bool = False


def _from(*states: State) -> frozenset[State]:
    return frozenset(states)


_WORK: Final = _from(State.SIGNED, State.IN_PROGRESS, State.EXTENDED)
_UNOWNED: Final = _from(State.ACCEPTED, State.PENDING_DISPATCH, State.RETURNED, State.REDO)
_ANSWERED: Final = FINISHED | {State.REPLIED}
_EXTENDABLE: Final = _from(State.SIGNED, State.IN_PROGRESS)
_ALIVE: Final = OPEN | {State.DRAFT}
_SEND: Final = ("department_score", "co_departments", "return_due", "due_at")

RULES: Final = {
    # birth and acceptance
    A.DRAFT: Rule(frozenset(), State.DRAFT, "登记"),
    A.ACCEPT: Rule(
        _from(State.DRAFT),
        State.ACCEPTED,
        "受理",
        may=("sign_due", "due_at"),
        checks=(g.deadlines_lie_ahead,),
        tells=True,
    ),
    A.ANSWER: Rule(
        _from(State.DRAFT, State.ACCEPTED), State.CLOSED, "直接答复", ("reply",), may=("articles",)
    ),
    A.REJECT: Rule(
        _from(State.DRAFT, State.ACCEPTED, State.PENDING_DISPATCH),
        State.REJECTED,
        "不予受理",
        ("reject_code",),
        reason=True,
        tells=True,
    ),
    A.CORRECT: Rule(
        _ALIVE,
        None,
        "更正",
        ("correction",),
        may=("sign_due", "due_at"),
        checks=(g.changes_something, g.deadlines_lie_ahead),
    ),
    # dispatch
    A.QUEUE: Rule(
        _from(State.ACCEPTED, State.RETURNED, State.REDO),
        State.PENDING_DISPATCH,
        "转派单",
        may=("department", "department_score", "co_departments"),
        checks=(g.score_from_0_to_1, g.leader_is_no_helper),
    ),
    A.DISPATCH: Rule(
        _UNOWNED,
        State.DISPATCHED,
        "派单",
        ("department", "sign_due"),
        may=_SEND,
        checks=(g.deadlines_lie_ahead, g.score_from_0_to_1, g.leader_is_no_helper),
    ),
    A.DESIGNATE: Rule(
        _UNOWNED,
        State.DISPATCHED,
        "指定办理",
        ("department", "sign_due"),
        may=("co_departments", "due_at"),
        reason=True,
        checks=(g.deadlines_lie_ahead, g.leader_is_no_helper),
    ),
    A.ASSIGN: Rule(OPEN, None, "安排协办", ("co_departments",), checks=(g.leader_is_no_helper,)),
    A.SIGN: Rule(_from(State.DISPATCHED), State.SIGNED, "签收"),
    A.RETURN: Rule(
        _from(State.DISPATCHED, State.SIGNED),
        State.RETURNED,
        "退单",
        ("return_ground",),
        reason=True,
        needs=(g.not_designated, g.may_still_return),
    ),
    A.UPHOLD: Rule(
        _from(State.RETURNED),
        State.DISPATCHED,
        "驳回退单",
        ("sign_due",),
        reason=True,
        needs=(g.return_disputed,),
        checks=(g.deadlines_lie_ahead,),
    ),
    # work
    A.START: Rule(_from(State.SIGNED, State.REDO), State.IN_PROGRESS, "办理"),
    A.EXTEND: Rule(frozenset(), State.EXTENDED, "延期（旧版，未经审批）"),
    A.ASK_EXTENSION: Rule(
        _EXTENDABLE,
        None,
        "申请延期",
        ("until",),
        may=("latest",),
        reason=True,
        needs=(g.extension_unused, g.extension_not_asked, g.before_due),
        checks=(g.deadlines_lie_ahead, g.extension_is_longer),
    ),
    A.APPROVE_EXTENSION: Rule(
        _EXTENDABLE, State.EXTENDED, "批准延期", needs=(g.extension_asked,), tells=True
    ),
    A.REFUSE_EXTENSION: Rule(_EXTENDABLE, None, "不准延期", reason=True, needs=(g.extension_asked,)),
    A.REPLY: Rule(
        _WORK | {State.ACCEPTED},
        State.REPLIED,
        "答复",
        ("reply",),
        may=("close_due",),
        checks=(g.deadlines_lie_ahead,),
        tells=True,
    ),
    A.CLOSE: Rule(_from(State.REPLIED), State.CLOSED, "办结"),
    # after the answer
    A.CALL_BACK: Rule(_from(State.CLOSED), State.CALLBACK, "回访"),
    A.CALLED_BACK: Rule(
        _from(State.CALLBACK),
        None,
        "回访结果",
        ("reached",),
        may=("solved", "rating", "rating_reason"),
        checks=(g.rating_from_1_to_5, g.only_who_was_reached_rates),
    ),
    A.RATE: Rule(
        _ANSWERED,
        None,
        "评价",
        ("rating",),
        may=("solved", "rating_reason"),
        checks=(g.rating_from_1_to_5,),
    ),
    A.OBJECT: Rule(_ANSWERED, None, "提出异议", reason=True),
    A.KEEP: Rule(_ANSWERED, None, "维持办结", reason=True, needs=(g.awaits_review,), tells=True),
    A.REDO: Rule(
        _from(State.REPLIED, State.CLOSED, State.CALLBACK),
        State.REDO,
        "重办",
        ("due_at",),
        reason=True,
        checks=(g.deadlines_lie_ahead,),
        tells=True,
    ),
    A.ARCHIVE: Rule(
        FINAL | {State.CLOSED, State.CALLBACK}, State.ARCHIVED, "归档", needs=(g.nothing_pending,)
    ),
    # the caller
    A.CANCEL: Rule(_ALIVE, State.CANCELLED, "撤单", reason=True),
    A.URGE: Rule(OPEN, None, "催办"),
    A.SUPPLEMENT: Rule(_ALIVE, None, "补充情况", reason=True),
    # supervision and flags
    A.SUPERVISE: Rule(OPEN, None, "督办", ("level", "note", "due"), checks=(g.deadlines_lie_ahead,)),
    A.FEED_BACK: Rule(OPEN | FINISHED, None, "督办反馈", ("feedback",), needs=(g.supervised,)),
    A.RELEASE: Rule(EVERY - {State.DRAFT}, None, "解除督办", reason=True, needs=(g.supervised,)),
    A.FLAG: Rule(_ALIVE, None, "标记疑难", ("difficult",), reason=True),
    # several tickets
    A.MERGE: Rule(
        OPEN, State.MERGED, "并单", ("merge_parent",), reason=True, checks=(g.not_into_itself,), tells=True
    ),
    A.UNMERGE: Rule(
        _from(State.MERGED), None, "撤销并单", reason=True, needs=(g.state_before_is_known,), tells=True
    ),
    A.GROUP: Rule(
        OPEN | FINISHED, None, "并入群诉", ("group",), checks=(g.not_into_itself, g.not_in_this_group)
    ),
    A.UNGROUP: Rule(OPEN | FINISHED, None, "移出群诉", reason=True, needs=(g.grouped,)),
    A.SPLIT: Rule(OPEN | {State.ARCHIVED}, None, "拆单", ("part",), reason=True, checks=(g.not_into_itself,)),
    A.LINK: Rule(EVERY, None, "关联外部单号", ("reference",), checks=(g.not_linked_yet,)),
}
"""Every action; what is not in it cannot happen. Archived is the end of the states: an objection that
turns out right after that is carried on by a ticket split off."""
