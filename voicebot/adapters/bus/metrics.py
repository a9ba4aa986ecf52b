"""Figures of one process, asked for by another over ``metrics.<part>``."""

from collections.abc import Callable

from voicebot.core.errors import VoicebotError
from voicebot.operations.bus import Bus

PATIENCE = 1.0


async def serve_metrics(bus: Bus, name: str, read: Callable[[], str]) -> None:
    """Answers for part `name` from now on with Prometheus text; `read` must not block."""

    async def handler(_body: bytes) -> bytes:
        return read().encode()

    await bus.serve(f"metrics.{name}", handler)


class BusMetrics:
    """The figures of part `name`; "" when it does not answer."""

    def __init__(self, bus: Bus, name: str) -> None:
        self._bus = bus
        self._name = name

    async def text(self) -> str:
        try:
            return (await self._bus.request(f"metrics.{self._name}", b"", PATIENCE)).decode()
        except VoicebotError:
            return ""
