"""Wires dispatch: the 派单目录 and the understanding of what serves calls."""

from collections.abc import Callable

from voicebot.adapters.db.database import Database
from voicebot.adapters.db.ticket_lists import SqlTicketLists
from voicebot.calls.brain import Brain
from voicebot.core.clock import Clock
from voicebot.operations.dispatching import Dispatching
from voicebot.tickets.ports import TicketStore


def open_dispatching(
    database: Database, store: TicketStore, clock: Clock, brain: Callable[[], Brain]
) -> Dispatching:
    """Dispatch by the content as it is at each ticket.

    Args:
        brain: what new calls are served with.
    """
    return Dispatching(
        store,
        SqlTicketLists(database, clock),
        clock,
        lambda: brain().directory,
        lambda: brain().deadlines,
        guess=lambda text: brain().understander.understand(text).departments,
    )
