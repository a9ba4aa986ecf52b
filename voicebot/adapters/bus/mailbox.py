"""What one subscriber has not read yet."""

import asyncio
from collections import deque
from typing import Final

Message = tuple[str, bytes]

CAPACITY: Final = 1000


class Mailbox:
    """A bounded queue that never blocks the sender: a slow reader loses the oldest messages.

    Args:
        capacity: messages kept.
    """

    def __init__(self, capacity: int = CAPACITY) -> None:
        self._messages: deque[Message] = deque(maxlen=capacity)
        self._changed = asyncio.Event()
        self._closed = False
        self.lost = 0

    def put(self, subject: str, body: bytes) -> None:
        if self._closed:
            return
        if len(self._messages) == self._messages.maxlen:
            self.lost += 1
        self._messages.append((subject, body))
        self._changed.set()

    def close(self) -> None:
        """Readers get what is left, then the end."""
        self._closed = True
        self._changed.set()

    async def get(self) -> Message | None:
        """The oldest message; None once closed and empty."""
        while not self._messages:
            if self._closed:
                return None
            self._changed.clear()
            await self._changed.wait()
        return self._messages.popleft()
