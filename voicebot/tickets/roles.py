"""Who may take which action; pages and API ask here before they offer or carry out anything."""

from types import MappingProxyType
from typing import Final

from voicebot.tickets.ticket import TicketAction as A

_INTAKE: Final = frozenset(
    {A.DRAFT, A.ACCEPT, A.ANSWER, A.REJECT, A.CORRECT, A.QUEUE, A.CANCEL, A.URGE, A.SUPPLEMENT, A.LINK}
)
_DISPATCH: Final = frozenset(
    {
        *(A.DISPATCH, A.DESIGNATE, A.ASSIGN, A.UPHOLD, A.FLAG),
        *(A.MERGE, A.UNMERGE, A.GROUP, A.UNGROUP, A.SPLIT),
    }
)
_WORK: Final = frozenset(
    {A.SIGN, A.RETURN, A.START, A.ASK_EXTENSION, A.REPLY, A.CLOSE, A.FEED_BACK, A.SUPPLEMENT, A.LINK}
)
_AFTER: Final = frozenset({A.CALL_BACK, A.CALLED_BACK, A.RATE, A.OBJECT})
_REVIEW: Final = frozenset({A.APPROVE_EXTENSION, A.REFUSE_EXTENSION, A.KEEP, A.REDO, A.ARCHIVE})
_WATCH: Final = frozenset({A.SUPERVISE, A.RELEASE})

ROLES: Final = MappingProxyType(
    {
        "admin": frozenset(A) - {A.EXTEND},
        "supervisor": _INTAKE | _DISPATCH | _AFTER | _REVIEW | _WATCH,
        "dispatcher": _INTAKE | _DISPATCH | _AFTER | {A.APPROVE_EXTENSION, A.REFUSE_EXTENSION},
        "seat": _INTAKE | _AFTER,
        "handler": _WORK,
        "editor": frozenset[A](),
    }
)
"""Name of an account's role (`operations.ports.Role`) → what it may do."""

MACHINES: Final = MappingProxyType(
    {
        "caller": frozenset({A.URGE, A.SUPPLEMENT, A.CANCEL, A.OBJECT, A.RATE}),
        "bot": frozenset({A.ACCEPT, A.ANSWER, A.URGE, A.SUPPLEMENT, A.CALLED_BACK, A.RATE, A.OBJECT, A.LINK}),
        "clock": frozenset(
            {A.QUEUE, A.DISPATCH, A.SIGN, A.URGE, A.SUPERVISE, A.CALL_BACK, A.CALLED_BACK, A.ARCHIVE}
        ),
        "system": frozenset({A.DRAFT, A.SUPPLEMENT, A.LINK}),
    }
)
"""Actors without an account: the caller, the voice agent, the scheduler, another system by its token."""


def may(role: str, action: A) -> bool:
    """Whether a role, or an actor without an account, may take an action; an unknown one may nothing."""
    return action in (ROLES.get(role) or MACHINES.get(role) or frozenset())
