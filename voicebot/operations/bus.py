"""The port to the message bus between our processes.

The bus only carries: truth is a row in the database, written with its event in one transaction
(outbox) before anything is published.
"""

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Protocol

Handler = Callable[[bytes], Awaitable[bytes]]


class Bus(Protocol):
    """Subjects are dotted, e.g. ``call.closed``; ``*`` matches one word, ``>`` the rest."""

    async def publish(self, subject: str, body: bytes) -> None: ...

    def subscribe(self, subject: str) -> AsyncIterator[tuple[str, bytes]]:
        """(subject, body) of each message from now on; slow readers lose the oldest of 1,000."""
        ...

    async def serve(self, subject: str, handler: Handler) -> None:
        """Answers requests on `subject` until the bus is closed."""
        ...

    async def request(self, subject: str, body: bytes, timeout: float) -> bytes:
        """Raises VoicebotError ``bus.timeout`` (retryable) when nobody answers in `timeout` s."""
        ...

    async def close(self) -> None: ...
