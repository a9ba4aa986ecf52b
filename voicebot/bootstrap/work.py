"""Wires the work of people and other systems on tickets."""

from collections.abc import Callable
from datetime import timedelta
from typing import Final

from voicebot.adapters.db.database import Database
from voicebot.adapters.db.ticket_access import SqlAccessLog
from voicebot.adapters.db.ticket_lists import SqlTicketLists
from voicebot.adapters.db.tickets import SqlTicketStore
from voicebot.core.clock import Clock
from voicebot.operations.dispatching import Dispatching
from voicebot.operations.live_directory import LiveDirectory
from voicebot.operations.periodic import Task
from voicebot.operations.ticket_access import WatchOptions
from voicebot.operations.ticket_desk import TicketDesk
from voicebot.operations.ticket_work import TicketWork
from voicebot.tickets.deadlines import Deadlines
from voicebot.tickets.directory import Directory

LOOK: Final = timedelta(seconds=2)
"""How soon a published directory counts."""


def ticket_work(
    database: Database,
    clock: Clock,
    directory: Callable[[], Directory] = Directory,
    deadlines: Callable[[], Deadlines] = Deadlines,
    watch: WatchOptions | None = None,
) -> tuple[TicketWork, Dispatching]:
    """On the tickets of a database; and what dispatches those that it files (`run` or `drain` it)."""
    store, lists = SqlTicketStore(database), SqlTicketLists(database, clock)
    dispatching = Dispatching(store, lists, clock, directory, deadlines)
    desk = TicketDesk(store, clock, deadlines, dispatching)
    log = SqlAccessLog(database, watch)
    return TicketWork(store, lists, log, desk, clock, directory, deadlines), dispatching


def follow(directory: LiveDirectory) -> Task:
    """Keeps the directory what is published."""
    return Task("directory.follow", LOOK, directory.refresh, everywhere=True)
