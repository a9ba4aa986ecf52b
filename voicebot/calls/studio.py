"""The making of one call's clauses: ahead where it can be, and never waited for long."""

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import replace
from typing import Any, Final

from voicebot.core.audio import AudioChunk
from voicebot.core.clock import Clock
from voicebot.core.errors import VoicebotError
from voicebot.core.ids import LanguageTag
from voicebot.speech.ports import Synthesizer, VoiceSettings

PREPARED: Final = 8
"""Clauses made ahead that may be kept."""
LOOK: Final = 0.02
"""Seconds between looks whether the one who waits was told to be silent."""

Made = asyncio.Task[AudioChunk | VoicebotError]


class Studio:
    """Clauses by text, pace and language."""

    def __init__(
        self,
        synthesizer: Synthesizer,
        settings: VoiceSettings,
        clock: Clock,
        spawn: Callable[[Coroutine[Any, Any, Any]], asyncio.Task[Any]],
    ) -> None:
        self.settings = settings
        self._synthesizer = synthesizer
        self._clock = clock
        self._spawn = spawn
        self._made: dict[tuple[str, float, LanguageTag], Made] = {}

    def make(self, spoken: str, language: LanguageTag) -> Made:
        """The clause, under way or made; one that failed is tried again."""
        key = (spoken, self.settings.rate, language)
        task = self._made.get(key)
        if task is None or (task.done() and (task.cancelled() or isinstance(task.result(), VoicebotError))):
            task = self._spawn(self._synthesise(spoken, language))
            self._made[key] = task
            while len(self._made) > PREPARED:
                del self._made[next(iter(self._made))]
        return task

    async def made_within(self, task: Made, seconds: float, wanted: Callable[[], bool]) -> bool:
        """Whether the clause is made in that time; waits no longer than it is `wanted`."""
        until = self._clock.monotonic() + seconds
        while not task.done() and wanted() and (left := until - self._clock.monotonic()) > 0:
            await asyncio.wait({task}, timeout=min(LOOK, left))
        return task.done()

    async def _synthesise(self, spoken: str, language: LanguageTag) -> AudioChunk | VoicebotError:
        try:
            return await self._synthesizer.synthesise(spoken, replace(self.settings, language=language))
        except VoicebotError as error:
            return error
