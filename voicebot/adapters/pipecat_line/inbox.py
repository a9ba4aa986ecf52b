"""The bounded queue between the wire and the call."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from typing import Final

from voicebot.calls.ports import AudioIn, HungUp, LineEvent

AUDIO_LIMIT: Final = 250
"""Sound events kept (5 s of 20 ms): a reader this late wants the newest sound, so the oldest goes."""

OTHER_LIMIT: Final = 200
"""Digits, texts and hold marks kept: more than a person can send, so the newest is dropped."""


class Inbox:
    """Line events in order, for one reader. `HungUp` always fits and is the last one."""

    def __init__(self) -> None:
        self._events: deque[LineEvent] = deque()
        self._audio = 0
        self._ended = False
        self._wake = asyncio.Event()
        self.dropped = 0

    def put(self, event: LineEvent) -> None:
        """Adds `event`; after `HungUp` nothing is added any more."""
        if self._ended:
            return
        match event:
            case AudioIn():
                if self._audio >= AUDIO_LIMIT:
                    self._drop_oldest_audio()
                self._audio += 1
            case HungUp():
                self._ended = True
            case _:
                if len(self._events) - self._audio >= OTHER_LIMIT:
                    self.dropped += 1
                    return
        self._events.append(event)
        self._wake.set()

    def _drop_oldest_audio(self) -> None:
        for index, event in enumerate(self._events):
            if isinstance(event, AudioIn):
                del self._events[index]
                self._audio -= 1
                self.dropped += 1
                return

    async def events(self) -> AsyncIterator[LineEvent]:
        """Each event once; ends after `HungUp`."""
        while True:
            while self._events:
                event = self._events.popleft()
                if isinstance(event, AudioIn):
                    self._audio -= 1
                yield event
                if isinstance(event, HungUp):
                    return
            if self._ended:  # consumed before: a second reader finds nothing and does not wait
                return
            self._wake.clear()
            await self._wake.wait()
