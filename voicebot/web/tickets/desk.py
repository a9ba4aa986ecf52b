"""What the pages for tickets are built on."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from voicebot.calls.records import CallReader
from voicebot.core.clock import Clock
from voicebot.operations.own_notes import OwnNotes
from voicebot.operations.ticket_work import TicketWork
from voicebot.operations.unreached import Unreached
from voicebot.tickets.deadlines import Deadlines
from voicebot.tickets.directory import Directory
from voicebot.tickets.dispatch import Suggestion
from voicebot.tickets.ticket import Ticket
from voicebot.web.tickets.news import TicketNews

Suggest = Callable[[Ticket], Awaitable[Sequence[Suggestion]]]
"""Who may be in charge of a ticket, best first."""


@dataclass(frozen=True, slots=True)
class TicketPages:
    """Ports of the pages, which have no state of their own.

    Args:
        directory, deadlines: as they are now; content may change while we run.
    """

    work: TicketWork
    notes: OwnNotes
    calls: CallReader
    clock: Clock
    directory: Callable[[], Directory]
    deadlines: Callable[[], Deadlines]
    suggest: Suggest
    news: TicketNews
    unreached: Unreached
