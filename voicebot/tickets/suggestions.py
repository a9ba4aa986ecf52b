"""Two tickets that may be one matter, and what people made of that (并单, 群诉).

Pure: weighs a ticket against those that were found beside it. Secret tickets (举报, 保密, 匿名) are compared
with nothing: that another ticket tells the same would lead to who reported it.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from voicebot.core.errors import VoicebotError
from voicebot.core.ids import TicketNo
from voicebot.tickets.matter import matter_of
from voicebot.tickets.repeats import SAME_CALLER, SAME_EVENT, Likeness, likeness
from voicebot.tickets.state import OPEN
from voicebot.tickets.ticket import Ticket
from voicebot.tickets.visibility import is_secret

MOST: Final = 5
"""Suggestions that one comparison makes."""
TEXTS: Final = frozenset({"title", "content", "address", "object", "occurred", "district"})
SECRECY: Final = frozenset({"confidential", "anonymous", "appeal_type"})
"""Fields after whose change a ticket is compared anew."""


class Standing(StrEnum):
    """What became of a suggestion."""

    OPEN = "open"
    ACCEPTED = "accepted"
    REFUSED = "refused"
    """Somebody said that it is another matter; never suggested again."""
    LAPSED = "lapsed"
    """One of the two is no longer open."""


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A pair of tickets.

    Args:
        later, earlier: by number. own: both of one caller, so that 并单 is suggested, else 群诉.
        at: when they were compared. by, decided_at, why: who decided, when and with which reason.
        joined: which of them was merged, or put into a group, when it was accepted.
    """

    later: TicketNo
    earlier: TicketNo
    own: bool
    score: float
    reasons: tuple[str, ...]
    at: datetime
    standing: Standing = Standing.OPEN
    by: str = ""
    decided_at: datetime | None = None
    why: str = ""
    joined: TicketNo | None = None

    def other(self, ticket_no: TicketNo) -> TicketNo:
        """The ticket beside one of the two."""
        return self.earlier if ticket_no == self.later else self.later


@dataclass(frozen=True, slots=True)
class Beside:
    """A ticket to compare with; `own`: of the same caller."""

    ticket: Ticket
    own: bool = False


@dataclass(frozen=True, slots=True)
class Weighed:
    """A ticket that is likely the same matter."""

    ticket_no: TicketNo
    own: bool
    likeness: Likeness


@dataclass(frozen=True, slots=True)
class Weighing:
    """What a comparison found: the likeliest, at most `MOST`; and those that are another matter."""

    likely: tuple[Weighed, ...] = ()
    unlikely: tuple[TicketNo, ...] = ()


def pair(one: TicketNo, other: TicketNo) -> tuple[TicketNo, TicketNo]:
    """(the later, the earlier) of two numbers."""
    return (one, other) if one > other else (other, one)


def comparable(ticket: Ticket) -> bool:
    """Whether a ticket is compared at all."""
    return ticket.state in OPEN and not ticket.callback_only and not is_secret(ticket)


def weigh(ticket: Ticket, others: Iterable[Beside]) -> Weighing:
    """Compares a ticket with others; of one 群诉 only the likeliest member counts."""
    found: dict[TicketNo, Weighed] = {}
    unlikely = []
    mine = matter_of(ticket)
    for beside in others:
        other = beside.ticket
        if (
            not comparable(ticket)
            or not comparable(other)
            or together(ticket, other)
            or _apart(ticket, other)
        ):
            unlikely.append(other.ticket_no)
            continue
        like = likeness(mine, matter_of(other), beside.own)
        if like.score < (SAME_CALLER if beside.own else SAME_EVENT):
            unlikely.append(other.ticket_no)
            continue
        weighed, family = Weighed(other.ticket_no, beside.own, like), _family(other)
        if family not in found or _rank(weighed) < _rank(found[family]):
            found[family] = weighed
    return Weighing(tuple(sorted(found.values(), key=_rank)[:MOST]), tuple(unlikely))


def joining(
    later: Ticket, earlier: Ticket, later_leads: bool, earlier_leads: bool
) -> tuple[Ticket, TicketNo]:
    """(the ticket that joins, the 群诉 it joins): the earlier ticket leads, unless only the later is in one.

    Args:
        later_leads, earlier_leads: other tickets hang on it.

    Raises:
        VoicebotError: ``ticket.illegal_move``: each of them is in a group of its own.
    """
    theirs = earlier.group or (earlier.ticket_no if earlier_leads else None)
    mine = later.group or (later.ticket_no if later_leads else None)
    if mine is not None and theirs is not None:
        raise VoicebotError(
            "ticket.illegal_move", f"两件工单各在一个群诉里（{mine}、{theirs}），请先把其中一件移出群诉"
        )
    return (earlier, mine) if mine is not None else (later, theirs or earlier.ticket_no)


def together(one: Ticket, other: Ticket) -> bool:
    """One ticket, or two of one 群诉."""
    hang = other.ticket_no == one.group or one.ticket_no == other.group
    return hang or _family(one) == _family(other)


def _apart(one: Ticket, other: Ticket) -> bool:
    """Told apart by a person who split one off the other, or both off a third."""
    parts = {one.split_from, other.split_from} - {None}
    return bool(parts & {one.ticket_no, other.ticket_no}) or one.split_from == other.split_from is not None


def _family(ticket: Ticket) -> TicketNo:
    return ticket.group or ticket.ticket_no


def _rank(weighed: Weighed) -> tuple[float, TicketNo]:
    return -weighed.likeness.score, weighed.ticket_no
