"""The conference: who hears whom, how late, and what a leg that misbehaves does to the others."""

import asyncio
import math
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from tests.fakes.line import FakeLine
from tests.virtual_time import SHANGHAI_MORNING, VirtualClock, on_virtual_time
from voicebot.calls.conference import Conference, Member, Mode
from voicebot.calls.ports import AudioIn, LineInfo
from voicebot.core.audio import AudioChunk
from voicebot.core.ids import CallId

TONES = {"caller": 400.0, "seat": 700.0, "fire": 1100.0, "boss": 1600.0}
ADDED_SIP, ADDED_WEB = 0.110, 0.150


@dataclass
class Table:
    """A conference, its lines, and what was given to the recording."""

    clock: VirtualClock
    room: Conference
    lines: dict[str, FakeLine] = field(default_factory=dict)
    people: list[AudioIn] = field(default_factory=list)

    async def joins(
        self, name: str, rate: int = 8000, mode: Mode = Mode.TALKS, *, seat: bool = False
    ) -> Member:
        line = FakeLine(self.clock, LineInfo(CallId(name), name, "", "phone", rate))
        await line.answer()
        self.lines[name] = line
        return self.room.join(name, line, mode=mode, seat=seat)

    async def hum(self, seconds: float) -> None:
        """Everybody makes a tone of their own for so long."""
        for name, line in self.lines.items():
            at = np.arange(round(seconds * line.info.rate)) / line.info.rate
            line.says((3000 * np.sin(2 * np.pi * TONES[name] * at)).astype("<i2").tobytes())
        await asyncio.sleep(seconds)

    def hears(self, name: str, seconds: float = 0.5) -> set[str]:
        """Whose tones were in the last of what they heard."""
        line = self.lines[name]
        heard = np.frombuffer(line.heard_pcm(), "<i2")[-round(seconds * line.info.rate) :]
        return {who for who, hertz in TONES.items() if strength(heard, hertz, line.info.rate) > 300}


def strength(sound: npt.NDArray[np.int16], hertz: float, rate: int) -> float:
    """Amplitude of a tone in the sound; 2 % off still counts, since the buffers play a little faster or
    slower at times."""
    if not len(sound):
        return 0.0
    bins = np.abs(np.fft.rfft(sound.astype(np.float64) * np.hanning(len(sound)))) * 4 / len(sound)
    near = np.abs(np.fft.rfftfreq(len(sound), 1 / rate) - hertz) < 0.02 * hertz
    return float(bins[near].max(initial=0.0))


@asynccontextmanager
async def table(rate: int = 8000) -> AsyncIterator[Table]:
    clock, people = VirtualClock(SHANGHAI_MORNING), list[AudioIn]()
    async with Conference(rate, clock, people.append) as room:
        yield Table(clock, room, people=people)


@on_virtual_time
async def test_four_legs_hear_all_but_themselves() -> None:
    async with table() as talk:
        for name in TONES:
            await talk.joins(name, 16000 if name == "seat" else 8000)
        await talk.hum(2.0)
        for name in TONES:
            assert talk.hears(name) == set(TONES) - {name}


@on_virtual_time
async def test_who_listens_in_is_heard_by_nobody_and_who_whispers_by_the_seat_alone() -> None:
    async with table() as talk:
        await talk.joins("caller")
        await talk.joins("seat", 16000, seat=True)
        boss = await talk.joins("boss", 16000, Mode.HEARS)
        await talk.hum(1.5)
        assert talk.hears("boss") == {"caller", "seat"}
        assert talk.hears("caller") == {"seat"}
        assert talk.hears("seat") == {"caller"}
        boss.mode = Mode.WHISPERS
        talk.people.clear()
        await talk.hum(1.5)
        assert talk.hears("seat") == {"caller", "boss"}
        assert talk.hears("caller") == {"seat"}
        assert talk.hears("boss") == {"caller", "seat"}
        recorded = np.frombuffer(b"".join(each.chunk.pcm for each in talk.people[25:]), "<i2")
        assert strength(recorded, TONES["seat"], 8000) > 1000
        assert strength(recorded, TONES["boss"], 8000) < 100
        boss.mode = Mode.TALKS
        await talk.hum(1.5)
        assert talk.hears("caller") == {"seat", "boss"}


@on_virtual_time
async def test_who_is_held_hears_music_and_is_not_heard() -> None:
    async with table() as talk:
        caller = await talk.joins("caller")
        await talk.joins("seat")
        await talk.joins("fire")
        caller.held = True
        await talk.hum(2.0)
        assert talk.hears("seat") == {"fire"}
        assert talk.hears("fire") == {"seat"}
        music = np.frombuffer(talk.lines["caller"].heard_pcm(), "<i2")[-8000:]
        assert strength(music, TONES["seat"], 8000) < 150
        assert 100 < np.sqrt(np.mean(music.astype(np.float64) ** 2)) < 3000
        caller.held = False
        await talk.hum(1.0)
        assert talk.hears("caller") == {"seat", "fire"}


