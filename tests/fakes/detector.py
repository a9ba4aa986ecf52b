"""A `SpeechDetector` that takes loud for speech; works on virtual time."""

from collections.abc import Callable
from typing import Final

from voicebot.calls.sound import level
from voicebot.core.audio import AudioChunk
from voicebot.turns.events import Vad

SPEECH: Final = -45.0
"""dBFS from which a piece counts as speech."""


class FakeDetector:
    """Gives one window for each piece fed, at once."""

    def __init__(self) -> None:
        self.open_streams = 0

    def open(self, on_window: Callable[[Vad], None]) -> "FakeStream":
        self.open_streams += 1
        return FakeStream(self, on_window)


class FakeStream:
    def __init__(self, detector: FakeDetector, on_window: Callable[[Vad], None]) -> None:
        self._detector = detector
        self._on_window = on_window

    def feed(self, chunk: AudioChunk, at: float) -> None:
        dbfs = level(chunk)
        self._on_window(Vad(0.95 if dbfs > SPEECH else 0.02, dbfs, at))

    def close(self) -> None:
        self._detector.open_streams -= 1
