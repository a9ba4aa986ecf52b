"""What a recognition engine is, inside the worker process: blocking, one thread at a time a stream."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Protocol

from voicebot.core.utterance import Expect


@dataclass(frozen=True, slots=True)
class Decoded:
    """`text` without spaces between hanzi, simplified; empty when there was nothing.
    `confidence` 0-1."""

    text: str
    confidence: float


NOTHING: Final = Decoded("", 0.0)
UNRATED: Final = 0.8
"""Confidence of a text that the engine does not rate, finished or not: no reason to doubt it (`trust_of`)."""


class Stream(Protocol):
    """Recognition of one call; methods are called by one thread at a time, in order."""

    def feed(self, pcm: bytes) -> None:
        """More speech of the turn, s16 mono at the stream's rate."""
        ...

    def decode(self, expect: Expect, *, final: bool, cancelled: Callable[[], bool]) -> Decoded:
        """Text of all fed since `reset`. More may be fed afterwards.

        Args:
            final: the turn is over; else the text so far, as cheaply as the engine can.
            cancelled: asked between the steps of the work; True gives up with `NOTHING`.
        """
        ...

    def reset(self) -> None: ...

    def close(self) -> None: ...


class Engine(Protocol):
    @property
    def name(self) -> str:
        """As in `Utterance.engine`: ``vosk``, ``whisper-base``."""
        ...

    @property
    def model(self) -> str: ...

    @property
    def note(self) -> str:
        """``fallback, not Vosk`` or empty; shown by ``/readyz``."""
        ...

    @property
    def streaming(self) -> bool:
        """Works while it is fed; else `feed` only keeps the sound."""
        ...

    def open(self, rate: int) -> Stream: ...