@on_virtual_time
async def test_who_is_muted_hears_and_is_not_heard() -> None:
    async with table() as talk:
        await talk.joins("caller")
        seat = await talk.joins("seat")
        seat.muted = True
        await talk.hum(1.5)
        assert talk.hears("caller") == set()
        assert talk.hears("seat") == {"caller"}


@on_virtual_time
async def test_who_leaves_is_heard_no_more_and_who_hangs_up_is_known() -> None:
    async with table() as talk:
        await talk.joins("caller")
        seat = await talk.joins("seat")
        talk.lines["seat"].hangs_up()
        await asyncio.wait_for(seat.gone.wait(), 1)
        assert seat.reason == "caller"
        talk.room.leave(seat)
        await talk.hum(1.0)
        assert talk.hears("caller") == set()


@on_virtual_time
async def test_a_sentence_is_heard_by_those_it_is_for_and_ends_when_told() -> None:
    async with table() as talk:
        await talk.joins("caller")
        await talk.joins("seat", seat=True)
        at = np.arange(16000) / 16000
        words = AudioChunk((3000 * np.sin(2 * np.pi * 1100 * at)).astype("<i2").tobytes(), 16000)
        began = talk.clock.monotonic()
        await talk.room.say(words, lambda member: member.seat)
        assert 0.95 < talk.clock.monotonic() - began < 1.1
        await asyncio.sleep(0.1)
        assert talk.hears("seat", 0.8) == {"fire"}
        assert talk.hears("caller", 0.8) == set()
        began = talk.clock.monotonic()
        await talk.room.say(words, lambda _: True, until=lambda: talk.clock.monotonic() > began + 0.3)
        assert talk.clock.monotonic() - began < 0.4


@on_virtual_time
async def test_a_line_that_takes_no_more_harms_nobody_else() -> None:
    class Stuck(FakeLine):
        async def send(self, chunk: AudioChunk) -> None:
            await asyncio.Event().wait()

    async with table() as talk:
        await talk.joins("caller")
        await talk.joins("fire")
        line = Stuck(talk.clock, LineInfo(CallId("seat"), "seat", "", "web", 16000))
        seat = talk.room.join("seat", line)
        await talk.hum(2.0)
        assert talk.hears("caller") == {"fire"}
        assert seat.overrun > 50


async def added(rates: tuple[int, int]) -> float:
    """Seconds from a click at one far end to the same click at the other, the worst of many."""
    worst = 0.0
    for phase in range(4):
        async with table(rates[0]) as talk:
            await talk.joins("caller", rates[0])
            await asyncio.sleep(0.0047 * phase)
            await talk.joins("seat", rates[1])
            await asyncio.sleep(2.5 + 0.0053 * phase)
            for source, sink in (("caller", "seat"), ("seat", "caller")):
                spoken = clicks(talk.lines[source])
                before = talk.clock.monotonic()
                talk.lines[source].says(spoken)
                await asyncio.sleep(1.0)
                began = next_frame(talk.lines[source], before)
                worst = max(worst, loudest(talk.lines[sink], before) - (began + 0.1))
    return worst


def clicks(line: FakeLine) -> bytes:
    """0.1 s of silence and 5 ms of sound."""
    rate = line.info.rate
    at = np.arange(round(0.005 * rate))
    click = (20000 * np.sin(2 * np.pi * 1000 * at / rate)).astype("<i2").tobytes()
    return bytes(2 * round(0.1 * rate)) + click


def next_frame(line: FakeLine, now: float) -> float:
    """When the far end begins with the next piece of their sound."""
    return line._began + math.ceil((now - line._began) / 0.02 - 1e-9) * 0.02


def loudest(line: FakeLine, since: float) -> float:
    """When the first loud sample was heard."""
    for each in line.heard:
        samples = np.abs(np.frombuffer(each.chunk.pcm, "<i2").astype(np.int32))
        if each.at > since and samples.max(initial=0) > 5000:
            return each.at + float(np.argmax(samples > 5000)) / each.chunk.rate
    raise AssertionError("the click was not heard")


@on_virtual_time
async def test_two_plain_legs_add_little() -> None:
    phones, browser = await added((8000, 8000)), await added((8000, 16000))
    # 53-66 ms, the packet that the speaker's own end collects included;
    # what lies outside: a packet at either end of a phone (native ring), 60 ms in the page of a browser
    assert phones + 0.02 <= ADDED_SIP
    assert browser + 0.06 <= ADDED_WEB


@on_virtual_time
async def test_a_stall_of_ours_leaves_no_standing_delay() -> None:
    async with table() as talk:
        await talk.joins("caller")
        seat = await talk.joins("seat")
        await talk.hum(3.0)
        seat.buffer.put(bytes(2 * 1600), talk.clock.monotonic())  # what a stall of 0.2 s leaves behind
        assert seat.buffer.seconds > 0.1
        await talk.hum(20.0)
        assert seat.buffer.seconds < 0.05
