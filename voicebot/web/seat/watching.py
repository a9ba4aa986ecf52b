"""Keeps an open console up to date: at once when its seat or its call changes."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from typing import Final

from nicegui import background_tasks, ui

from voicebot.core.errors import VoicebotError
from voicebot.operations.seat_news import SeatNews

ANYWAY: Final = 5.0
"""Seconds after which it looks again though nobody told it anything."""


class SeatWatch:
    """Calls `refresh` on the page it is made on, one call after the other, until the page is gone.

    Args:
        key: a seat, or "" for everything. least: seconds between two looks, however much is told.
    """

    def __init__(
        self, news: SeatNews, refresh: Callable[[], Awaitable[None]], key: str, least: float = 0.0
    ) -> None:
        self._news = news
        self._refresh = refresh
        self._least = least
        self._key = key
        self._call = ""
        self._changed = asyncio.Event()
        self._page = ui.context.client.content
        client = ui.context.client
        self._tasks = [background_tasks.create(self._run()), background_tasks.create(self._hear(key))]
        self._calling: asyncio.Task[None] | None = None
        client.on_delete(self._end)

    def also(self, call_id: str) -> None:
        """From now on what happens to this call counts too; "" for none."""
        if call_id == self._call:
            return
        self._call = call_id
        if self._calling is not None:
            self._calling.cancel()
        self._calling = background_tasks.create(self._hear(call_id)) if call_id else None

    def look(self) -> None:
        self._changed.set()

    async def _hear(self, key: str) -> None:
        with self._news.listening(key) as ear:
            while True:
                await ear.wait(ANYWAY)
                self._changed.set()

    async def _run(self) -> None:
        while True:
            await self._changed.wait()
            self._changed.clear()
            try:
                with self._page:
                    await self._refresh()
            except VoicebotError as error:  # busy for a moment: the next look tries again
                if not error.retryable:
                    raise
            if self._least:
                await asyncio.sleep(self._least)

    def _end(self) -> None:
        for task in (*self._tasks, self._calling):
            if task is not None:
                with contextlib.suppress(RuntimeError):
                    task.cancel()
