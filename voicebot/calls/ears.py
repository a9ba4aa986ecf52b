"""Listening on one call: the caller's sound to the detector always, to the recogniser in turns."""

from collections import deque

from voicebot.calls.ports import AudioIn, DetectorStream, Hearing


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

    def hear(self, sound: AudioIn) -> None:
        """The next piece of the caller's sound."""
        self._detector.feed(sound.chunk, sound.at)
        if self._in_turn:
            self._hearing.feed(sound.chunk)
            return
        self._recent.append(sound)
        oldest = sound.at - self._preroll - 1.0
        while self._recent[0].at < oldest:
            self._recent.popleft()

    def begin(self, started: float) -> None:
        """A turn began at `started` (in the past by the detector's delay)."""
        self._hearing.restart()
        for sound in self._recent:
            if sound.at > started - self._preroll:
                self._hearing.feed(sound.chunk)
        self._recent.clear()
        self._in_turn = True

    def end(self) -> None:
        """The turn is over or was none; what was fed stays until the next `begin`."""
        self._in_turn = False

    def close(self) -> None:
        self._detector.close()
        self._hearing.close()
