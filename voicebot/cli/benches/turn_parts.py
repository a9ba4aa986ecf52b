"""The real recogniser, melody and voice of `bench turns`, in this process and on virtual time."""

import asyncio
import hashlib
import json
from dataclasses import dataclass
from pathlib import Path

from voicebot.adapters.stt import guards, whisper
from voicebot.adapters.stt.engine import Decoded, Engine
from voicebot.adapters.stt.expectation import to_wire
from voicebot.adapters.tts.cache import CachedSynthesizer
from voicebot.adapters.vad import SmartTurn
from voicebot.adapters.virtual_time import VirtualClock
from voicebot.core.audio import AudioChunk
from voicebot.core.ids import CallId
from voicebot.core.utterance import Expect
from voicebot.core.utterance import Utterance as Recognised
from voicebot.speech.ports import VoiceSettings


@dataclass(frozen=True, slots=True)
class Timing:
    """Virtual seconds of what runs in other processes; medians of docs/benchmarks.md."""

    decode: float = 0.2
    voice: float = 0.01
    melody: float = 0.05


class TapeRecogniser:
    """Implements `calls.ports.Recogniser` in this process; texts are kept on disk, by sound and code."""

    def __init__(self, engine: Engine, cache: Path, timing: Timing) -> None:
        self.engine = engine
        self.timing = timing
        sources = [Path(str(module.__file__)).read_bytes() for module in (whisper, guards)]
        self._cache = cache / hashlib.sha256(b"".join(sources)).hexdigest()[:12]
        self._cache.mkdir(parents=True, exist_ok=True)

    def open(self, call_id: CallId, rate: int) -> "TapeHearing":
        return TapeHearing(self, rate)

    def backlog(self) -> float:
        return 0.0

    def decoded(self, pcm: bytes, rate: int, expect: Expect) -> Decoded:
        wire = json.dumps([self.engine.name, rate, to_wire(expect)]).encode()
        path = self._cache / f"{hashlib.sha256(wire + pcm).hexdigest()[:24]}.json"
        if not path.is_file():
            stream = self.engine.open(rate)
            stream.feed(pcm)
            got = stream.decode(expect, final=True, cancelled=lambda: False)
            stream.close()
            path.write_text(json.dumps([got.text, got.confidence]), encoding="utf-8")
        return Decoded(*json.loads(path.read_text(encoding="utf-8")))


class TapeHearing:
    def __init__(self, recogniser: TapeRecogniser, rate: int) -> None:
        self._recogniser = recogniser
        self._rate = rate
        self._pcm = bytearray()

    @property
    def streaming(self) -> bool:
        return self._recogniser.engine.streaming

    def feed(self, chunk: AudioChunk) -> None:
        self._pcm += chunk.pcm

    async def transcribe(self, expect: Expect, *, final: bool) -> Recognised:
        got = self._recogniser.decoded(bytes(self._pcm), self._rate, expect)
        await asyncio.sleep(self._recogniser.timing.decode)
        return Recognised(got.text, got.confidence, engine=self._recogniser.engine.name)

    def restart(self) -> None:
        self._pcm.clear()

    def close(self) -> None:
        self._pcm.clear()


class TapeMelody:
    """Implements `calls.ports.Melody` in this process."""

    def __init__(self, timing: Timing) -> None:
        self._inner = SmartTurn()
        self._timing = timing

    async def finished(self, turn: AudioChunk) -> float:
        finished = self._inner.judge(turn)
        await asyncio.sleep(self._timing.melody)
        return finished


class TapeVoice:
    """Implements `speech.ports.Synthesizer`: the real voice, in virtual time at once."""

    def __init__(self, inner: CachedSynthesizer, clock: VirtualClock, timing: Timing) -> None:
        self._inner = inner
        self._clock = clock
        self._timing = timing

    async def synthesise(self, text: str, settings: VoiceSettings) -> AudioChunk:
        with self._clock.hold():
            sound = await self._inner.synthesise(text, settings)
        await asyncio.sleep(self._timing.voice)
        return sound
