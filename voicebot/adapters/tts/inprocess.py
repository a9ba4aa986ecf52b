"""Synthesis without a worker: for commands that render ahead, and for tests."""

from voicebot.adapters.tts.voices import Choir, Rendered
from voicebot.core.audio import AudioChunk
from voicebot.speech.ports import VoiceSettings


class InProcessSynthesizer:
    """Implements `speech.ports.Synthesizer` on engines of this process."""

    def __init__(self, choir: Choir) -> None:
        self._choir = choir

    async def render(
        self, text: str, settings: VoiceSettings, *, background: bool = False, public: bool = False
    ) -> Rendered:
        """See `WorkerSynthesizer.render`."""
        return await self._choir.render(
            text,
            engine=settings.engine,
            voice=settings.voice,
            rate=settings.rate,
            sample_rate=settings.sample_rate,
            background=background,
            language=settings.language,
            public=public,
        )

    async def synthesise(self, text: str, settings: VoiceSettings) -> AudioChunk:
        return (await self.render(text, settings)).audio
