"""A process that acts on the clocks of tickets until it is killed, and tells of every look.

python clock_worker.py WHERE KEY_FILE NAME
"""

import asyncio
import sys
from datetime import timedelta
from functools import partial
from pathlib import Path

from voicebot.adapters.db.database import Database
from voicebot.adapters.db.leases import SqlLeases
from voicebot.adapters.db.ticket_clocks import SqlDueClocks
from voicebot.adapters.db.tickets import SqlTicketStore
from voicebot.adapters.wall_clock import WallClock
from voicebot.operations.periodic import JobOptions, Periodic, Task
from voicebot.operations.scheduler import TicketScheduler
from voicebot.tickets.deadlines import Deadlines

QUICK = JobOptions(beat=0.1, still=0.4, longest=1.0)


async def main(where: str, key_file: Path, name: str) -> None:
    database = await Database.open(where, key_file)
    store = SqlTicketStore(database)
    scheduler = TicketScheduler(SqlDueClocks(database, store), store, Deadlines, WallClock())

    async def escalate(who: str) -> bool:
        done = await scheduler.escalate()
        print(who, "acted" if done else "idle", flush=True)  # noqa: T201
        return done

    tasks = [
        Task("tickets.clocks", timedelta(seconds=0.05), partial(escalate, "holder")),
        # without a lease as well: the rows alone must hold
        Task("everywhere", timedelta(seconds=0.05), partial(escalate, "anybody"), everywhere=True),
    ]
    await Periodic(tasks, SqlLeases(database), WallClock(), name, QUICK).run()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], Path(sys.argv[2]), sys.argv[3]))
