"""Where suggestions of one matter are kept."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from voicebot.core.errors import VoicebotError
from voicebot.core.ids import TicketNo
from voicebot.tickets.spots import SpotKey
from voicebot.tickets.suggestions import Beside, Suggestion, Weighing
from voicebot.tickets.ticket import Ticket


@dataclass(frozen=True, slots=True)
class ToCompare:
    """A ticket, those found beside it, and those that suggestions of it name."""

    ticket: Ticket
    others: tuple[Beside, ...]


class SuggestionBook(Protocol):
    """Contract (tests/contract/test_suggestions.py). May raise VoicebotError ``db.…``.

    A ticket that is new, or tells another thing than before, is owed a comparison from the transaction on
    that made it so. Joining a group, merging, leaving and ending settle suggestions in their own transaction.
    """

    async def owed(self, now: datetime, limit: int) -> Sequence[TicketNo]:
        """Tickets to be compared, the longest owed first."""
        ...

    async def to_compare(self, ticket_no: TicketNo) -> ToCompare | None:
        """None when there is no such ticket."""
        ...

    async def keep(
        self, compared: Ticket, found: Weighing, spots: Sequence[SpotKey], at: datetime
    ) -> Sequence[Suggestion]:
        """Stores what a comparison found, and that it was made, in one transaction; those that are new.

        What somebody decided stays; what is unlikely now and undecided goes; nothing is suggested of tickets
        that are no longer open or are together meanwhile. A ticket that has changed meanwhile stays owed.
        """
        ...

    async def put_off(self, ticket_no: TicketNo, until: datetime) -> None:
        """Not to be compared before."""
        ...

    async def of_ticket(self, ticket_no: TicketNo) -> Sequence[tuple[Suggestion, Ticket]]:
        """Suggestions about a ticket that have not lapsed, with the ticket beside it: undecided ones first,
        the likeliest first, of equals the oldest."""
        ...

    async def leads(self, ticket_no: TicketNo) -> bool:
        """Whether a group hangs on it."""
        ...

    async def refuse(
        self,
        ticket_no: TicketNo,
        other: TicketNo,
        by: str,
        why: str,
        at: datetime,
        expected: int | None = None,
    ) -> Suggestion:
        """Another matter: kept, and never suggested again. Once is enough.

        Args:
            expected: version of `ticket_no` that was seen.

        Raises:
            StaleTicket: ``ticket.stale``.
            VoicebotError: ``ticket.no_suggestion``, ``ticket.illegal_move``: they are together.
        """
        ...

    async def reopen(
        self,
        ticket_no: TicketNo,
        other: TicketNo,
        by: str,
        why: str,
        at: datetime,
        expected: int | None = None,
    ) -> Suggestion:
        """Takes a refusal back; who did and why stays with it. Raises as `refuse` when it was none."""
        ...


def no_suggestion(ticket_no: TicketNo, other: TicketNo) -> VoicebotError:
    return VoicebotError("ticket.no_suggestion", f"工单{ticket_no}和{other}没有可能是同一件事的建议")
