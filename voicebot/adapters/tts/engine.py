"""What a voice engine is, below the port: blocking, no cache, no fallback, raw sound."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from voicebot.core.ids import LanguageTag

Samples = NDArray[np.float32]
"""Mono sound, full scale ±1."""


@dataclass(frozen=True, slots=True)
class Sound:
    """What an engine gives back: `samples` at `rate` Hz, silence around it as the engine makes it."""

    samples: Samples
    rate: int


class Engine(Protocol):
    """A voice that runs in this process and blocks while it works; used by one thread at a time."""

    @property
    def name(self) -> str: ...

    @property
    def version(self) -> str:
        """Of the model; part of the cache key."""
        ...

    @property
    def languages(self) -> Mapping[LanguageTag, str]:
        """What it speaks, each with the voice it uses for that; empty is its default voice."""
        ...

    def speak(self, text: str, voice: str, rate: float) -> Sound:
        """Sound of one verbalised clause.

        Args:
            voice: name within the engine; empty for its default.
            rate: speaking rate, 1.0 normal, below it slower.

        Raises:
            VoicebotError: ``tts.failed``.
        """
        ...
