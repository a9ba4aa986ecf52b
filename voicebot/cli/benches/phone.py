"""A telephone on virtual time: line noise, the echo of our own voice, G.711, and a tape of both ends."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Final

import numpy as np

from voicebot.adapters.sip import g711
from voicebot.calls.ports import LEAD, AudioIn, HungUp, LineEvent, LineInfo, TextIn
from voicebot.cli.benches.caller import RATE, Floats
from voicebot.core.audio import AudioChunk
from voicebot.core.clock import Clock
from voicebot.core.ids import CallId

FRAME: Final = RATE // 50
LONGEST: Final = 180
"""Seconds of a call that the tape has room for."""
FULL: Final = 32767.0


@dataclass(frozen=True, slots=True)
class Echo:
    """What comes back of our voice.

    Args:
        gain: in dB, below 0.
        delay: seconds.
    """

    gain: float
    delay: float = 0.15


class Phone:
    """Implements `calls.ports.Line`; the far end is `play`, `type` and `hang_up_there`.

    Args:
        noise: the caller's surroundings, added all the time and repeated; None for silence.
    """

    def __init__(
        self, call_id: CallId, clock: Clock, *, noise: Floats | None = None, echo: Echo | None = None
    ) -> None:
        self._info = LineInfo(call_id, "13800138000", "12345", "phone", RATE)
        self._clock = clock
        self._noise = noise
        self._echo = echo
        self._theirs = np.zeros(LONGEST * RATE)
        self._ours = np.zeros(LONGEST * RATE)
        self._began = 0.0
        self._frames = 0
        self._edge = 0.0
        self._sent = 0
        self._inbox: deque[LineEvent] = deque()
        self._wake = asyncio.Event()
        self._cut = asyncio.Event()
        self._gone = False

    # ── the far end ─────────────────────────────────────────────────────────────────────────

    def play(self, pcm: bytes) -> float:
        """The caller makes this sound from the next frame on; time of its first sample."""
        start = (self._frames + 1) * FRAME
        samples = np.frombuffer(pcm, "<i2") / FULL
        self._theirs[start : start + len(samples)] += samples
        return self._began + start / RATE

    def type(self, text: str) -> None:
        self._put(TextIn(text))

    def hang_up_there(self) -> None:
        self._put(HungUp("caller"))

    def heard(self) -> list[tuple[float, bytes]]:
        """What the caller was given to hear so far: (end of the packet, s16), 20 ms each."""
        count = int((self._clock.monotonic() - self._began) * RATE) // FRAME
        pcm = (self._ours[: count * FRAME] * FULL).astype("<i2").tobytes()
        size = 2 * FRAME
        return [(self._began + (i + 1) * 0.02, pcm[i * size : (i + 1) * size]) for i in range(count)]

    @property
    def ended(self) -> bool:
        return self._gone

    @property
    def began(self) -> float:
        """When it was answered."""
        return self._began

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
            due = self._began + (self._frames + 1) * 0.02
            now = self._clock.monotonic()
            if due <= now + 1e-9:
                yield self._frame(due)
                continue
            self._wake.clear()
            try:
                async with asyncio.timeout(due - now):
                    await self._wake.wait()
            except TimeoutError:
                continue

    def _frame(self, due: float) -> AudioIn:
        start = self._frames * FRAME
        self._frames += 1
        sound = self._theirs[start : start + FRAME].copy()
        if self._echo is not None:
            behind = start - round(self._echo.delay * RATE)
            if behind >= 0:
                sound += self._ours[behind : behind + FRAME] * 10 ** (self._echo.gain / 20)
        if self._noise is not None:
            sound += np.take(self._noise, range(start, start + FRAME), mode="wrap")
        pcm = (np.clip(sound, -1, 1) * FULL).astype("<i2").tobytes()
        return AudioIn(AudioChunk(g711.decode(g711.encode(pcm, "pcma"), "pcma"), RATE), due)

    async def answer(self) -> None:
        self._began = self._edge = self._clock.monotonic()

    async def send(self, chunk: AudioChunk) -> None:
        if self._gone:
            return
        now = self._clock.monotonic()
        start = max(self._edge, now)
        at = round((start - self._began) * RATE)
        self._ours[at : at + chunk.samples] = np.frombuffer(chunk.pcm, "<i2") / FULL
        self._edge = start + chunk.seconds
        self._sent += chunk.samples
        if (wait := self._edge - LEAD - now) > 0:
            cut = self._cut
            try:
                async with asyncio.timeout(wait):
                    await cut.wait()
            except TimeoutError:
                return

    async def flush(self) -> None:
        now = self._clock.monotonic()
        self._sent = self.played()
        self._ours[round((now - self._began) * RATE) :] = 0
        self._edge = min(self._edge, now)
        self._cut.set()
        self._cut = asyncio.Event()

    def played(self) -> int:
        ahead = max(0.0, self._edge - self._clock.monotonic())
        return self._sent - round(ahead * RATE)

    async def caption(self, who: str, text: str, final: bool) -> None: ...

    async def state(self, state: str) -> None: ...

    async def transfer(self, target: str, reference: str) -> bool:
        return False

    async def send_keys(self, keys: str) -> bool:
        return False

    async def hang_up(self, reason: str) -> None:
        self._put(HungUp("us"))

    def _put(self, event: LineEvent) -> None:
        if not self._gone:
            self._gone = isinstance(event, HungUp)
            self._inbox.append(event)
            self._wake.set()
