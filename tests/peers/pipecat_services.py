"""Small services of pipecat's own kinds, for the bridges: they hear and speak the language of tones."""

import asyncio
import io
import wave
from collections.abc import AsyncGenerator, AsyncIterator
from dataclasses import dataclass, field
from typing import Any

from pipecat.frames.frames import (
    ErrorFrame,
    Frame,
    InterimTranscriptionFrame,
    TranscriptionFrame,
    TTSAudioRawFrame,
    TTSStoppedFrame,
    VADUserStoppedSpeakingFrame,
)
from pipecat.processors.frame_processor import FrameDirection
from pipecat.services.settings import STTSettings, TTSSettings
from pipecat.services.stt_service import SegmentedSTTService, STTService
from pipecat.services.tts_service import TTSService
from pipecat.utils.types import NOT_GIVEN, NotGiven, assert_given

from tests.peers.tones import HERTZ, tones, written
from voicebot.adapters.tts.espeak import EspeakEngine
from voicebot.core.audio import AudioChunk

NOW = "2026-11-24T08:00:00Z"


class SegmentStt(SegmentedSTTService):
    """Takes whole utterances as WAV files, as upload APIs do.

    Args:
        trouble: ``error`` reports one, ``raise`` trips, ``hang`` never answers; when it hears 坏 only.
    """

    Settings = STTSettings
    made = 0

    def __init__(
        self, *, trouble: str = "", key: str = "", settings: STTSettings | None = None, **kwargs: Any
    ) -> None:
        super().__init__(settings=settings or STTSettings(model=None, language=None), **kwargs)
        if trouble == "refuse":
            raise ValueError("no such trouble")
        type(self).made += 1
        self.trouble = trouble
        self.key = key

    async def run_stt(self, audio: bytes) -> AsyncGenerator[Frame | None, None]:
        with wave.open(io.BytesIO(audio)) as file:
            text = written(AudioChunk(file.readframes(file.getnframes()), file.getframerate()))
        if text == "坏":
            if self.trouble == "error":
                yield ErrorFrame("the API said no", exception=ConnectionError("403"))
                return
            if self.trouble == "raise":
                raise RuntimeError("tripped")
            if self.trouble == "hang":
                await asyncio.Event().wait()
        if text:
            yield TranscriptionFrame(text, "", NOW)


class StreamingStt(STTService):
    """Writes while it listens, and says which text is the last when `marks`."""

    def __init__(self, *, marks: bool = True, mute: bool = False, **kwargs: Any) -> None:
        super().__init__(settings=STTSettings(model=None, language=None), **kwargs)
        self._heard = bytearray()
        self._marks = marks
        self._mute = mute

    async def run_stt(self, audio: bytes) -> AsyncGenerator[Frame | None, None]:
        self._heard += audio
        if not self._mute and (text := self._text()):
            yield InterimTranscriptionFrame(text, "", NOW)

    def _text(self) -> str:
        return written(AudioChunk(bytes(self._heard), self.sample_rate))

    async def process_frame(self, frame: Frame, direction: FrameDirection) -> None:
        await super().process_frame(frame, direction)
        if isinstance(frame, VADUserStoppedSpeakingFrame) and not self._mute:
            text = self._text()
            self._heard.clear()
            if text:
                await self.push_frame(TranscriptionFrame(text, "", NOW, finalized=self._marks))


class ToneTts(TTSService):
    """Speaks tones; the sound comes from the generator, as with HTTP services.

    Args:
        trouble: ``error``, ``raise``, ``hang`` or ``silent``, for texts with 坏 in them.
    """

    Settings = TTSSettings

    def __init__(self, *, trouble: str = "", settings: TTSSettings | None = None, **kwargs: Any) -> None:
        mine = TTSSettings(model=None, voice="low", language=None)
        if settings is not None:
            mine.apply_update(settings)
        super().__init__(push_start_frame=True, push_stop_frames=True, settings=mine, **kwargs)
        self._trouble = trouble

    async def run_tts(self, text: str, context_id: str) -> AsyncGenerator[Frame | None, None]:
        if "坏" in text:
            if self._trouble == "error":
                yield ErrorFrame("the API said no", exception=ConnectionError("403"))
                return
            if self._trouble == "raise":
                raise RuntimeError("tripped")
            if self._trouble == "hang":
                await asyncio.Event().wait()
            if self._trouble == "silent":
                return
        async for pcm in _pieces(text, self.sample_rate, str(self._settings.voice)):
            yield TTSAudioRawFrame(pcm, self.sample_rate, 1, context_id=context_id)


@dataclass
class PacedSettings(TTSSettings):
    """With a speaking rate, as many services have."""

    speed: float | NotGiven = field(default_factory=lambda: NOT_GIVEN)


class EspeakTts(TTSService):
    """Speaks with espeak-ng, at any rate."""

    Settings = PacedSettings

    def __init__(self, **kwargs: Any) -> None:
        settings = PacedSettings(model=None, voice="cmn", language=None, speed=1.0)
        super().__init__(push_start_frame=True, push_stop_frames=True, settings=settings, **kwargs)
        self._engine = EspeakEngine()

    async def run_tts(self, text: str, context_id: str) -> AsyncGenerator[Frame | None, None]:
        speed = assert_given(self._settings.speed)  # type: ignore[attr-defined]
        sound = await asyncio.to_thread(self._engine.speak, text, str(self._settings.voice), speed)
        pcm = (sound.samples * 32767).astype("<i2").tobytes()
        yield TTSAudioRawFrame(pcm, sound.rate, 1, context_id=context_id)


class LateTts(TTSService):
    """Speaks tones that come later, from a connection of its own, as with WebSocket services."""

    Settings = TTSSettings

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            push_start_frame=True, settings=TTSSettings(model=None, voice="low", language=None), **kwargs
        )

    async def run_tts(self, text: str, context_id: str) -> AsyncGenerator[Frame | None, None]:
        self.create_task(self._send(text, context_id))
        yield None

    async def _send(self, text: str, context_id: str) -> None:
        async for pcm in _pieces(text, self.sample_rate, "low"):
            frame = TTSAudioRawFrame(pcm, self.sample_rate, 1, context_id=context_id)
            await self.append_to_audio_context(context_id, frame)
        await self.append_to_audio_context(context_id, TTSStoppedFrame(context_id=context_id))
        await self.remove_audio_context(context_id)


async def _pieces(text: str, rate: int, voice: str) -> AsyncIterator[bytes]:
    """`text` in tones; the voice ``high`` says 了 for everything."""
    said = "".join(c for c in text if c in HERTZ)
    pcm = tones("了" * len(said) if voice == "high" else said, rate).pcm
    for at in range(0, len(pcm), 3_200):
        await asyncio.sleep(0)
        yield pcm[at : at + 3_200]


class NotAService:
    """Has nothing to do with pipecat."""
