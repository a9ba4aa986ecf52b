"""Whom we owe a call, and what came of it: rules without clock or store. When it rings: `ringing`.

Three kinds: the 回访 after a ticket was closed, the call back that was promised, the call back after a call
that came to nothing.
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from voicebot.core.meaning import Urgency
from voicebot.tickets.state import OPEN, State
from voicebot.tickets.ticket import Ticket, TicketAction, TicketEvent


class CallbackKind(StrEnum):
    REVISIT = "revisit"
    PROMISED = "promised"
    MISSED = "missed"


class TryOutcome(StrEnum):
    """What came of ringing somebody."""

    DONE = "done"
    LATER = "later"
    ABSENT = "absent"
    BUSY = "busy"
    NO_ANSWER = "no_answer"
    REFUSED = "refused"
    MACHINE = "machine"
    SILENT = "silent"
    CUT = "cut"
    UNREACHABLE = "unreachable"
    WRONG_PERSON = "wrong_person"
    NEVER = "never"
    LINE_FULL = "line_full"
    FAILED = "failed"

    @property
    def label(self) -> str:
        """How it is written into a ticket."""
        return _LABELS[self]


_LABELS: Final = {
    TryOutcome.DONE: "已接通",
    TryOutcome.LATER: "接听人约了别的时间",
    TryOutcome.ABSENT: "本人不在",
    TryOutcome.BUSY: "占线",
    TryOutcome.NO_ANSWER: "无人接听",
    TryOutcome.REFUSED: "拒接",
    TryOutcome.MACHINE: "语音信箱或来电助手接听",
    TryOutcome.SILENT: "接通后无人说话",
    TryOutcome.CUT: "接通后未答即挂断",
    TryOutcome.UNREACHABLE: "号码打不通",
    TryOutcome.WRONG_PERSON: "接听的不是本人",
    TryOutcome.NEVER: "本人表示不用回访",
    TryOutcome.LINE_FULL: "外呼线路忙，未拨出",
    TryOutcome.FAILED: "外呼故障，未拨出",
}

REACHED: Final = frozenset({TryOutcome.DONE, TryOutcome.NEVER})
"""The person has had their say."""
COUNTED: Final = frozenset(
    {
        TryOutcome.ABSENT,
        TryOutcome.BUSY,
        TryOutcome.NO_ANSWER,
        TryOutcome.REFUSED,
        TryOutcome.MACHINE,
        TryOutcome.SILENT,
        TryOutcome.CUT,
    }
)
"""Rang, and did not reach the person."""
OURS: Final = frozenset({TryOutcome.LINE_FULL, TryOutcome.FAILED})
"""Never rang."""


class Over(StrEnum):
    """Why nobody is rung about it any more."""

    DONE = "done"
    NEVER = "never"
    UNREACHED = "unreached"
    WRONG_NUMBER = "wrong_number"
    EXPIRED = "expired"
    VOID = "void"

    @property
    def for_a_person(self) -> bool:
        """Somebody has to look after it."""
        return self in (Over.UNREACHED, Over.WRONG_NUMBER, Over.EXPIRED)

    @property
    def label(self) -> str:
        return _OVER[self]


_OVER: Final = {
    Over.DONE: "已完成",
    Over.NEVER: "不用回访",
    Over.UNREACHED: "多次未接通",
    Over.WRONG_NUMBER: "号码不对或打不通",
    Over.EXPIRED: "过期未打",
    Over.VOID: "不再需要",
}


@dataclass(frozen=True, slots=True)
class Try:
    """One ring. `again`: the moment the person asked for, None when they named none."""

    at: datetime
    outcome: TryOutcome
    again: datetime | None = None


@dataclass(frozen=True, slots=True)
class Owed:
    """A call we owe.

    Args:
        key: one call is owed once, whoever notices it.
        since: when it began to be owed.
    """

    key: str
    kind: CallbackKind
    since: datetime
    urgent: bool = False


def owed_by(ticket: Ticket, event: TicketEvent) -> Owed | None:
    """The call that an event of a ticket makes us owe. One closed in the call itself owes none."""
    key = f"{ticket.ticket_no}:{ticket.round}"
    if event.action is TicketAction.CLOSE and _wants_revisit(ticket):
        return Owed(f"revisit:{key}", CallbackKind.REVISIT, event.at)
    if ticket.callback_only and event.before in (None, State.DRAFT) and ticket.state in OPEN:
        urgent = ticket.urgency is not Urgency.NORMAL
        return Owed(f"promised:{key}", CallbackKind.PROMISED, event.at, urgent)
    return None


def still_owed(ticket: Ticket, key: str) -> bool:
    """Whether a call about a ticket is still to be made, as the ticket now stands."""
    kind, _, rest = key.partition(":")
    if rest != f"{ticket.ticket_no}:{ticket.round}":
        return False
    if kind == CallbackKind.REVISIT:
        return ticket.state in (State.CLOSED, State.CALLBACK) and _wants_revisit(ticket)
    return ticket.callback_only and ticket.state in OPEN


def _wants_revisit(ticket: Ticket) -> bool:
    """Nobody is asked who has rated already, or wants to hear nothing."""
    heard = ticket.called_back_at is not None or ticket.rating is not None
    return ticket.want_reply and not ticket.callback_only and not heard


def in_sample(ticket_no: str, share: float) -> bool:
    """Whether a ticket is among the share whose callers are rung: always the same ones."""
    number = int.from_bytes(hashlib.sha256(ticket_no.encode()).digest()[:8])
    return number < share * 2**64


WAITING_FOR_PERSON: Final = "waiting"
_LOST: Final = ("lost", "error", "rtp_timeout")


def came_to_nothing(reason: str, state: str) -> bool:
    """A call that ended so owes its caller one: it broke, or they gave up waiting for a person.

    Args:
        reason: why it ended. `state`: where the dialogue stood.
    """
    return reason in _LOST or (reason == "caller" and state == WAITING_FOR_PERSON)
