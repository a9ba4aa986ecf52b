"""A flow is edited, refused, published, rolled back while calls run, and the line is restarted."""

import asyncio
import contextlib
import os
import signal
import sqlite3
import subprocess
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from tests.integration.e2e.test_content import GREETING, NEW_GREETING, read, with_mistake, write
from tests.integration.web.kit import Phone, phone
from tests.peers.hotline import ROOT, VOICEBOT, Hotline, eventually
from voicebot.operations.content import digest_of

pytestmark = [pytest.mark.integration, pytest.mark.timeout(120)]

OLD, NEW = GREETING.strip(), NEW_GREETING.strip()
MAIN = "ivr_flows/main.yaml"
LIVE_WITHIN = 2.0
"""Seconds from saving to serving."""


@pytest.fixture
async def main_flow(running_hotline: Hotline) -> AsyncIterator[Path]:
    """As it was, afterwards; what is live is the same then, and the line has looked at it."""
    path = running_hotline.content / MAIN
    text = read(path)
    yield path
    write(path, text)
    await eventually(lambda: seen(running_hotline) == digest_of(text))


def seen(hotline: Hotline) -> str:
    """Digest of the file that the line looked at last."""
    with contextlib.closing(sqlite3.connect(hotline.data / "hotline.sqlite3")) as database:
        query = "SELECT digest FROM content_seen WHERE path = ?"
        return str(database.execute(query, (MAIN,)).fetchone()[0])


@asynccontextmanager
async def call(hotline: Hotline) -> AsyncIterator[Phone]:
    """A call from the phone page that has heard its greeting begin."""
    async with phone(hotline.http_port) as caller:
        await caller.say(type="start", caller="")
        await caller.message("caption", who="bot")
        yield caller
        await caller.say(type="hangup")


async def greeting(hotline: Hotline) -> str:
    """What the next caller hears first."""
    async with call(hotline) as caller:
        await caller.until(lambda p: words(p).endswith("？"))
        return words(caller)


def words(caller: Phone) -> str:
    """All that was said so far, as the page shows it."""
    return "".join(m["text"] for m in caller.messages if m["type"] == "caption" and m["who"] == "bot")


async def until_line_says(hotline: Hotline, what: str, there: bool = True) -> None:
    async with asyncio.timeout(20), hotline.api() as api:
        while (what in (await api.part("line"))["note"]) is not there:  # noqa: ASYNC110
            await asyncio.sleep(0.05)


async def flow(hotline: Hotline, *words: str) -> str:
    """`voicebot flow …` on the data of the running hotline."""
    done = await asyncio.to_thread(
        subprocess.run,
        [*VOICEBOT, "flow", *words],
        cwd=ROOT,
        env=hotline.environment,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


async def test_the_life_of_a_flow(running_hotline: Hotline, main_flow: Path) -> None:
    good = read(main_flow)
    async with call(running_hotline) as old_caller:
        changes = running_hotline.log().count("content.changed")
        began = time.monotonic()
        write(main_flow, good.replace(GREETING, NEW_GREETING))
        await eventually(lambda: running_hotline.log().count("content.changed") > changes)
        took = time.monotonic() - began
        print(f"saved → live: {took:.2f} s")  # noqa: T201
        assert took <= LIVE_WITHIN
        assert NEW in await greeting(running_hotline)

        heard = words(old_caller)
        await old_caller.say(type="text", text="你再说一遍")
        await old_caller.until(lambda p: words(p)[len(heard) :].endswith("？"))
        again = words(old_caller)[len(heard) :]
        assert OLD in again, "a running call keeps what it began with"

        wrong, line = with_mistake(read(main_flow))
        write(main_flow, wrong)
        await until_line_says(running_hotline, f"main.yaml:{line}")
        async with running_hotline.api() as api:
            assert (await api.part("line"))["ready"]
        assert NEW in await greeting(running_hotline)
        write(main_flow, good.replace(GREETING, NEW_GREETING))
        await until_line_says(running_hotline, "main.yaml", there=False)

        assert "回滚 ivr_flows/main.yaml" in await flow(running_hotline, "rollback", "main", "--note", "不行")
        changes += 1
        await eventually(lambda: running_hotline.log().count("content.changed") > changes)
        assert OLD in await greeting(running_hotline)

    killed = running_hotline.part_pid("line")
    os.kill(killed, signal.SIGKILL)
    await eventually(lambda: running_hotline.part_pid("line") != killed)
    await running_hotline.until_ready()
    assert NEW in read(main_flow)
    assert OLD in await greeting(running_hotline), "a restart does not bring it back"
    assert "目录里的文件与线上不同" in await flow(running_hotline, "history", "main")
