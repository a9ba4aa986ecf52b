"""What is kept of a call's sound, and of the words of its talks with people."""

from collections.abc import Callable, Coroutine
from typing import Any

from voicebot.calls.overhearing import Overhearing
from voicebot.calls.parts import CallParts, Recording
from voicebot.calls.ports import AudioIn, Line
from voicebot.calls.scribe import Scribe
from voicebot.core.audio import AudioChunk
from voicebot.operations.talk_lines import Speaker, TalkLine


class CallTapes:
    """Implements `waiting_room.Tapes`. Keeps nothing before `open`."""

    def __init__(
        self,
        line: Line,
        parts: CallParts,
        scribe: Scribe,
        spawn: Callable[[Coroutine[Any, Any, Any]], Any],
    ) -> None:
        self._line = line
        self._parts = parts
        self._scribe = scribe
        self._spawn = spawn
        self._recording: Recording | None = None
        self._overhearing: Overhearing | None = None
        self._on = True
        """Sound and words are kept now."""

    def open(self, began: float) -> None:
        """The call has sound, and began then (its monotonic clock)."""
        info = self._line.info
        if self._parts.record:
            self._recording = self._parts.record(info.call_id, info.rate)
        self._overhearing = Overhearing(
            self._parts, info.call_id, info.rate, began, self._spawn, self._written
        )

    def caller(self, sound: AudioIn) -> None:
        if self._recording and self._on:
            self._recording.caller(sound)

    def ours(self, chunk: AudioChunk, at: float) -> None:
        if self._recording and self._on:
            self._recording.ours(chunk, at)

    # ── a talk with a person ────────────────────────────────────────────────────────────────

    def talk(self, begins: bool) -> None:
        """It is written down from its first to its last word."""
        if self._overhearing:
            self._overhearing.open() if begins else self._overhearing.close()

    def caller_talks(self, sound: AudioIn) -> None:
        if self._overhearing and self._on:
            self._overhearing.hear(Speaker.CALLER, sound.chunk, sound.at)

    def people(self, sound: AudioIn) -> None:
        self.ours(sound.chunk, sound.at)
        if self._overhearing and self._on:
            self._overhearing.hear(Speaker.PERSON, sound.chunk, sound.at)

    @property
    def dropped(self) -> int:
        return self._overhearing.dropped if self._overhearing else 0

    def record(self, on: bool) -> bool:
        self._on = on
        return on and self._recording is not None

    def _written(self, line: TalkLine) -> None:
        self._scribe.spoken(line)
        if line.text:
            who = "caller" if line.who is Speaker.CALLER else "seat"
            self._spawn(self._line.caption(who, line.text, True))

    # ── the end ─────────────────────────────────────────────────────────────────────────────

    async def finish(self) -> None:
        """The caller is gone: what was said last is still written down, if that is soon."""
        if self._overhearing:
            await self._overhearing.finish()

    async def close(self) -> str | None:
        """The name of the recording, once it is complete."""
        if self._recording is None:
            return None
        await self._recording.close()
        return self._recording.name
