"""A line that carries words instead of sound."""

import asyncio
from collections.abc import AsyncIterator
from typing import Final, NoReturn

from voicebot.calls.ports import HungUp, LineEvent, LineInfo
from voicebot.core.audio import AudioChunk
from voicebot.core.errors import VoicebotError
from voicebot.core.ids import CallId
from voicebot.speech.ports import VoiceSettings

PENDING: Final = 100


class TextLine:
    """The port `Line` for typed words and keys; what is said is heard at once."""

    def __init__(self, call_id: CallId, caller: str, dialled: str) -> None:
        self._info = LineInfo(call_id, caller, dialled, "text", 0)
        self._inbox: asyncio.Queue[LineEvent] = asyncio.Queue(PENDING)
        self._gone = False

    @property
    def info(self) -> LineInfo:
        return self._info

    def put(self, event: LineEvent) -> None:
        """The caller does something; ignored once the line is gone."""
        if not self._gone:
            self._inbox.put_nowait(event)
        self._gone = self._gone or isinstance(event, HungUp)

    async def events(self) -> AsyncIterator[LineEvent]:
        while True:
            event = await self._inbox.get()
            yield event
            if isinstance(event, HungUp):
                return

    async def answer(self) -> None:
        """Nothing to do: words flow at once."""

    async def send(self, chunk: AudioChunk) -> None:
        """A text line has no sound."""

    async def flush(self) -> None:
        """Nothing is ever queued."""

    def played(self) -> int:
        return 0

    async def caption(self, who: str, text: str, final: bool) -> None:
        """The words reach the reader with the call's `Reply`."""

    async def state(self, state: str) -> None:
        """Not shown."""

    async def transfer(self, target: str, reference: str) -> bool:
        return False

    async def send_keys(self, keys: str) -> bool:
        return False

    async def hang_up(self, reason: str) -> None:
        self.put(HungUp(reason))


class NoSound:
    """Stands for recogniser, detector and voice where a call has no sound: never used, and says so."""

    def open(self, *_: object) -> NoReturn:
        raise self._refusal()

    def backlog(self) -> float:
        return 0.0

    async def synthesise(self, text: str, settings: VoiceSettings) -> AudioChunk:
        raise self._refusal()

    @staticmethod
    def _refusal() -> VoicebotError:
        return VoicebotError("line.no_sound", "a text line has no sound")
