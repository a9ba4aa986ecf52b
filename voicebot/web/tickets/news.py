"""Tells open pages that tickets have changed."""

import json
from collections.abc import Callable
from typing import Final

from voicebot.operations.bus import Bus

SUBJECTS: Final = "ticket.>"

Listener = Callable[[str], None]
"""Is told the number of a ticket that has changed, "" when that is not known; must be quick."""


class TicketNews:
    """One subscription for all pages of a process."""

    def __init__(self) -> None:
        self._listeners: set[Listener] = set()

    def listen(self, listener: Listener) -> Callable[[], None]:
        """From now on; the result ends it."""
        self._listeners.add(listener)
        return lambda: self._listeners.discard(listener)

    def tell(self, ticket_no: str) -> None:
        for listener in tuple(self._listeners):
            listener(ticket_no)

    async def follow(self, bus: Bus) -> None:
        """Passes on what the bus carries, until cancelled."""
        async for _, body in bus.subscribe(SUBJECTS):
            self.tell(_number(body))


def _number(body: bytes) -> str:
    try:
        found = json.loads(body).get("ticket_no", "")
    except (ValueError, AttributeError):
        return ""
    return found if isinstance(found, str) else ""
