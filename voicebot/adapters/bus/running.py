"""Which flows the running calls are in, asked of the line over ``calls.running``."""

import json
from collections.abc import Callable, Collection, Mapping
from typing import Final

from voicebot.core.errors import VoicebotError
from voicebot.operations.bus import Bus
from voicebot.operations.outcomes import OutcomeReader, Outcomes, Running

SUBJECT: Final = "calls.running"
PATIENCE: Final = 1.0


async def serve_running(bus: Bus, read: Callable[[], tuple[int, Mapping[str, int]]]) -> None:
    """Answers from now on; `read` gives all calls and flow → those that are in it, and must not block."""

    async def handler(_body: bytes) -> bytes:
        calls, flows = read()
        return json.dumps({"calls": calls, "flows": dict(flows)}, ensure_ascii=False).encode()

    await bus.serve(SUBJECT, handler)


class BusOutcomes:
    """Implements `voicebot.operations.outcomes.OutcomeReader`: what runs is asked of the line (of one
    line process where there are several), what has ended is read.

    Args:
        stored: answers the rest, and when no line does.
    """

    def __init__(self, bus: Bus, stored: OutcomeReader) -> None:
        self._bus = bus
        self._stored = stored

    async def outcomes(self, contents: Collection[str]) -> Mapping[str, Outcomes]:
        return await self._stored.outcomes(contents)

    async def running(self, flow: str) -> Running:
        try:
            found = json.loads(await self._bus.request(SUBJECT, b"", PATIENCE))
            return Running(int(found["calls"]), int(found["flows"].get(flow, 0)))
        except (VoicebotError, ValueError, KeyError, TypeError, AttributeError):
            return await self._stored.running(flow)
