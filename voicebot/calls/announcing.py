"""Sentences of ours in a talk: to the caller, to the seat alone, to all."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from typing import Final

import structlog

from voicebot.calls.conference import Conference, Member
from voicebot.core.errors import VoicebotError
from voicebot.core.ids import MANDARIN, LanguageTag
from voicebot.speech.clauses import plan
from voicebot.speech.ports import Synthesizer, VoiceSettings

log = structlog.get_logger(__name__)

PATIENCE: Final = 3.0
"""Seconds to wait for the sound of a clause; who talks need not wait for us."""


class Announcer:
    """Speaks in conferences; what cannot be made in time is left out, and logged."""

    def __init__(self, synthesizer: Synthesizer, voice: VoiceSettings) -> None:
        self._synthesizer = synthesizer
        self._voice = voice

    async def say(
        self,
        talk: Conference,
        text: str,
        to: Callable[[Member], bool],
        *,
        until: Callable[[], bool] | None = None,
        language: LanguageTag = MANDARIN,
    ) -> bool:
        """Returns when it was said, or `until` ended it; False when it could not be said.

        Args:
            to: who hears it.
        """
        settings = replace(self._voice, sample_rate=talk.rate, language=language)
        try:
            for clause in plan(text, language):
                if until is not None and until():
                    break
                async with asyncio.timeout(PATIENCE):
                    sound = await self._synthesizer.synthesise(clause.text, settings)
                await talk.say(sound, to, until=until)
        except (VoicebotError, TimeoutError) as error:
            log.warning("not said in a talk", error=str(error) or "timeout")
            return False
        return True
