"""The contract of `voicebot.calls.ports.Line`, run here on the fake and in the integration tests on
real lines: import `CHECKS` and `Stage`."""

import asyncio
import inspect
import itertools
from collections.abc import Awaitable, Callable
from typing import Final, Protocol

import numpy as np
import pytest

from tests.fakes.line import FakeLine
from tests.virtual_time import SHANGHAI_MORNING, VirtualClock, on_virtual_time
from voicebot.calls.ports import LEAD, AudioIn, DigitIn, HeldIn, HungUp, Line, LineEvent
from voicebot.core.audio import AudioChunk
from voicebot.core.clock import Clock

_: type[Line] = FakeLine


class Stage(Protocol):
    """A line and the far end of it."""

    line: Line
    clock: Clock
    slack: float
    """Seconds that this line may be late."""
    can_hold: bool

    async def speaks(self, pcm: bytes) -> None: ...

    async def presses(self, keys: str) -> None: ...

    async def holds(self, held: bool) -> None: ...

    async def hangs_up(self) -> None: ...

    def heard(self) -> int:
        """Samples of ours, other than silence, that have reached the listener until now."""
        ...


def tone(seconds: float, rate: int) -> bytes:
    """400 Hz, loud; no sample pair is silent."""
    at = np.arange(round(seconds * rate))
    return (8000 * np.sin(2 * np.pi * 400 * at / rate) + 500).astype("<i2").tobytes()


async def say(line: Line, seconds: float, chunk: float = 0.02) -> None:
    """Sends `seconds` of tone in chunks."""
    rate = line.info.rate
    pcm, size = tone(seconds, rate), 2 * round(chunk * rate)
    for start in range(0, len(pcm), size):
        await line.send(AudioChunk(pcm[start : start + size], rate))


class Reader:
    """Consumes the events of a line while a check runs."""

    def __init__(self, line: Line) -> None:
        self.events: list[LineEvent] = []
        self._line = line
        self._news = asyncio.Event()

    async def run(self) -> None:
        async for event in self._line.events():
            self.events.append(event)
            self._news.set()

    async def until(self, wanted: Callable[[list[LineEvent]], bool]) -> None:
        async with asyncio.timeout(5):
            while not wanted(self.events):
                self._news.clear()
                await self._news.wait()


async def check_far_end_hangs_up(stage: Stage, reader: Reader) -> None:
    await stage.hangs_up()
    await reader.until(lambda events: HungUp("caller") in events)
    assert reader.events[-1] == HungUp("caller")


async def check_we_hang_up_after_the_last_words(stage: Stage, reader: Reader) -> None:
    await say(stage.line, 0.3)
    await stage.line.hang_up("done")
    await reader.until(lambda events: HungUp("us") in events)
    assert stage.heard() >= 0.27 * stage.line.info.rate
    await stage.line.hang_up("done")


async def check_send_is_paced(stage: Stage, reader: Reader) -> None:
    rate = stage.line.info.rate
    began = stage.clock.monotonic()
    await say(stage.line, 1.0)
    took = stage.clock.monotonic() - began
    assert 1.0 - LEAD - stage.slack <= took <= 1.0 + stage.slack
    assert (1.0 - LEAD - stage.slack) * rate <= stage.line.played() <= rate
    await asyncio.sleep(LEAD + stage.slack)
    assert stage.line.played() >= 0.98 * rate
    assert stage.heard() >= 0.98 * rate


async def check_no_sample_of_odd_chunks_is_lost(stage: Stage, reader: Reader) -> None:
    rate = stage.line.info.rate
    await say(stage.line, 0.625, chunk=0.025)
    await asyncio.sleep(LEAD + 0.04 + stage.slack)
    assert stage.heard() >= 0.62 * rate
    assert stage.line.played() >= 0.625 * rate


async def check_flush_forgets(stage: Stage, reader: Reader) -> None:
    rate = stage.line.info.rate
    speaking = asyncio.create_task(say(stage.line, 5.0))
    await asyncio.sleep(0.5)
    speaking.cancel()
    await asyncio.wait({speaking})
    await stage.line.flush()
    at_flush = stage.line.played()
    await asyncio.sleep(0.2 + stage.slack)
    # One packet may be with the encoder already.
    assert stage.line.played() <= at_flush + 0.021 * rate
    assert stage.heard() <= at_flush + 0.041 * rate
    await say(stage.line, 0.2)
    await asyncio.sleep(LEAD + stage.slack)
    assert stage.line.played() >= at_flush + 0.19 * rate


