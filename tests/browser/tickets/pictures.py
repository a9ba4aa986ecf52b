"""Draws the pictures of docs/tickets-desk.md: ``python -m tests.browser.tickets.pictures docs/images``."""

import asyncio
import sys
import tempfile
from datetime import timedelta
from pathlib import Path

from playwright.async_api import async_playwright

from tests.browser.conftest import ARGUMENTS, CHROMIUM
from tests.browser.tickets.kit import ACCOUNTS, ticket_desk
from tests.browser.tickets.site import Site
from voicebot.adapters.db.calls import SqlCalls
from voicebot.bootstrap.demo import show
from voicebot.tickets.listing import WORK_LISTS, WorkList
from voicebot.tickets.ticket import TicketAction as A

LAMPS = {
    "title": "柳荫路路灯不亮",
    "content": "柳荫路从菜市场到小学那一段路灯全不亮，晚上孩子放学看不见路",
    "address": "柳荫路",
    "occurred": "这两天晚上",
}
QUIET = 1500
"""ms until a page has drawn what comes later."""


async def draw(target: Path) -> None:
    with tempfile.TemporaryDirectory() as folder:
        async with ticket_desk(Path(folder)) as (port, desk), async_playwright() as playwright:
            await show(desk.database, desk.clock, 60)
            for caller in range(6):
                await desk.file(timedelta(hours=caller), **LAMPS, phone=f"1360000{caller:04}")
            await desk.compare()
            desk.calls.call = SqlCalls(desk.database, desk.clock).call  # type: ignore[method-assign]
            browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
            site = Site(port, desk, browser)
            page = await site.window("pai")
            await page.wait_for_timeout(QUIET)
            await page.keyboard.press("j")
            await page.screenshot(path=target / "tickets-list.png")
            waiting = await desk.work.page(ACCOUNTS["pai"], WORK_LISTS[WorkList.TO_DISPATCH])
            number = next(ticket.ticket_no for ticket in waiting.tickets if ticket.call_id)
            await page.goto(f"{site.url}/tickets/{number}")
            await page.locator(f"button[data-action={A.DISPATCH}]").click()
            await page.wait_for_timeout(QUIET)
            await page.screenshot(path=target / "tickets-dispatch.png")
            await page.goto(f"{site.url}/tickets/{number}/print")
            await page.screenshot(path=target / "tickets-slip.png", full_page=True)
            likely = await desk.work.page(ACCOUNTS["pai"], WORK_LISTS[WorkList.LIKELY_GROUPS])
            await page.goto(f"{site.url}/tickets/{likely.tickets[0].ticket_no}")
            await page.wait_for_timeout(QUIET)
            await page.screenshot(path=target / "tickets-similar.png")
            await browser.close()


if __name__ == "__main__":
    asyncio.run(draw(Path(sys.argv[1])))
