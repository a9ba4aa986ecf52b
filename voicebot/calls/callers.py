"""What is known of a caller by which the queue serves them sooner."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from typing import Final

import structlog

from voicebot.core.catalogue import CityProfile
from voicebot.core.errors import VoicebotError
from voicebot.core.ids import QueueName
from voicebot.seats.contact import Contact

log = structlog.get_logger(__name__)

ELDERS: Final = QueueName("长者")
BUSINESS: Final = QueueName("企业")
"""Queues whose callers are of that kind, whether the city lists their number or not."""
WITHIN: Final = 1.0
"""Seconds after which a caller waits without their earlier calls being counted."""


@dataclass(frozen=True, slots=True)
class CallerBook:
    """One per line process.

    Args:
        city: as it is published now; lists numbers of elders and enterprises. earlier: calls of a number
            lately.
    """

    city: Callable[[], CityProfile]
    earlier: Callable[[str], Awaitable[int]]

    async def noted(self, contact: Contact, number: str) -> Contact:
        """The contact with the kind of its caller and how often they have called; a store that is away or
        slow keeps nobody waiting."""
        kind = self.city().caller_class(number)
        return replace(
            contact,
            elder=kind == "elder" or contact.queue == ELDERS,
            enterprise=kind == "enterprise" or contact.queue == BUSINESS,
            repeat=await self._earlier(number) if number else 0,
        )

    async def _earlier(self, number: str) -> int:
        try:
            async with asyncio.timeout(WITHIN):
                return await self.earlier(number)
        except (VoicebotError, TimeoutError) as error:
            log.warning("earlier calls not known", error=str(error) or "timeout")
            return 0
