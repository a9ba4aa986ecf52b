"""Test calls of everything that is live: made once for each revision, however many look at the list."""

import asyncio
from dataclasses import dataclass

from voicebot.core.errors import VoicebotError
from voicebot.core.problem import ContentError
from voicebot.dialogue.trying.coverage import Report
from voicebot.web.flows.desk import FlowDesk, local_now, tried


@dataclass(frozen=True)
class Tried:
    """`report` None and `why` when the calls could not be made."""

    revision: int
    report: Report | None
    why: str = ""


class LiveTests:
    """A memory of the last result; what it says can be had again at any time."""

    def __init__(self, desk: FlowDesk) -> None:
        self._desk = desk
        self._lock = asyncio.Lock()
        self._last: Tried | None = None

    async def result(self, *, again: bool = False) -> Tried:
        """Seconds of CPU in a thread when something was released since, or `again`."""
        async with self._lock:
            if self._last is None or again or self._last.revision != await self._desk.store.revision():
                self._last = await self._try()
            return self._last

    async def _try(self) -> Tried:
        live = await self._desk.store.live()
        try:
            brain = await asyncio.to_thread(self._desk.load, live.texts)
            at = local_now(self._desk, brain)
            return Tried(live.revision, await asyncio.to_thread(tried, brain, live.texts, at))
        except ContentError as error:
            return Tried(live.revision, None, str(error.problems[0]))
        except VoicebotError as error:
            return Tried(live.revision, None, error.message)
