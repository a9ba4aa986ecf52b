"""What happened to tickets, in order: event streams and webhooks of other systems read on from an id."""

import asyncio
from collections.abc import Coroutine, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Protocol, TypeVar

from voicebot.core.clock import Clock

T = TypeVar("T")
LOOK: Final = 0.5
"""Seconds between looks for news; one process looks once for all who wait."""


@dataclass(frozen=True, slots=True)
class FeedEvent:
    """One event; holds no personal data.

    Args:
        id: grows; whoever has seen it has seen all before it. subject: ``ticket.sign``.
        body: ``ticket_no``, ``seq``, ``actor``, ``before``, ``after``, ``department`` …
    """

    id: int
    at: datetime
    subject: str
    body: Mapping[str, Any]

    @property
    def department(self) -> str | None:
        return self.body.get("department")


class EventFeed(Protocol):
    """Contract (tests/contract/test_webhooks.py). May raise VoicebotError ``db.…``."""

    def after(self, id_: int, limit: int) -> Coroutine[Any, Any, Sequence[FeedEvent]]:
        """Events behind one, oldest first."""
        ...

    def one(self, id_: int) -> Coroutine[Any, Any, FeedEvent | None]: ...

    def last(self) -> Coroutine[Any, Any, int]:
        """Id of the newest; 0 when there is none."""
        ...


async def whole(look: Coroutine[Any, Any, T]) -> T:
    """A look that runs to its end although who waits for it is cancelled: a query that is broken off costs
    its connection, and a web server cancels again and again until it gets its way."""
    return await asyncio.shield(asyncio.ensure_future(look))


class FeedWatch:
    """Waits for news; any number may wait on one."""

    def __init__(self, feed: EventFeed, clock: Clock) -> None:
        self._feed = feed
        self._clock = clock
        self._last = 0
        self._looked = float("-inf")
        self._looking = asyncio.Lock()

    async def news(self, after: int, seconds: float) -> bool:
        """True as soon as there is an event behind `after`; False when `seconds` have passed without."""
        end = self._clock.monotonic() + seconds
        while await self._newest() <= after:
            if self._clock.monotonic() + LOOK > end:
                return False
            await asyncio.sleep(LOOK)
        return True

    async def _newest(self) -> int:
        async with self._looking:
            if self._clock.monotonic() - self._looked >= LOOK:
                self._last = await whole(self._feed.last())
                self._looked = self._clock.monotonic()
            return self._last
