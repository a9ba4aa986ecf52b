"""Windows of people who work with tickets."""

import os
from pathlib import Path
from typing import Final

from playwright.async_api import Browser, BrowserContext, Page, ViewportSize

from tests.browser.tickets.kit import Desk

SCREEN: Final = ViewportSize(width=1366, height=768)
PICTURES: Final = os.environ.get("VOICEBOT_TEST_PICTURES", "")
"""Where pictures of the pages go, e.g. docs/images; nowhere when empty."""
SLOW: Final = 15_000
"""ms, on a busy machine."""


class Site:
    """The served pages and a browser; what pages complain of is collected."""

    def __init__(self, port: int, desk: Desk, browser: Browser) -> None:
        self.url = f"http://127.0.0.1:{port}"
        self.desk = desk
        self.browser = browser
        self.complaints: list[str] = []
        self._contexts: dict[tuple[str, int], BrowserContext] = {}

    async def window(self, name: str, path: str = "/tickets/", size: ViewportSize = SCREEN) -> Page:
        """A window in which `name` is signed in; those of one person share what a browser keeps."""
        at = (name, size["width"])
        if at not in self._contexts:
            self._contexts[at] = await self.browser.new_context(viewport=size, locale="zh-CN")
            session = await self.desk.web.accounts.sign_in(name, "pw")
            assert session is not None
            cookie = {"name": "voicebot_session", "value": session, "url": self.url}
            await self._contexts[at].add_cookies([cookie])  # type: ignore[list-item]
        page = await self._contexts[at].new_page()
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("console", self._listen)
        await page.goto(self.url + path)
        return page

    async def close_windows(self) -> None:
        for context in self._contexts.values():
            for page in context.pages:
                await page.close()

    def _listen(self, message: object) -> None:
        text = str(getattr(message, "text", ""))
        if getattr(message, "type", "") == "error" and "Failed to load resource" not in text:
            self.complaints.append(text)


async def picture(page: Page, name: str) -> None:
    if PICTURES:
        await page.screenshot(path=Path(PICTURES) / name)
