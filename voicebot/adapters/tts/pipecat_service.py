"""Any pipecat text-to-speech service as a voice.

The service is made `parallel` times; each says one clause at a time. A clause is over when the service
says so (`TTSStoppedFrame`). A service that reports an error or stalls is ended, and the next clause makes
a new one.
"""

import asyncio
import atexit
from collections import deque
from collections.abc import Mapping
from typing import Any, Final

import numpy as np

from voicebot.adapters.pipecat_service import LoopThread, ServicePipeline, ServiceSpec, service_class
from voicebot.adapters.pipecat_service.loading import is_local
from voicebot.adapters.pipecat_service.pipeline import failure
from voicebot.adapters.tts.engine import Sound
from voicebot.adapters.tts.options import PipecatTtsOptions
from voicebot.core.ids import LanguageTag

from pipecat.frames.frames import (  # isort: skip
    ErrorFrame,
    Frame,
    TTSAudioRawFrame,
    TTSSpeakFrame,
    TTSStoppedFrame,
    TTSUpdateSettingsFrame,
)
from pipecat.services.tts_service import TTSService  # isort: skip

LOAD: Final = 120.0
"""Seconds a service may take to load its model."""
REMEMBERED: Final = 16
"""Clauses whose late frames are known as such."""


def spec_of(options: PipecatTtsOptions) -> ServiceSpec:
    # what may be said by it is decided clause by clause (`Voice.remote`), so loading it is no matter
    return ServiceSpec("tts", options.service, options.options, allow_remote=True)


class Mouth:
    """One running service; everything on the loop of `LoopThread`."""

    def __init__(self, options: PipecatTtsOptions, kind: type[TTSService]) -> None:
        self._options = options
        self._kind = kind
        self._frames: asyncio.Queue[TTSAudioRawFrame | TTSStoppedFrame | ErrorFrame] = asyncio.Queue()
        self._set: dict[str, Any] = {}
        """Settings changed since it was made."""
        self._over: deque[str] = deque(maxlen=REMEMBERED)
        """Contexts of clauses that are over."""
        self._pipeline: ServicePipeline[TTSService] = ServicePipeline(
            spec_of(options),
            kind,
            extra={"sample_rate": options.sample_rate},
            rate=options.sample_rate,
            receive=self._receive,
        )

    def _receive(self, frame: Frame) -> None:
        if isinstance(frame, (TTSAudioRawFrame, TTSStoppedFrame, ErrorFrame)):
            self._frames.put_nowait(frame)

    async def start(self) -> None:
        """Raises VoicebotError, see `ServicePipeline.start`."""
        await self._pipeline.start()

    async def stop(self) -> None:
        await self._pipeline.stop()

    @property
    def alive(self) -> bool:
        return self._pipeline.alive

    async def speak(self, text: str, voice: str, rate: float) -> Sound:
        """Sound of a clause.

        Raises:
            VoicebotError: ``tts.failed`` (retryable): an error of the service, a stall, no sound.
        """
        await self._update({"voice": voice} if voice else {}, rate)
        await self._pipeline.queue(TTSSpeakFrame(text, append_to_context=False))
        pieces: list[TTSAudioRawFrame] = []
        while True:
            frame = await self._next(bool(pieces))
            if isinstance(frame, ErrorFrame):
                why, cause = failure(frame)
                raise self._pipeline.failed(why) from cause
            if isinstance(frame, TTSAudioRawFrame):
                pieces.append(frame)
            elif pieces:
                if (context := pieces[0].context_id) is not None:
                    self._over.append(context)
                return _joined(pieces)

    async def _next(self, begun: bool) -> TTSAudioRawFrame | ErrorFrame | None:
        """The clause's next sound, an error, or None at its end."""
        patience = self._options.pause if begun else self._options.first
        while True:
            try:
                async with asyncio.timeout(patience):
                    frame = await self._frames.get()
            except TimeoutError:
                if begun and self._ends_in_silence:
                    return None
                raise self._pipeline.failed(f"{patience:g} 秒没有声音送来") from None
            if isinstance(frame, ErrorFrame):
                return frame
            if frame.context_id is None or frame.context_id not in self._over:
                return frame if isinstance(frame, TTSAudioRawFrame) else None

    @property
    def _ends_in_silence(self) -> bool:
        """The service does not say when a clause is over; pipecat would after 3 s without sound."""
        return bool(getattr(self._pipeline.service, "_push_stop_frames", False))

    async def _update(self, changed: dict[str, Any], rate: float) -> None:
        if self._options.rate_setting:
            changed[self._options.rate_setting] = rate
        changed = {name: value for name, value in changed.items() if self._set.get(name) != value}
        # the first clause at normal speed needs no change of what the operator configured
        if changed and (self._set or changed != {self._options.rate_setting: 1.0}):
            self._set |= changed
            delta = self._kind.Settings(**changed)  # type: ignore[attr-defined]
            await self._pipeline.queue(TTSUpdateSettingsFrame(delta=delta))


