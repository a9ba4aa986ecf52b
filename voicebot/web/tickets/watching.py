"""Keeps an open page up to date: at once when tickets change, and as time passes."""

from collections.abc import Awaitable, Callable
from typing import Final

from nicegui import ui

from voicebot.core.errors import VoicebotError
from voicebot.web.tickets.who import Visit

LOOK: Final = 1.5
"""Seconds between looks whether something was told; many changes at once are drawn once."""
ANYWAY: Final = 60.0
"""Seconds after which what is left of a deadline is written anew."""


class Watch:
    """Calls `refresh` on the page it is made on.

    Args:
        only: number of the one ticket that matters, "" for all.
    """

    def __init__(self, visit: Visit, refresh: Callable[[], Awaitable[None]], only: str = "") -> None:
        self._clock = visit.desk.clock
        self._refresh = refresh
        self._only = only
        self._told = False
        self._drawn = self._clock.monotonic()
        ui.context.client.on_delete(visit.desk.news.listen(self._hear))
        ui.timer(LOOK, self._look, immediate=False)

    def _hear(self, ticket_no: str) -> None:
        self._told |= not self._only or ticket_no in ("", self._only)

    async def _look(self) -> None:
        now = self._clock.monotonic()
        if not self._told and now - self._drawn < ANYWAY:
            return
        self._told, self._drawn = False, now
        try:
            await self._refresh()
        except VoicebotError as error:  # busy for a moment: the next look tries again
            if not error.retryable:
                raise
            self._told = True
