"""Several line processes on one database: each change is released once."""

import asyncio
import shutil
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from tests.unit.operations.kit import MAIN, TEXTS, TICKET, needs
from voicebot.adapters.db.content import SqlContentStore
from voicebot.adapters.db.database import Database
from voicebot.adapters.db.outbox import Outbox
from voicebot.adapters.files.folder import WatchedFolder
from voicebot.adapters.wall_clock import WallClock
from voicebot.operations.content_folder import FolderKeeper
from voicebot.operations.publishing import Publisher

pytestmark = pytest.mark.integration

LINES = 4


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "content/ivr_flows").mkdir(parents=True)
    for path, text in TEXTS.items():
        (tmp_path / "content" / path).write_text(text, "utf-8")
    return tmp_path / "content"


def keeper(database: Database, folder: Path) -> FolderKeeper:
    store = SqlContentStore(database, WallClock())
    return FolderKeeper(WatchedFolder(folder, quiet=0), store, Publisher(store, needs), WallClock())


async def test_lines_that_start_at_once_and_see_the_same_change(folder: Path, tmp_path: Path) -> None:
    async with AsyncExitStack() as stack:
        opened = [await Database.open(tmp_path / "hotline.sqlite3") for _ in range(LINES)]
        for database in opened:
            stack.push_async_callback(database.close)
        copy = tmp_path / "another node"
        shutil.copytree(folder, copy)
        keepers = [keeper(database, folder) for database in opened[1:]] + [keeper(opened[0], copy)]
        store = SqlContentStore(opened[0], WallClock())

        began = await asyncio.gather(*(one.look() for one in keepers))
        assert (sorted(began), await store.revision()) == ([False] * (LINES - 1) + [True], 1)

        (folder / TICKET).write_text("questions 2\n", "utf-8")
        await asyncio.gather(*(one.look() for one in keepers))
        assert await store.revision() == 2
        await Publisher(store, needs).rollback(TICKET, author="li", note="")
        (copy / MAIN).write_text(TEXTS[MAIN] + "odd\n", "utf-8")
        await asyncio.gather(*(one.look() for one in keepers))
        live = await store.live()
        assert (live.revision, live.texts[TICKET]) == (4, TEXTS[TICKET])
        subjects = [row.subject for row in await Outbox(opened[0]).pending(10)]
        assert subjects == ["content.released"] * 4
