"""Joins any number of legs: each hears the others, on our clock, in frames of 20 ms."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable, Coroutine, Mapping
from dataclasses import dataclass, field
from enum import Enum
from types import TracebackType
from typing import Any, Final, Self

import numpy as np
import numpy.typing as npt
import soxr

from voicebot.calls.jitter import JitterBuffer
from voicebot.calls.music import Music
from voicebot.calls.ports import AudioIn, HeldIn, HungUp, Line, LineEvent
from voicebot.calls.sound import FLOOR, FULL_SCALE, Resampler
from voicebot.core.audio import AudioChunk
from voicebot.core.clock import Clock

Mix = npt.NDArray[np.int32]

FRAME: Final = 0.02
BEHIND: Final = 0.06
"""Seconds that the mixer catches up after a stall; frames that are later still are left out (what came in
meanwhile waits in the buffers and is made up there)."""
AHEAD: Final = 2
"""Frames that may wait for a line that takes no more; the oldest are dropped."""
TEXT_RATE: Final = 8000
"""Of a conference whose caller types."""
LOUD: Final = -42.0
"""dBFS of a frame from which it counts as speech."""
SPEAKS: Final = 10
"""Such frames (0.2 s) make somebody who speaks."""


class Mode(Enum):
    TALKS = "is heard by all"
    HEARS = "监听: is heard by nobody"
    WHISPERS = "耳语: is heard by the seat alone"


class Member:
    """One leg. `mode`, `held`, `muted` may be changed at any time and count from the next frame.

    Args:
        seat: whispers are for them.
    """

    def __init__(self, name: str, line: Line, rate: int, mode: Mode, *, seat: bool, at: float) -> None:
        self.name: Final = name
        self.line: Final = line
        self.seat: Final = seat
        self.mode = mode
        self.held = False
        """Hears music and is not heard."""
        self.muted = False
        """Hears, and is not heard."""
        self.heard_at = at
        """When the last piece of their sound came."""
        self.came = False
        """Some sound of theirs has come."""
        self.gone = asyncio.Event()
        self.reason = ""
        """Why they are gone."""
        self.buffer: Final = JitterBuffer(rate)
        self.overrun = 0
        """Frames dropped since their line took no more."""
        self.away = False
        """They have put us on hold: what comes is their music."""
        self.waiting: deque[AudioChunk] = deque(maxlen=AHEAD)
        self.wake = asyncio.Event()
        self.music = Music(rate)
        self.tasks: tuple[asyncio.Task[None], ...] = ()
        self._loud = 0

    @property
    def speaks(self) -> bool:
        return self._loud >= SPEAKS

    @property
    def is_heard(self) -> bool:
        return self.mode is not Mode.HEARS and not (self.held or self.muted or self.away)

    def take(self, samples: int, now: float) -> Mix | None:
        """Their next frame, as far as they are heard. It is taken from the buffer in any case."""
        frame = self.buffer.take(samples, now)
        loud = frame is not None and _level(frame) > LOUD
        self._loud = min(2 * SPEAKS, self._loud + 1) if loud else max(0, self._loud - 1)
        return frame.astype(np.int32) if frame is not None and self.is_heard else None

    def give(self, chunk: AudioChunk) -> None:
        """Sound for their line, which takes it when it can."""
        if len(self.waiting) == AHEAD:
            self.overrun += 1
        self.waiting.append(chunk)
        self.wake.set()


@dataclass(eq=False)
class _Prompt:
    """A sentence of ours; `to` says who hears it."""

    sound: Mix
    to: Callable[[Member], bool]
    done: asyncio.Event = field(default_factory=asyncio.Event)
    at: int = 0

    def take(self, samples: int) -> Mix:
        frame = self.sound[self.at : self.at + samples]
        self.at += samples
        if self.at >= len(self.sound):
            self.done.set()
        return np.pad(frame, (0, samples - len(frame)))


class Conference:
    """An async context manager; while it is open, its members hear each other.

    It mixes at one rate, that of the caller's line: two plain phone legs are never resampled. Each
    member's sound waits in a `JitterBuffer`, each member's line is written by a task of its own: a line
    that hangs harms nobody else.

    Args:
        rate: samples per second, 0 for a caller who types.
        on_people: is given what all but the caller say to the caller, mixed, frame by frame; silence too.
    """

    def __init__(
        self, rate: int, clock: Clock, on_people: Callable[[AudioIn], None] = lambda _: None
    ) -> None:
        self.rate: Final = rate or TEXT_RATE
        self.members: dict[str, Member] = {}
        self._clock = clock
        self._on_people = on_people
        self._samples = round(FRAME * self.rate)
        self._prompts: list[_Prompt] = []
        self._group = asyncio.TaskGroup()
        self._mixer: asyncio.Task[None] | None = None
        self._closed = False
        self._errands: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        await self._group.__aenter__()
        self._mixer = self._group.create_task(self._run())
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for member in tuple(self.members.values()):
            self.leave(member)
        if self._mixer is not None:
            self._mixer.cancel()
        for task in tuple(self._errands):
            task.cancel()
        for prompt in self._prompts:
            prompt.done.set()  # nobody hears it any more, and nobody waits for it
        self._closed = True
        await self._group.__aexit__(kind, error, trace)

    # ── who takes part ──────────────────────────────────────────────────────────────────────

    def join(
        self,
        name: str,
        line: Line,
        sound: AsyncIterator[LineEvent] | None = None,
        *,
        mode: Mode = Mode.TALKS,
        seat: bool = False,
    ) -> Member:
        """They hear and are heard from now on.

        Args:
            sound: their sound where somebody else reads the line's events.
        """
        member = Member(name, line, self.rate, mode, seat=seat, at=self._clock.monotonic())
        reader = self._group.create_task(self._read(member, sound or line.events()))
        writer = self._group.create_task(self._write(member))
        member.tasks = (reader, writer)
        if line.info.rate:  # a frame ahead, so that a mixer that wakes up late is not heard
            member.give(AudioChunk(bytes(2 * self._samples), self.rate))
        self.members[name] = member
        return member

    def leave(self, member: Member) -> None:
        """They hear nothing any more; their line is not hung up."""
        if self.members.get(member.name) is member:
            del self.members[member.name]
        for task in member.tasks:
            task.cancel()

    def spawn(self, work: Coroutine[Any, Any, None]) -> None:
        """Runs beside the talk, and ends with it at the latest. What it raises ends the talk."""
        task = self._group.create_task(work)
        self._errands.add(task)
        task.add_done_callback(self._errands.discard)

    async def say(
        self, sound: AudioChunk, to: Callable[[Member], bool], *, until: Callable[[], bool] | None = None
    ) -> None:
        """Members hear a sentence of ours besides all else; returns when it has been mixed, or the
        conference is over.

        Args:
            to: who hears it. until: looked at each frame: ends it early.
        """
        samples = np.frombuffer(sound.pcm, "<i2")
        if sound.rate != self.rate:
            samples = soxr.resample(samples, sound.rate, self.rate)
        if not len(samples) or self._closed:
            return
        prompt = _Prompt(samples.astype(np.int32), to)
        self._prompts.append(prompt)
        try:
            while not prompt.done.is_set() and not (until is not None and until()):
                try:
                    async with asyncio.timeout(FRAME if until is not None else None):
                        await prompt.done.wait()
                except TimeoutError:
                    continue
        finally:
            if prompt in self._prompts:
                self._prompts.remove(prompt)

    # ── the sound of one member ─────────────────────────────────────────────────────────────

    async def _read(self, member: Member, events: AsyncIterator[LineEvent]) -> None:
        resample = Resampler(self.rate)
        async for event in events:
            match event:
                case AudioIn(chunk=chunk, at=at):
                    now = self._clock.monotonic()
                    member.heard_at, member.came = now, True
                    member.buffer.put(resample(chunk).pcm, now, now - at)
                case HeldIn(held=held):
                    member.away = held
                case HungUp(reason=reason):
                    member.reason = reason
                    member.gone.set()
                case _:
                    pass

    async def _write(self, member: Member) -> None:
        resample = Resampler(member.line.info.rate)
        while True:
            while member.waiting:
                await member.line.send(resample(member.waiting.popleft()))
            member.wake.clear()
            await member.wake.wait()

    # ── the mixer ───────────────────────────────────────────────────────────────────────────

    async def _run(self) -> None:
        loop = asyncio.get_running_loop()
        due = loop.time()
        while True:
            self.mix(self._clock.monotonic())
            due += FRAME
            if (behind := loop.time() - due) > BEHIND:
                due += behind
            await asyncio.sleep(due - loop.time())

    def mix(self, now: float) -> None:
        """One frame for everybody."""
        members = tuple(self.members.values())
        frames = {member: member.take(self._samples, now) for member in members}
        prompts = [(prompt, prompt.take(self._samples)) for prompt in self._prompts]
        self._prompts = [prompt for prompt in self._prompts if not prompt.done.is_set()]
        talk, whispers, people = self._sums(frames)
        for member in members:
            told = [sound for prompt, sound in prompts if prompt.to(member)]
            if member.name == CALLER:
                people = sum(told, people)
            if not member.line.info.rate:
                continue
            own = frames[member] if member.mode is Mode.TALKS else None
            mix = sum(told, talk if own is None else talk - own)
            if member.held:
                mix = sum(told, member.music.take(self._samples).astype(np.int32))
            elif member.seat:
                mix = mix + whispers
            member.give(self._chunk(mix))
        self._on_people(AudioIn(self._chunk(people), now))

    def _sums(self, frames: Mapping[Member, Mix | None]) -> tuple[Mix, Mix, Mix]:
        """The talk, what is whispered, and the talk without the caller."""
        talk, whispers, people = (np.zeros(self._samples, np.int32) for _ in range(3))
        for member, frame in frames.items():
            if frame is None:
                continue
            if member.mode is Mode.WHISPERS:
                whispers += frame
                continue
            talk += frame
            if member.name != CALLER:
                people += frame
        return talk, whispers, people

    def _chunk(self, mix: Mix) -> AudioChunk:
        return AudioChunk(np.clip(mix, -32768, 32767).astype("<i2").tobytes(), self.rate)


CALLER: Final = "caller"
"""Name of the caller's leg."""


def _level(frame: npt.NDArray[np.int16]) -> float:
    samples = frame.astype(np.float32)
    power = float(np.dot(samples, samples)) / (len(samples) * FULL_SCALE**2)
    return 10.0 * np.log10(power) if power > 0 else FLOOR
