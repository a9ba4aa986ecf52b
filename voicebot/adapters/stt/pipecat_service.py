"""Any pipecat speech-to-text service as an engine.

Two ways, by what the service is. One that takes whole utterances (`SegmentedSTTService`: models on this
machine, upload APIs) is made `parallel` times and shared by all calls; each decode hands it the turn so
far. One that streams gets a pipeline a call, is fed as the caller speaks, and is told by VAD frames when
the turn begins and ends.
"""

import atexit
import queue
from collections.abc import Callable
from typing import Any, Final

import numpy as np
import soxr

from voicebot.adapters.pipecat_service import LoopThread, ServiceSpec, service_class
from voicebot.adapters.stt.engine import NOTHING, UNRATED, Decoded
from voicebot.adapters.stt.level import is_loud
from voicebot.adapters.stt.options import PipecatSttOptions
from voicebot.adapters.stt.pipecat_ears import LiveEars, WholeEars
from voicebot.adapters.stt.turn_sound import TurnSound
from voicebot.core.errors import VoicebotError
from voicebot.core.utterance import Expect

from pipecat.services.stt_service import SegmentedSTTService, STTService  # isort: skip

LOAD: Final = 120.0
"""Seconds a service may take to load its model."""
LONGEST: Final = 28.0
"""Seconds of a turn that a service for whole utterances is given."""
LONGEST_LIVE: Final = 60.0
"""Seconds of a turn that a streaming service is given."""


def spec_of(options: PipecatSttOptions) -> ServiceSpec:
    return ServiceSpec("stt", options.service, options.options, options.allow_remote)


def check_service(options: PipecatSttOptions) -> type[STTService]:
    """The service's class.

    Raises:
        VoicebotError: ``stt.options``, ``stt.missing``, ``stt.remote``.
    """
    kind: type[STTService] = service_class(spec_of(options), STTService)  # type: ignore[type-abstract]
    return kind


class PipecatEngine:
    """Implements `stt.engine.Engine`.

    Raises:
        VoicebotError: see `check_service`; ``stt.failed``: it does not start.
    """

    name: Final = "pipecat"
    note: Final = ""

    def __init__(self, options: PipecatSttOptions) -> None:
        self._kind = check_service(options)
        self.options: Final = options
        self.model: Final = self._kind.__name__
        self.streaming: Final = not issubclass(self._kind, SegmentedSTTService)
        self.loop: Final = LoopThread("pipecat-stt")
        self._idle: queue.LifoQueue[WholeEars | None] = queue.LifoQueue()
        self._running: set[WholeEars | LiveEars] = set()
        atexit.register(self.close)
        if self.streaming:
            # one that cannot start must be told of now, not by the first caller
            self.end(self.begin())
        else:
            for _ in range(max(1, options.parallel)):
                self._idle.put(self._whole())

    def open(self, rate: int) -> "LiveTurn | WholeTurn":
        return LiveTurn(self, rate) if self.streaming else WholeTurn(self, rate)

    def close(self) -> None:
        """Ends all services and the thread."""
        atexit.unregister(self.close)
        for ears in self._running.copy():
            self.end(ears)
        self.loop.close()

    def _whole(self) -> WholeEars:
        ears = WholeEars(spec_of(self.options), self._kind, self.options.sample_rate)
        self._start(ears, LOAD)
        return ears

    def _start(self, ears: WholeEars | LiveEars, patience: float) -> None:
        try:
            self.loop.run(ears.start(), patience)
            self._running.add(ears)
        except TimeoutError:
            why = f"{self.options.service} {patience:g} 秒内没有启动"
            raise VoicebotError("stt.failed", why, retryable=True) from None

    def transcribe(self, pcm: bytes) -> str:
        """Text of a whole utterance; waits for a service that is free.

        Raises:
            VoicebotError: ``stt.failed`` (retryable), ``stt.busy``.
        """
        try:
            ears = self._idle.get(timeout=self.options.answer)
        except queue.Empty:
            raise VoicebotError("stt.busy", "语音识别忙，请稍后", retryable=True) from None
        try:
            ears = ears or self._whole()
            text = self.loop.run(ears.transcribe(pcm), self.options.answer)
        except TimeoutError:
            self._idle.put(self._discarded(ears, hangs=True))
            raise self.silent() from None
        except VoicebotError:
            self._idle.put(self._discarded(ears))
            raise
        self._idle.put(ears)
        return text

    def _discarded(self, ears: WholeEars | None, *, hangs: bool = False) -> WholeEars | None:
        """None in place of a service that is broken, so that the next to need it makes a new one."""
        if ears is None or (ears.alive and not hangs):
            return ears
        self.end(ears)
        return None

    def silent(self) -> VoicebotError:
        why = f"{self.options.service} {self.options.answer:g} 秒没有回答"
        return VoicebotError("stt.failed", why, retryable=True)

    def begin(self) -> LiveEars:
        """A streaming service of a call's own."""
        ears = LiveEars(spec_of(self.options), self._kind, self.options.sample_rate, self.options.settle)
        self._start(ears, self.options.answer)
        return ears

    def end(self, ears: WholeEars | LiveEars) -> None:
        """Ends it without waiting for it."""
        self._running.discard(ears)
        self.loop.submit(ears.stop())


