"""The line process's end of synthesis: implements `speech.ports.Synthesizer` over the worker link."""

import contextlib
from collections.abc import AsyncIterator
from pathlib import Path

from voicebot.adapters.tts.voices import Rendered
from voicebot.adapters.worker.link import WorkerLink
from voicebot.core.audio import AudioChunk
from voicebot.speech.ports import VoiceSettings


class WorkerSynthesizer:
    """Synthesis by the worker at `socket_path`; survives the worker's restarts.

    Args:
        patience: seconds a clause waits for a worker that is being restarted.
        timeout: seconds a clause may take.
    """

    def __init__(self, socket_path: Path, *, patience: float = 2.0, timeout: float = 6.0) -> None:
        self._link = WorkerLink(socket_path, "tts", patience=patience)
        self._timeout = timeout

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator["WorkerSynthesizer"]:
        """Keeps the connection to the worker while the block runs."""
        async with self._link.running():
            yield self

    async def ready(self) -> None:
        """Waits until the worker is there; raises ``tts.lost`` after the patience."""
        await self._link.ready()

    @property
    def connected(self) -> bool:
        return self._link.connected

    async def render(
        self, text: str, settings: VoiceSettings, *, background: bool = False, public: bool = False
    ) -> Rendered:
        """The clause and the engine that made it.

        Args:
            background: nobody waits for it; clauses of calls go first.
            public: see `Choir.render`.

        Raises:
            VoicebotError: ``tts.failed``, ``tts.busy``, ``tts.lost``; all retryable; ``tts.language``.
        """
        answer = await self._link.request(
            {
                "op": "speak",
                "text": text,
                "engine": settings.engine,
                "voice": settings.voice,
                "rate": settings.rate,
                "sample_rate": settings.sample_rate,
                "language": settings.language,
                "background": background,
                "public": public,
            },
            timeout=self._timeout * (5 if background else 1),
        )
        return Rendered(AudioChunk(answer.payload, settings.sample_rate), str(answer.header["engine"]))

    async def synthesise(self, text: str, settings: VoiceSettings) -> AudioChunk:
        return (await self.render(text, settings)).audio
