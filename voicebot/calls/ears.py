"""Listening on one call: the caller's sound to the detector always, to the recogniser in turns."""

from collections import deque
from typing import Final

from voicebot.calls.ports import AudioIn, DetectorStream, Hearing
from voicebot.core.audio import AudioChunk

MELODY: Final = 400
"""Pieces (8 s) of a turn that are kept for judging its melody."""


class Ears:
    """Keeps a pre-roll so that the first syllable of a turn is not lost.

    Args:
        preroll: seconds kept from before speech was noticed.
    """

    def __init__(self, detector: DetectorStream, hearing: Hearing, preroll: float) -> None:
        self._detector = detector
        self._hearing = hearing
        self._preroll = preroll
        self._recent: deque[AudioIn] = deque()
        self._in_turn = False
        self._turn: deque[AudioChunk] = deque(maxlen=MELODY)

    def hear(self, sound: AudioIn) -> None:
        """The next piece of the caller's sound."""
        self._detector.feed(sound.chunk, sound.at)
        if self._in_turn:
            self._feed(sound.chunk)
            return
        self._recent.append(sound)
        oldest = sound.at - self._preroll - 1.0
        while self._recent[0].at < oldest:
            self._recent.popleft()

    def begin(self, started: float) -> None:
        """A turn began at `started` (in the past by the detector's delay)."""
        self._hearing.restart()
        self._turn.clear()
        for sound in self._recent:
            if sound.at > started - self._preroll:
                self._feed(sound.chunk)
        self._recent.clear()
        self._in_turn = True

    def _feed(self, chunk: AudioChunk) -> None:
        self._hearing.feed(chunk)
        self._turn.append(chunk)

    def turn(self) -> AudioChunk | None:
        """The last seconds of the turn's sound; None when there is none."""
        if not self._turn:
            return None
        return AudioChunk(b"".join(chunk.pcm for chunk in self._turn), self._turn[0].rate)

    def end(self) -> None:
        """The turn is over or was none; what was fed stays until the next `begin`."""
        self._in_turn = False

    def close(self) -> None:
        self._detector.close()
        self._hearing.close()
