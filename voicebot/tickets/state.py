"""Where a 工单 stands (domain.md §4)."""

from enum import StrEnum
from typing import Final


class State(StrEnum):
    DRAFT = "draft"
    ACCEPTED = "accepted"
    PENDING_DISPATCH = "pending_dispatch"
    DISPATCHED = "dispatched"
    RETURNED = "returned"
    SIGNED = "signed"
    IN_PROGRESS = "in_progress"
    EXTENDED = "extended"
    REPLIED = "replied"
    CLOSED = "closed"
    CALLBACK = "callback"
    REDO = "redo"
    ARCHIVED = "archived"
    MERGED = "merged"
    CANCELLED = "cancelled"
    REJECTED = "rejected"

    @property
    def label(self) -> str:
        """How the state is named to callers and on pages."""
        return _LABELS[self]


_LABELS: Final = {
    State.DRAFT: "草稿",
    State.ACCEPTED: "已受理",
    State.PENDING_DISPATCH: "待派单",
    State.DISPATCHED: "已派单",
    State.RETURNED: "退回重派",
    State.SIGNED: "已签收",
    State.IN_PROGRESS: "办理中",
    State.EXTENDED: "延期办理",
    State.REPLIED: "已答复",
    State.CLOSED: "已办结",
    State.CALLBACK: "回访中",
    State.REDO: "重新办理",
    State.ARCHIVED: "已归档",
    State.MERGED: "已并单",
    State.CANCELLED: "已撤单",
    State.REJECTED: "不予受理",
}

OPEN: Final = frozenset(
    {
        State.ACCEPTED,
        State.PENDING_DISPATCH,
        State.DISPATCHED,
        State.RETURNED,
        State.SIGNED,
        State.IN_PROGRESS,
        State.EXTENDED,
        State.REPLIED,
        State.REDO,
    }
)
"""Somebody still owes the caller something."""

FINISHED: Final = frozenset({State.CLOSED, State.CALLBACK, State.ARCHIVED})
"""Answered and closed: may be rated or objected to."""

FINAL: Final = frozenset({State.MERGED, State.CANCELLED, State.REJECTED})
"""Ended without an answer of its own; nothing follows but the archive (a merger can be undone)."""

EVERY: Final = frozenset(State)