def _joined(pieces: list[TTSAudioRawFrame]) -> Sound:
    channels, rate = pieces[0].num_channels, pieces[0].sample_rate
    samples = np.frombuffer(b"".join(piece.audio for piece in pieces), "<i2").astype(np.float32)
    mono = samples.reshape(-1, channels).mean(axis=1, dtype=np.float32)
    return Sound(mono / np.float32(32768), rate)


class PipecatVoice:
    """Implements `tts.voices.Voice`.

    Raises:
        VoicebotError: ``tts.options``, ``tts.missing``; ``tts.failed``: it does not start.
    """

    def __init__(self, options: PipecatTtsOptions) -> None:
        self._options = options
        self._kind: type[TTSService] = service_class(spec_of(options), TTSService)  # type: ignore[type-abstract]
        self._check_rate_setting()
        self.remote: Final = not options.allow_remote and not is_local(self._kind)
        self.languages: Mapping[LanguageTag, str] = {
            LanguageTag(tag): voice for tag, voice in options.languages.items()
        }
        self._idle: asyncio.LifoQueue[Mouth | None] = asyncio.LifoQueue()
        self._background = asyncio.Lock()
        self._running: set[Mouth] = set()
        self._loop = LoopThread("pipecat-tts")
        atexit.register(self.close)
        self._idle.put_nowait(self._loop.run(self._made(), LOAD))
        for _ in range(max(1, options.parallel) - 1):
            self._idle.put_nowait(None)

    def _check_rate_setting(self) -> None:
        name = self._options.rate_setting
        known = getattr(self._kind, "Settings", None)
        if name and not (known is not None and name in known.__dataclass_fields__):
            raise spec_of(self._options).wrong(
                "rate_setting", f"{self._options.service} 没有名为 {name} 的设置"
            )

    async def speak(self, text: str, voice: str, rate: float, *, background: bool) -> Sound:
        """See `Engine.speak`. Of several background clauses one waits in line with those of calls.

        A clause that nobody waits for any more is said to its end, out of hearing.
        """
        if background:
            async with self._background:
                return await self._say(text, voice, rate)
        return await self._say(text, voice, rate)

    async def _say(self, text: str, voice: str, rate: float) -> Sound:
        return await asyncio.shield(
            asyncio.wrap_future(self._loop.start(self._with_mouth(text, voice, rate)))
        )

    async def _with_mouth(self, text: str, voice: str, rate: float) -> Sound:
        """On the loop of the services."""
        mouth = await self._idle.get()
        try:
            if mouth is None or not mouth.alive:
                mouth = await self._made()
            return await mouth.speak(text, voice, rate)
        except BaseException:
            if mouth is not None:
                self._running.discard(mouth)
                await mouth.stop()
            mouth = None
            raise
        finally:
            self._idle.put_nowait(mouth)

    async def _made(self) -> Mouth:
        mouth = Mouth(self._options, self._kind)
        await mouth.start()
        self._running.add(mouth)
        return mouth

    def close(self) -> None:
        """Ends all services and the thread."""
        atexit.unregister(self.close)
        for mouth in self._running.copy():
            self._loop.submit(mouth.stop())
        self._running.clear()
        self._loop.close()


def check_voice(options: PipecatTtsOptions) -> None:
    """Raises VoicebotError ``tts.options``, ``tts.missing`` when the service cannot be loaded."""
    service_class(spec_of(options), TTSService)  # type: ignore[type-abstract]
