"""A supervisor of two dummies in a process of its own: ``supervise_dummies.py DIRECTORY``"""

import asyncio
import sys
from pathlib import Path

from tests.integration.ops.parts import dummy
from voicebot.adapters.supervisor import Supervisor


async def main(directory: Path) -> None:
    parts = [dummy("a", directory, "stubborn"), dummy("b", directory, "stubborn")]
    supervisor = Supervisor(parts, lambda event: None)

    async def ready() -> None:
        print("ready", flush=True)  # noqa: T201 - the test reads it

    await supervisor.run(asyncio.Event(), asyncio.Event(), ready)


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1])))
