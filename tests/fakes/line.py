"""A `Line` in memory: the far end is the test. Works on virtual time: asyncio primitives and a Clock only."""

import asyncio
import math
from collections import deque
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Final

from voicebot.calls.ports import LEAD, AudioIn, DigitIn, HeldIn, HungUp, LineEvent, LineInfo, TextIn
from voicebot.core.audio import BYTES_PER_SAMPLE, AudioChunk
from voicebot.core.clock import Clock
from voicebot.core.ids import CallId

FRAME: Final = 0.02
"""Seconds of the caller's sound per event."""
LATE: Final = 250
"""Frames a reader may be late; older ones are lost."""
LAST_WORDS: Final = 0.3

INFO: Final = LineInfo(CallId("20261124-093000-0000"), "13800138000", "12345", "phone", 8000)


@dataclass(frozen=True, slots=True)
class Heard:
    """Sound of ours as it reached the listener: `at` is when its first sample was heard."""

    at: float
    chunk: AudioChunk


class FakeLine:
    """A line whose far end is played by the test.

        line = FakeLine(clock)
        line.says(pcm)              # the caller's sound, frame by frame in real time, then silence
        line.press("0"); line.types("你好"); line.hold(True); line.hangs_up()
        line.heard                  # what they got to hear, and when

    The caller's sound begins to flow with `answer`. `transfers` is what REFER will answer.
    """

    def __init__(self, clock: Clock, info: LineInfo = INFO, *, transfers: bool = True) -> None:
        self._info = info
        self._clock = clock
        self._transfers = transfers
        self._inbox: deque[LineEvent] = deque()
        self._wake = asyncio.Event()
        self._cut = asyncio.Event()
        """Set, and replaced, when a flush or the end frees those who wait in `send`."""
        self._sound = bytearray()
        self._began = math.nan
        self._frames = 0
        """Frames of the caller given out since `answer`."""
        self._held = False
        self._gone = False
        self._edge = -math.inf
        """When the sound queued so far has been heard."""
        self.heard: list[Heard] = []
        self.captions: list[tuple[str, str, bool]] = []
        self.states: list[str] = []
        self.transferred: list[tuple[str, str]] = []
        self.keyed = ""
        """Keys that our side pressed."""
        self.flushes: list[float] = []
        self.hang_up_reason: str | None = None
        """What our side gave to `hang_up`."""

    # ── the far end ─────────────────────────────────────────────────────────────────────────

    def says(self, pcm: bytes) -> None:
        """The caller makes this sound (s16 at `info.rate`), after what they are saying already."""
        self._sound += pcm
        self._wake.set()

    def press(self, keys: str) -> None:
        for key in keys:
            self._put(DigitIn(key))

    def types(self, text: str) -> None:
        self._put(TextIn(text))

    def hold(self, held: bool) -> None:
        self._held = held
        self._put(HeldIn(held))

    def hangs_up(self, reason: str = "caller") -> None:
        self._end(reason)

    def heard_pcm(self) -> bytes:
        """All they heard until now, joined."""
        now = self._clock.monotonic()
        return b"".join(each.chunk.pcm[: BYTES_PER_SAMPLE * self._heard_of(each, now)] for each in self.heard)

    # ── port Line ───────────────────────────────────────────────────────────────────────────

    @property
    def info(self) -> LineInfo:
        return self._info

    async def events(self) -> AsyncIterator[LineEvent]:
        while True:
            if self._inbox:
                event = self._inbox.popleft()
                yield event
                if isinstance(event, HungUp):
                    return
                continue
            if self._gone:
                return
            now = self._clock.monotonic()
            due = self._began + (self._frames + 1) * FRAME
            if due <= now + 1e-9:
                yield self._next_frame(due, now)
                continue
            self._wake.clear()
            try:
                async with asyncio.timeout(None if math.isnan(due) else due - now):
                    await self._wake.wait()
            except TimeoutError:
                continue

    async def answer(self) -> None:
        if not self._gone and math.isnan(self._began):
            self._began = self._clock.monotonic()
            self._wake.set()

    async def send(self, chunk: AudioChunk) -> None:
        if chunk.rate != self._info.rate:
            raise ValueError(f"line at {self._info.rate} Hz was given sound at {chunk.rate} Hz")
        if self._gone:
            return
        now = self._clock.monotonic()
        start = max(self._edge, now)
        self._edge = start + chunk.seconds
        if not self._held:
            self.heard.append(Heard(start, chunk))
        if (wait := self._edge - LEAD - now) > 0:
            cut = self._cut
            try:
                async with asyncio.timeout(wait):
                    await cut.wait()
            except TimeoutError:
                return

    async def flush(self) -> None:
        if self._gone:
            return
        now = self._clock.monotonic()
        self.flushes.append(now)
        self._forget(now)

    def played(self) -> int:
        now = self._clock.monotonic()
        return sum(self._heard_of(each, now) for each in self.heard)

    async def caption(self, who: str, text: str, final: bool) -> None:
        if not self._gone:
            self.captions.append((who, text, final))

    async def state(self, state: str) -> None:
        if not self._gone:
            self.states.append(state)

    async def transfer(self, target: str, reference: str) -> bool:
        if self._gone or not self._transfers:
            return False
        self.transferred.append((target, reference))
        self._end("transferred")
        return True

    async def send_keys(self, keys: str) -> bool:
        self.keyed += "" if self._gone else keys
        return not self._gone

    async def hang_up(self, reason: str) -> None:
        if self._gone or self.hang_up_reason is not None:
            return
        self.hang_up_reason = reason
        left = min(self._edge - self._clock.monotonic(), LAST_WORDS)
        if left > 0:
            await asyncio.sleep(left)
        self._end("us")

    # ── inside ──────────────────────────────────────────────────────────────────────────────

    def _put(self, event: LineEvent) -> None:
        if not self._gone:
            self._inbox.append(event)
            self._wake.set()

    def _end(self, reason: str) -> None:
        if not self._gone:
            self._forget(self._clock.monotonic())
            self._put(HungUp(reason))
            self._gone = True

    def _next_frame(self, due: float, now: float) -> AudioIn:
        missed = int((now - due) / FRAME) - LATE
        size = BYTES_PER_SAMPLE * round(FRAME * self._info.rate)
        if missed > 0:
            del self._sound[: missed * size]
            self._frames += missed
            due += missed * FRAME
        pcm = bytes(self._sound[:size]).ljust(size, b"\0")
        del self._sound[:size]
        self._frames += 1
        return AudioIn(AudioChunk(pcm, self._info.rate), due)

    def _heard_of(self, each: Heard, now: float) -> int:
        """Samples of `each` that were heard by `now`."""
        return min(each.chunk.samples, max(0, math.floor((now - each.at) * each.chunk.rate + 1e-6)))

    def _forget(self, now: float) -> None:
        kept = []
        for each in self.heard:
            if count := self._heard_of(each, now):
                kept.append(
                    Heard(each.at, AudioChunk(each.chunk.pcm[: BYTES_PER_SAMPLE * count], each.chunk.rate))
                )
        self.heard = kept
        self._edge = min(self._edge, now)
        self._cut.set()
        self._cut = asyncio.Event()
