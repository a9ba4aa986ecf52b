"""One served desk and one Chromium for all tests of this folder."""

import contextlib
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import async_playwright, expect

from tests.browser.conftest import ARGUMENTS, CHROMIUM
from tests.browser.tickets.kit import ticket_desk
from tests.browser.tickets.site import SLOW, Site
from voicebot.web.tickets import watching


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def site(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Site]:
    folder = tmp_path_factory.mktemp("desk")
    expect.set_options(timeout=SLOW)
    watching.LOOK = 0.3  # type: ignore[misc]  # pages look for news sooner, so that tests wait less
    async with contextlib.AsyncExitStack() as stack:
        port, desk = await stack.enter_async_context(ticket_desk(folder))
        playwright = await stack.enter_async_context(async_playwright())
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        try:
            yield Site(port, desk, browser)
        finally:
            await browser.close()


@pytest_asyncio.fixture(loop_scope="module", autouse=True)
async def windows_close(site: Site) -> AsyncIterator[None]:
    yield
    await site.close_windows()
    complaints, site.complaints = site.complaints, []
    assert complaints == []
