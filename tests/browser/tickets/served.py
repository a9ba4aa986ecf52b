"""Serves the pages in a process of its own, so that a test can kill it: ``python -m … FOLDER PORT``."""

import asyncio
import sys
from pathlib import Path

import uvicorn

from tests.browser.tickets.kit import Desk
from voicebot.adapters.db.database import Database
from voicebot.web.app import server_config
from voicebot.web.shell.mount import pages_running


async def serve(folder: Path, port: int) -> None:
    database = await Database.open(folder / "hotline.sqlite3")
    desk = Desk(database, folder)
    desk.web.accounts.sessions["session-0"] = "li"
    async with pages_running():
        await uvicorn.Server(server_config(desk.app, port=port)).serve()


if __name__ == "__main__":
    asyncio.run(serve(Path(sys.argv[1]), int(sys.argv[2])))