class WholeTurn:
    """Implements `stt.engine.Stream`: keeps the turn's sound and hands over all of it."""

    def __init__(self, engine: PipecatEngine, rate: int) -> None:
        self._engine = engine
        self._rate = rate
        self._sound = TurnSound(rate, LONGEST)

    def feed(self, pcm: bytes) -> None:
        self._sound.feed(pcm)

    def decode(self, expect: Expect, *, final: bool, cancelled: Callable[[], bool]) -> Decoded:
        samples = self._sound.samples
        if samples.size < self._rate // 20 or not is_loud(samples):
            return NOTHING
        wanted = self._engine.options.sample_rate
        if self._rate != wanted:
            samples = soxr.resample(samples, self._rate, wanted, quality="HQ")
        if cancelled():
            return NOTHING
        return unrated(self._engine.transcribe(samples.astype("<i2").tobytes()))

    def reset(self) -> None:
        self._sound.clear()

    def close(self) -> None:
        self._sound.clear()


class LiveTurn:
    """Implements `stt.engine.Stream` on a streaming service."""

    def __init__(self, engine: PipecatEngine, rate: int) -> None:
        self._engine = engine
        self._rate = rate
        self._ears: LiveEars | None = None
        self._trouble: VoicebotError | None = None
        """Why there is no service for the rest of this turn."""
        self._resampler: Any = None
        self._fed = 0.0
        self._loud = False

    def feed(self, pcm: bytes) -> None:
        if self._trouble is not None or self._fed > LONGEST_LIVE:
            return
        if self._ears is None or not self._ears.alive:
            self._drop()
            try:
                self._ears = self._engine.begin()
            except VoicebotError as error:
                self._trouble = error
                return
        if self._resampler is None:
            wanted = self._engine.options.sample_rate
            self._resampler = soxr.ResampleStream(self._rate, wanted, 1, dtype="int16")
        self._fed += len(pcm) / 2 / self._rate
        given = np.frombuffer(pcm, "<i2")
        self._loud = self._loud or is_loud(given)
        samples = self._resampler.resample_chunk(given)
        self._engine.loop.submit(self._ears.hear(samples.astype("<i2").tobytes()))

    def decode(self, expect: Expect, *, final: bool, cancelled: Callable[[], bool]) -> Decoded:
        """See `Stream.decode`.

        Raises:
            VoicebotError: ``stt.failed`` (retryable).
        """
        if self._trouble is not None:
            raise self._trouble
        if self._ears is None:
            return NOTHING
        if not final:
            return unrated(self._ears.text)
        loud, self._loud = self._loud, False
        self._fed, self._resampler = 0.0, None
        if not loud:
            return unrated(self._ears.text)
        answer = self._engine.options.answer
        try:
            finished = self._engine.loop.run(self._ears.finish(answer), answer + 1)
        except TimeoutError:
            finished = False
        except VoicebotError:
            self._drop()
            raise
        text = self._ears.text
        if not finished and not text:
            self._drop()  # it may hang; the next turn begins with a new one
            raise self._engine.silent()
        return unrated(text)

    def _drop(self) -> None:
        if self._ears is not None:
            self._engine.end(self._ears)
        self._ears = None

    def reset(self) -> None:
        self._fed, self._loud = 0.0, False
        self._resampler, self._trouble = None, None
        if self._ears is not None:
            self._engine.loop.submit(self._ears.forget())

    def close(self) -> None:
        self._drop()


def unrated(text: str) -> Decoded:
    """pipecat's frames carry no confidence."""
    return Decoded(text, UNRATED) if text else NOTHING
