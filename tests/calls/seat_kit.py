"""Seats, queue and switchboard in memory on virtual time: the test is caller and seats."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Final

from tests.calls.kit import until, voice
from tests.fakes.dialer import FakeDialer
from tests.fakes.line import FakeLine, Heard
from tests.fakes.seats import MemorySeats
from tests.fakes.speech import FakeSynthesizer
from tests.virtual_time import SHANGHAI_MORNING, VirtualClock
from voicebot.calls.announcing import Announcer
from voicebot.calls.options import SeatOptions
from voicebot.calls.ports import AudioIn, Line, LineInfo
from voicebot.calls.queueing import QueueSwitchboard
from voicebot.calls.seat_lines import SeatLines
from voicebot.calls.switchboard import SeatSwitchboard
from voicebot.calls.talk import TalkParts
from voicebot.calls.talk_orders import RunningTalks
from voicebot.core.handover import Handover, HandoverEnd, HandoverOutcome, HandoverReason, Place
from voicebot.core.ids import CallId, QueueName, SeatId
from voicebot.operations.distributor import Distributor
from voicebot.operations.seat_desk import SeatDesk
from voicebot.operations.talks import TalkAction, TalkOrder
from voicebot.seats.contact import Contact, ContactState, Talk
from voicebot.seats.rules import SeatRules
from voicebot.seats.seat import Seat, SeatState
from voicebot.speech.ports import VoiceSettings

CALL: Final = CallId("20261124-093000-0000")
QUEUE: Final = QueueName("综合")
WANTED: Final = Handover(CALL, QUEUE, HandoverReason.ASKED, "社保卡丢了，想问怎么补办")
PHONE: Final = "13800138000"


@dataclass
class FakeRoom:
    """Implements `WaitingRoom`; keeps what it was told."""

    places: list[Place] = field(default_factory=list)
    persons: int = 0
    backs: int = 0
    sound: list[AudioIn] = field(default_factory=list)
    records: list[bool] = field(default_factory=list)
    dropped: int = 0
    slots: Mapping[str, str] = field(default_factory=dict)
    leaving: "asyncio.Future[HandoverOutcome]" = field(
        default_factory=lambda: asyncio.get_running_loop().create_future()
    )

    @property
    def sounding(self) -> bool:
        return bool(self.places)

    def news(self, place: Place) -> None:
        self.places.append(place)

    def told(self) -> tuple[str, Mapping[str, str]]:
        return "", self.slots

    async def person(self) -> None:
        self.persons += 1

    def back(self) -> None:
        self.backs += 1

    def people(self, sound: AudioIn) -> None:
        self.sound.append(sound)

    def record(self, on: bool) -> bool:
        self.records.append(on)
        return on

    async def gone(self) -> HandoverOutcome:
        return await asyncio.shield(self.leaving)


@dataclass
class FakeDoors:
    """Implements `SeatDoors`; the pages of those who are `absent` never connect."""

    clock: VirtualClock
    absent: set[str] = field(default_factory=set)
    mute: set[str] = field(default_factory=set)
    """Their pages connect and send nothing."""
    opened: dict[str, list[FakeLine]] = field(default_factory=dict)

    async def line(self, call_id: CallId, seat: SeatId, timeout: float) -> Line | None:
        if seat in self.absent:
            await asyncio.sleep(timeout)
            return None
        await asyncio.sleep(0.3)
        line = FakeLine(self.clock, LineInfo(call_id, seat, "", "web", 16000))
        if seat not in self.mute:
            await line.answer()
        self.opened.setdefault(seat, []).append(line)
        return line


@dataclass
class FakeRights:
    """Implements `Rights`."""

    bosses: set[str] = field(default_factory=lambda: {"boss"})

    async def supervises(self, by: SeatId) -> bool:
        return by in self.bosses


@dataclass
class Hall:
    """A caller who wants a person, and the seats there are."""

    clock: VirtualClock
    store: MemorySeats
    desk: SeatDesk
    line: FakeLine
    room: FakeRoom
    dialer: FakeDialer
    doors: FakeDoors
    voice: FakeSynthesizer
    talks: RunningTalks
    switchboard: QueueSwitchboard
    rights: FakeRights
    ending: "asyncio.Task[HandoverEnd] | None" = None
    _beats: list["asyncio.Task[None]"] = field(default_factory=list)

    # ── seats ───────────────────────────────────────────────────────────────────────────────

    async def sign_in(self, seat: str, *, phone: str = "", skills: Mapping[str, int] | None = None) -> None:
        name = SeatId(seat)
        await self.desk.reskill(name, skills or {QUEUE: 3}, fresh=True)
        if phone:
            await self.desk.set_phone(name, phone)
        await self.desk.sign_in(name, "t")
        await self.desk.ready(name, "t")
        self._beats.append(asyncio.create_task(self._beat(name), name=f"beat {seat}"))

    def dies(self, seat: str) -> None:
        """The browser of a seat is killed: no sign of life, no sound."""
        for task in self._beats:
            if task.get_name() == f"beat {seat}":
                task.cancel()

    async def _beat(self, seat: SeatId) -> None:
        while True:
            await self.desk.beat(seat, "t")
            await asyncio.sleep(2)

    async def accepts(self, seat: str, within: float = 60.0) -> None:
        """The seat's phone rings, and is answered."""
        await until(lambda: self.seat(seat).state is SeatState.OFFERED, within)
        await self.desk.accept(SeatId(seat), "t", CALL)

    async def talks_with(self, seat: str) -> FakeLine:
        """Accepts, and has been joined; the seat's line."""
        before = len(self.doors.opened.get(seat, ()))
        await self.accepts(seat)
        await until(lambda: len(self.doors.opened.get(seat, ())) > before and self.talk is not None)
        return self.doors.opened[seat][-1]

    def seat(self, seat: str) -> Seat:
        return self.store.by_id[SeatId(seat)]

    async def order(self, by: str, action: TalkAction, to: str = "") -> None:
        async with asyncio.timeout(60):
            await self.talks.order(TalkOrder(CALL, SeatId(by), action, to))

    # ── the call ────────────────────────────────────────────────────────────────────────────

    def wants_a_person(self, handover: Handover = WANTED) -> None:
        self.ending = asyncio.create_task(
            self.switchboard.hand_over(handover, self.line, self._sound(), self.room)
        )

    async def _sound(self) -> AsyncIterator[AudioIn]:
        async for event in self.line.events():
            if isinstance(event, AudioIn):
                yield event

    @property
    def contact(self) -> Contact:
        return self.store.calls[CALL]

    @property
    def talk(self) -> Talk | None:
        return self.contact.talk

    async def ends(self, within: float = 120.0) -> HandoverEnd:
        assert self.ending is not None
        return await asyncio.wait_for(self.ending, within)

    async def hangs_up(self) -> None:
        """As the call does it."""
        assert self.ending is not None
        self.ending.cancel()
        await asyncio.wait({self.ending})

    def caller_hears(self, who: FakeLine, seconds: float = 1.0) -> "asyncio.Future[bool]":
        return asyncio.ensure_future(heard_by(self.line, who, seconds))

    @property
    def recorded(self) -> float:
        """Seconds of what people said that went to the recording."""
        return sum(peak(each) > 100 for each in self.room.sound) * 0.02


