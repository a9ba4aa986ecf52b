"""A process that files tickets one after the other and prints demand and number once it may be spoken.

python -m voicebot.cli.benches.tickets_writer WHERE KEY_FILE NAME FIRST COUNT  (COUNT 0: until it is killed)

WHERE is a path or a database URL. Its demands are NAME-FIRST and so on; a demand of the same name is
filed again, as a client does that never heard the answer.
"""

import asyncio
import itertools
import sys
import zlib
from dataclasses import replace
from pathlib import Path
from typing import Final

from voicebot.adapters.db.database import Database
from voicebot.adapters.db.tickets import SqlTicketStore
from voicebot.adapters.wall_clock import WallClock
from voicebot.core.ids import CallId
from voicebot.operations.demo import demand
from voicebot.operations.ticket_desk import TicketDesk

BREATH: Final = 0.01
"""Seconds between the filings of one that goes on until it is killed: others must be able to start."""


async def main(where: str, key_file: Path, name: str, first: int, count: int) -> None:
    database = await Database.open(where, key_file)
    desk = TicketDesk(SqlTicketStore(database), WallClock())
    caller = zlib.crc32(name.encode()) % 100_000
    for number in itertools.count(first) if not count else range(first, first + count):
        told = demand(number, CallId(f"{name}-{number}"))
        own = replace(told, phone=f"1{caller:05d}{number:05d}", origin_hotline="")
        print(own.call_id, (await desk.file(own)).ticket_no, flush=True)  # noqa: T201
        if not count:
            await asyncio.sleep(BREATH)
    await database.close()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], Path(sys.argv[2]), sys.argv[3], int(sys.argv[4]), int(sys.argv[5])))