async def check_flush_frees_a_waiting_send(stage: Stage, reader: Reader) -> None:
    rate = stage.line.info.rate
    sending = asyncio.create_task(stage.line.send(AudioChunk(tone(0.5, rate), rate)))
    await asyncio.sleep(0.1)
    assert not sending.done()
    began = stage.clock.monotonic()
    await stage.line.flush()
    await asyncio.wait_for(sending, 1.0)
    assert stage.clock.monotonic() - began <= 0.4 + stage.slack


async def check_the_callers_sound_comes_in_real_time(stage: Stage, reader: Reader) -> None:
    rate = stage.line.info.rate
    await stage.speaks(tone(0.3, rate))
    began = stage.clock.monotonic()
    await asyncio.sleep(1.0)
    sound = [event for event in reader.events if isinstance(event, AudioIn) and event.at > began]
    assert all(event.chunk.rate == rate for event in sound)
    assert all(early.at <= late.at for early, late in itertools.pairwise(sound))
    assert abs(sum(event.chunk.seconds for event in sound) - 1.0) <= 0.06 + stage.slack
    loud = b"".join(event.chunk.pcm for event in sound)
    assert np.count_nonzero(np.abs(np.frombuffer(loud, "<i2").astype(int)) > 300) >= 0.25 * rate
    assert max(event.at for event in sound) <= stage.clock.monotonic()


async def check_each_key_is_one_digit(stage: Stage, reader: Reader) -> None:
    await stage.presses("1#1")
    wanted = [DigitIn("1"), DigitIn("#"), DigitIn("1")]
    await reader.until(lambda events: len([e for e in events if isinstance(e, DigitIn)]) >= 3)
    await asyncio.sleep(0.2)
    assert [event for event in reader.events if isinstance(event, DigitIn)] == wanted


async def check_hold_and_resume(stage: Stage, reader: Reader) -> None:
    if not stage.can_hold:
        pytest.skip("this line has no hold")
    await stage.holds(True)
    await reader.until(lambda events: HeldIn(True) in events)
    await say(stage.line, 0.2)  # nobody hears it, and it does not hang
    await stage.holds(False)
    await reader.until(lambda events: HeldIn(False) in events)
    before = stage.heard()
    await say(stage.line, 0.4)
    await asyncio.sleep(LEAD + stage.slack)
    assert stage.heard() - before >= 0.3 * stage.line.info.rate


async def check_nothing_happens_on_a_line_that_is_gone(stage: Stage, reader: Reader) -> None:
    await stage.hangs_up()
    await reader.until(lambda events: HungUp("caller") in events)
    began = stage.clock.monotonic()
    line = stage.line
    await line.answer()
    await say(line, 1.0)
    await line.flush()
    await line.caption("bot", "您好", True)
    await line.state("listening")
    assert not await line.transfer("sip:8001@127.0.0.1", "r")
    await line.hang_up("done")
    assert line.played() >= 0
    assert stage.clock.monotonic() - began <= 0.1 + stage.slack
    assert [event async for event in line.events()] == []


async def check_a_wrong_rate_is_refused(stage: Stage, reader: Reader) -> None:
    with pytest.raises(ValueError, match="Hz"):
        await stage.line.send(AudioChunk(b"\0\0", stage.line.info.rate + 1))


Check = Callable[[Stage, Reader], Awaitable[None]]

CHECKS: Final[tuple[Check, ...]] = tuple(
    function
    for name, function in list(globals().items())
    if name.startswith("check_") and inspect.isfunction(function)
)


async def run_check(check: Check, stage: Stage) -> None:
    """Runs one check on a line that was answered, with its events being read."""
    reader = Reader(stage.line)
    reading = asyncio.create_task(reader.run())
    try:
        await check(stage, reader)
    finally:
        await stage.line.hang_up("test")
        async with asyncio.timeout(5):
            await reading


class FakeStage:
    slack = 0.001
    can_hold = True

    def __init__(self, clock: VirtualClock) -> None:
        self.clock: Clock = clock
        self.fake = FakeLine(clock)
        self.line: Line = self.fake

    async def speaks(self, pcm: bytes) -> None:
        self.fake.says(pcm)

    async def presses(self, keys: str) -> None:
        self.fake.press(keys)

    async def holds(self, held: bool) -> None:
        self.fake.hold(held)

    async def hangs_up(self) -> None:
        self.fake.hangs_up()

    def heard(self) -> int:
        return int(np.count_nonzero(np.frombuffer(self.fake.heard_pcm(), "<i2")))


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
@on_virtual_time
async def test_fake_line(check: Check) -> None:
    stage = FakeStage(VirtualClock(SHANGHAI_MORNING))
    await stage.line.answer()
    await run_check(check, stage)