async def heard_by(listener: FakeLine, speaker: FakeLine, seconds: float = 1.0) -> bool:
    """Whether the listener hears what the speaker says now."""
    await asyncio.sleep(0.5)  # what was said before has been heard
    now = listener._clock.monotonic()
    speaker.says(voice(seconds, -12.0, speaker.info.rate))
    await asyncio.sleep(seconds + 0.5)
    return (
        len([each for each in listener.heard if each.at > now and peak(each) > 6000]) * 0.02 > 0.6 * seconds
    )


def peak(each: Heard | AudioIn) -> int:
    return max((abs(sample) for sample in memoryview(each.chunk.pcm).cast("h")), default=0)


@asynccontextmanager
async def hall(
    *,
    options: SeatOptions | None = None,
    rules: SeatRules | None = None,
) -> AsyncIterator[Hall]:
    clock = VirtualClock(SHANGHAI_MORNING)
    store, dialer, doors, rights = MemorySeats(), FakeDialer(clock), FakeDoors(clock), FakeRights()
    given, seats = rules or SeatRules(), options or SeatOptions()
    desk = SeatDesk(store, clock, lambda: given)
    voice_of = FakeSynthesizer()
    line = FakeLine(clock, LineInfo(CALL, PHONE, "12345", "phone", 8000))
    await line.answer()
    parts = TalkParts(
        desk,
        SeatLines(dialer, doors, seats),
        Announcer(voice_of, VoiceSettings()),
        clock,
        seats,
        lambda: given,
    )
    talks = RunningTalks(rights)
    switchboard = QueueSwitchboard(parts, SeatSwitchboard(dialer, seats, clock), talks, "line-1")
    here = Hall(clock, store, desk, line, FakeRoom(), dialer, doors, voice_of, talks, switchboard, rights)
    distributing = asyncio.create_task(Distributor(desk, store, clock, lambda: given).run())
    try:
        yield here
    finally:
        tasks = [distributing, *here._beats, *([here.ending] if here.ending else [])]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        for each in (line, *(one for lines in doors.opened.values() for one in lines)):
            each.hangs_up()


__all__ = ["CALL", "PHONE", "QUEUE", "WANTED", "ContactState", "Hall", "hall", "heard_by", "peak"]
