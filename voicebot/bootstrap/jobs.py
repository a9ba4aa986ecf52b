"""Wires timed work.

It runs in the web process: there tickets are worked on, and a morning on which thousands of deadlines pass
at once must not stand beside the sound of calls. Call-backs, which ring, belong to the line.
"""

import os
import socket
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Final
from uuid import uuid4

from voicebot.adapters.db.database import Database
from voicebot.adapters.db.leases import SqlLeases
from voicebot.adapters.db.retention import Retention
from voicebot.adapters.db.ticket_clocks import SqlDueClocks
from voicebot.adapters.db.tickets import SqlTicketStore
from voicebot.core.clock import Clock
from voicebot.operations.live_deadlines import LiveDeadlines
from voicebot.operations.periodic import JobOptions, Periodic, Task
from voicebot.operations.retention import KeepOptions
from voicebot.operations.scheduler import TicketScheduler

LOOK: Final = timedelta(seconds=2)
"""How soon published deadlines count."""
DAILY: Final = timedelta(hours=24)


class Jobs:
    """The timed work of one process and its figures."""

    def __init__(self, periodic: Periodic, scheduler: TicketScheduler) -> None:
        self._periodic = periodic
        self._scheduler = scheduler

    async def run(self) -> None:
        """Until cancelled."""
        await self._periodic.run()

    def metrics(self) -> str:
        return self._scheduler.metrics() + self._periodic.metrics()


def ticket_jobs(
    options: JobOptions,
    database: Database,
    store: SqlTicketStore,
    deadlines: LiveDeadlines,
    clock: Clock,
    more: Sequence[Task] = (),
) -> Jobs:
    """Deadlines and the archive, and what else is to be done now and then.

    Args:
        more: further tasks, e.g. of dispatch.
    """
    scheduler = TicketScheduler(SqlDueClocks(database, store), store, deadlines, clock)
    follow = Task("deadlines.follow", LOOK, deadlines.refresh, everywhere=True)
    wanted = (follow, *scheduler.tasks(), *more)
    tasks = [task for task in wanted if options.run or task.everywhere]
    return Jobs(Periodic(tasks, SqlLeases(database), clock, node_name(), options), scheduler)


def purging(database: Database, recordings: Path, options: KeepOptions, clock: Clock) -> Task:
    """Removes what of people was kept long enough, once a day."""
    retention = Retention(database, recordings, options)

    async def work() -> bool:
        await retention.run(clock.now())
        return False

    return Task("retention", DAILY, work, limit=timedelta(hours=2))


def node_name() -> str:
    """Of this process, and of no other that ever was."""
    return f"{socket.gethostname()[:20]}:{os.getpid()}:{uuid4().hex[:16]}"
