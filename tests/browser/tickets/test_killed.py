"""The web process is killed while somebody writes: nothing of it is lost."""

import asyncio
import contextlib
import os
import socket
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import async_playwright, expect

from tests.browser.conftest import ARGUMENTS, CHROMIUM
from tests.browser.tickets.kit import Desk
from tests.browser.tickets.site import SLOW
from voicebot.adapters.db.database import Database
from voicebot.tickets.ticket import TicketAction as A

pytestmark = [
    pytest.mark.browser,
    pytest.mark.timeout(90),
    pytest.mark.skipif(CHROMIUM is None, reason="no chromium on this machine (Debian: apt install chromium)"),
]


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


@contextlib.asynccontextmanager
async def web_process(folder: Path, port: int) -> AsyncIterator[asyncio.subprocess.Process]:
    """Serving by the time it is given out; killed in the end."""
    arguments = ("-m", "tests.browser.tickets.served", str(folder), str(port))
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[3])}
    process = await asyncio.create_subprocess_exec(sys.executable, *arguments, env=environment)
    try:
        async with asyncio.timeout(40):
            while True:
                with contextlib.suppress(OSError):
                    _, writer = await asyncio.open_connection("127.0.0.1", port)
                    writer.close()
                    break
                assert process.returncode is None
                await asyncio.sleep(0.1)
        yield process
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.wait()


async def test_a_killed_server_loses_nothing_that_was_typed(tmp_path: Path) -> None:
    database = await Database.open(tmp_path / "hotline.sqlite3")
    desk = Desk(database, tmp_path)
    number = await desk.sent(title="写着写着断了")
    await desk.act("li", number, A.SIGN)
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        context = await browser.new_context(locale="zh-CN")
        await context.add_cookies([{"name": "voicebot_session", "value": "session-0", "url": url}])
        page = await context.new_page()
        box = page.get_by_label("给诉求人的答复")
        async with web_process(tmp_path, port) as process:
            await page.goto(f"{url}/tickets/{number}")
            await page.locator("button[data-action=reply]").click(timeout=SLOW)
            await box.fill("已经查过现场，")
            await expect(page.locator(".saved.note")).to_contain_text("草稿已存", timeout=SLOW)
            process.kill()
            await process.wait()
            await box.press_sequentially("明天上午修")  # the page does not know yet
            await expect(page.locator(".saved.note")).to_contain_text("连不上服务器", timeout=SLOW)
        async with web_process(tmp_path, port):
            await page.goto(f"{url}/tickets/{number}")
            await expect(box).to_have_value("已经查过现场，明天上午修", timeout=SLOW)
            await expect(page.locator(".saved.note")).to_contain_text("草稿已存", timeout=SLOW)
        await browser.close()
    (draft,) = await desk.notes.below("li", f"draft:{number}")
    assert draft.body["values"]["reply"] == "已经查过现场，明天上午修"
    await database.close()
