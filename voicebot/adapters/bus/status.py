"""Every part tells how it is on ``status.<part>``: the supervisor, `/readyz` and `doctor` ask there."""

import asyncio
import json
from collections.abc import Callable, Sequence
from typing import Final

from voicebot.core.errors import VoicebotError
from voicebot.operations.bus import Bus
from voicebot.operations.ports import PartStatus

PARTS: Final = ("line", "web", "recognition", "synthesis")
"""Names of the processes that `voicebot serve` runs."""

PATIENCE: Final = 1.0


async def serve_status(bus: Bus, name: str, read: Callable[[], PartStatus]) -> None:
    """Answers for part `name` from now on; `read` is asked each time and must not block."""

    async def handler(_body: bytes) -> bytes:
        status = read()
        return json.dumps({"ready": status.ready, "note": status.note}).encode()

    await bus.serve(f"status.{name}", handler)


async def ask_status(bus: Bus, name: str, timeout: float = PATIENCE) -> PartStatus:
    """How part `name` is; a silent or garbled one is not ready."""
    try:
        answer = json.loads(await bus.request(f"status.{name}", b"", timeout))
        return PartStatus(name, bool(answer["ready"]), str(answer["note"]))
    except VoicebotError as error:
        return PartStatus(name, False, "没有应答" if error.code == "bus.timeout" else error.message)
    except (ValueError, KeyError, TypeError):
        return PartStatus(name, False, "应答无法识别")


class BusStatusReader:
    """The port `StatusReader` over the bus."""

    def __init__(self, bus: Bus, names: Sequence[str] = PARTS) -> None:
        self._bus = bus
        self._names = tuple(names)

    async def parts(self) -> Sequence[PartStatus]:
        return await asyncio.gather(*(ask_status(self._bus, name) for name in self._names))
