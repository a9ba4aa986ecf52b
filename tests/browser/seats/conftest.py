"""One served hall of seats and one Chromium for all tests of this folder."""

import contextlib
from collections.abc import AsyncIterator

import pytest_asyncio
from playwright.async_api import async_playwright, expect

from tests.browser.conftest import ARGUMENTS, CHROMIUM
from tests.browser.seats.kit import Hall, seat_hall
from tests.browser.tickets.site import SLOW, Site
from voicebot.web.seat import console_page


class SeatSite(Site):
    """Windows of operators."""

    hall: Hall


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def site() -> AsyncIterator[SeatSite]:
    expect.set_options(timeout=SLOW)
    console_page.HEAR = 0.3  # type: ignore[misc]  # pages look sooner, so that tests wait less
    console_page.ADVISE = 0.5  # type: ignore[misc]
    async with contextlib.AsyncExitStack() as stack:
        port, hall = await stack.enter_async_context(seat_hall())
        playwright = await stack.enter_async_context(async_playwright())
        more = ["--use-fake-ui-for-media-stream"]
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=[*ARGUMENTS, *more])
        made = SeatSite(port, hall, browser)  # type: ignore[arg-type]
        made.hall = hall
        try:
            yield made
        finally:
            await browser.close()


@pytest_asyncio.fixture(loop_scope="module", autouse=True)
async def windows_close(site: SeatSite) -> AsyncIterator[None]:
    yield
    await site.close_windows()
    site.hall.store.by_id.clear()
    site.hall.store.calls.clear()
    site.hall.talks.orders.clear()
    site.hall.forget_tickets()
    complaints, site.complaints = site.complaints, []
    assert complaints == []
