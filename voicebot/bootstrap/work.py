"""Wires the work of people and other systems on tickets."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from voicebot.adapters.db.accounts import SqlAccounts
from voicebot.adapters.db.content import SqlContentStore
from voicebot.adapters.db.database import Database
from voicebot.adapters.db.ticket_access import SqlAccessLog
from voicebot.adapters.db.ticket_lists import SqlTicketLists
from voicebot.adapters.db.tickets import SqlTicketStore
from voicebot.adapters.db.unreached import SqlNotReached
from voicebot.adapters.wall_clock import WallClock
from voicebot.bootstrap.process import open_database
from voicebot.core.clock import Clock
from voicebot.core.errors import VoicebotError
from voicebot.operations.dispatching import PATIENCE, Dispatching
from voicebot.operations.live_deadlines import LiveDeadlines
from voicebot.operations.live_directory import LiveDirectory
from voicebot.operations.periodic import Task
from voicebot.operations.ports import Account
from voicebot.operations.ticket_access import WatchOptions
from voicebot.operations.ticket_desk import TicketDesk
from voicebot.operations.ticket_exchange import TicketExchange
from voicebot.operations.ticket_work import TicketWork
from voicebot.operations.unreached import Unreached
from voicebot.settings import Settings
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
    waits: timedelta = timedelta(0),
) -> tuple[TicketWork, Dispatching]:
    """On the tickets of a database; and what dispatches those that it files (`run` or `drain` it).

    Args:
        waits: how long a ticket whose unit is not plain is left to the line, which understands texts.
    """
    store, lists = SqlTicketStore(database), SqlTicketLists(database, clock)
    dispatching = Dispatching(store, lists, clock, directory, deadlines, waits=waits)
    desk = TicketDesk(store, clock, deadlines, dispatching)
    log = SqlAccessLog(database, watch)
    return TicketWork(store, lists, log, desk, clock, directory, deadlines), dispatching


def follow(directory: LiveDirectory) -> Task:
    """Keeps the directory what is published."""
    return Task("directory.follow", LOOK, directory.refresh, everywhere=True)


@dataclass(frozen=True, slots=True)
class Office:
    """What commands about tickets work with."""

    work: TicketWork
    exchange: TicketExchange
    dispatching: Dispatching
    unreached: Unreached
    accounts: SqlAccounts

    async def account(self, name: str) -> Account:
        """Raises VoicebotError ``account.unknown``."""
        for account in await self.accounts.accounts():
            if account.name == name:
                return account
        raise VoicebotError(
            "account.unknown", f"没有账号 {name}：用 --as 写一个，或者 voicebot account add 新建"
        )


@asynccontextmanager
async def open_office(settings: Settings) -> AsyncIterator[Office]:
    """With the directory and the deadlines that are published."""
    clock = WallClock()
    async with open_database(settings) as database:
        content = SqlContentStore(database, clock)
        directory, deadlines = LiveDirectory(content), LiveDeadlines(content)
        await directory.refresh()
        await deadlines.refresh()
        work, dispatching = ticket_work(database, clock, directory, deadlines, waits=PATIENCE)
        exchange = TicketExchange(work, SqlAccessLog(database), clock)
        unreached = Unreached(SqlNotReached(database), SqlTicketStore(database), clock)
        yield Office(work, exchange, dispatching, unreached, SqlAccounts(database, clock))
