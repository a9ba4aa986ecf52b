"""A process that puts a new key in and seals everything anew, slowly, until it is done or killed.

python key_rotator.py WHERE KEY_FILE BATCH
"""

import asyncio
import sys
from pathlib import Path

from voicebot.adapters.db.database import Database
from voicebot.adapters.db.rotation import put_first, reseal


async def main(where: str, key_file: Path, batch: int) -> None:
    database = await Database.open(where, key_file)
    print((await put_first(key_file))[0], flush=True)  # noqa: T201
    for found in await reseal(database, batch):
        print(found.column, found.done, flush=True)  # noqa: T201
    await database.close()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], Path(sys.argv[2]), int(sys.argv[3])))
