"""A process that files tickets as fast as it can and prints each number once it may be spoken.

python ticket_writer.py DATABASE COUNT NAME     (COUNT 0: until it is killed)
"""

import asyncio
import os
import sys
from pathlib import Path

from tests.fakes.demands import lamp
from voicebot.adapters.db.database import Database
from voicebot.adapters.db.tickets import SqlTicketStore
from voicebot.adapters.wall_clock import WallClock
from voicebot.core.ids import CallId
from voicebot.operations.ticket_desk import TicketDesk


async def main(path: Path, count: int, name: str) -> None:
    database = await Database.open(path)
    desk = TicketDesk(SqlTicketStore(database), WallClock())
    done = 0
    while done < count or not count:
        done += 1
        matter = lamp(call_id=CallId(f"{name}-{done}"), phone=f"1{os.getpid() % 100000:05d}{done:05d}")
        print((await desk.file(matter)).ticket_no, flush=True)  # noqa: T201
    await database.close()


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3]))
