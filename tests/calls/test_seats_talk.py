"""What seats and supervisors do with a running talk."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import pytest

from tests.calls.kit import until
from tests.calls.seat_kit import PHONE, Hall, hall, heard_by
from tests.fakes.line import FakeLine
from tests.virtual_time import on_virtual_time
from voicebot.calls.options import SeatOptions
from voicebot.core.errors import VoicebotError
from voicebot.core.handover import HandoverEnd, HandoverOutcome
from voicebot.core.ids import SeatId
from voicebot.operations.talks import TalkAction
from voicebot.seats.contact import ContactState
from voicebot.seats.seat import SeatState

OUTSIDE = SeatOptions(emergency={"110": "sip:police"}, numbers={"12333": "sip:12333@gate"})


@dataclass
class Running:
    """A talk of the caller with seat 1023; others are signed in."""

    hall: Hall
    seat: FakeLine

    @property
    def legs(self) -> list[tuple[str, str, str]]:
        talk = self.hall.talk
        return [] if talk is None else [(leg.party, leg.name, leg.state) for leg in talk.legs]

    def leg(self, name: str) -> str:
        assert self.hall.talk is not None
        return next(leg.id for leg in self.hall.talk.legs if leg.name == name)

    async def order(self, action: TalkAction, to: str = "", by: str = "1023") -> None:
        await self.hall.order(by, action, to)

    async def refuses(self, code: str, action: TalkAction, to: str = "", by: str = "1023") -> None:
        with pytest.raises(VoicebotError) as refused:
            await self.order(action, to, by)
        assert refused.value.code == code
        assert refused.value.message[0] > "一"

    async def both_hear(self, other: FakeLine) -> bool:
        here = self.hall
        return await heard_by(here.line, other, 0.5) and await heard_by(other, here.line, 0.5)


@asynccontextmanager
async def talking(*others: str, options: SeatOptions = OUTSIDE) -> AsyncIterator[Running]:
    async with hall(options=options) as here:
        await here.sign_in("1023")
        here.wants_a_person()
        seat = await here.talks_with("1023")
        for other in others:
            await here.sign_in(other)
        await asyncio.sleep(4)  # the first words
        yield Running(here, seat)


@on_virtual_time
async def test_hold_and_back() -> None:
    async with talking() as now:
        await now.order(TalkAction.HOLD)
        assert now.hall.talk is not None
        assert now.hall.talk.held
        assert now.hall.seat("1023").state is SeatState.HELD
        assert not await heard_by(now.hall.line, now.seat)
        assert not await heard_by(now.seat, now.hall.line)
        await now.order(TalkAction.RESUME)
        assert now.hall.seat("1023").state is SeatState.TALKING
        assert not now.hall.talk.held
        assert await now.both_hear(now.seat)


@on_virtual_time
async def test_mute() -> None:
    async with talking() as now:
        await now.order(TalkAction.MUTE)
        assert now.hall.talk is not None
        assert now.hall.talk.muted
        assert not await heard_by(now.hall.line, now.seat)
        assert await heard_by(now.seat, now.hall.line)
        await now.order(TalkAction.UNMUTE)
        assert not now.hall.talk.muted
        assert await heard_by(now.hall.line, now.seat)


@on_virtual_time
async def test_transfer_to_a_seat_that_answers() -> None:
    async with talking("1024") as now:
        await now.order(TalkAction.TRANSFER, "seat:1024")
        assert ("seat", "1024", "ringing") in now.legs
        assert now.hall.talk is not None
        assert now.hall.talk.held
        await now.refuses("talk.busy", TalkAction.TRANSFER, "number:110")
        other = await now.hall.talks_with("1024")
        await until(lambda: now.hall.contact.seat == "1024")
        await until(lambda: now.legs == [("seat", "1024", "talking")])
        assert now.hall.seat("1023").state is SeatState.WRAP_UP
        assert now.seat.hang_up_reason == "us"
        assert await now.both_hear(other)
        other.hangs_up()
        assert (await now.hall.ends()).outcome is HandoverOutcome.RETURNED
        assert now.hall.contact.state is ContactState.DONE
        assert now.hall.seat("1024").state is SeatState.WRAP_UP


@on_virtual_time
async def test_transfer_to_a_seat_that_does_not_answer_comes_back() -> None:
    async with talking("1024") as now:
        await now.order(TalkAction.TRANSFER, "seat:1024")
        await until(lambda: len(now.legs) == 1, 30)
        assert now.hall.talk is not None
        assert not now.hall.talk.held
        assert now.hall.contact.seat == "1023"
        await asyncio.sleep(4)
        assert "对方没有接听" in "".join(now.hall.voice.said)
        assert await now.both_hear(now.seat)


@on_virtual_time
async def test_transfer_called_off() -> None:
    async with talking("1024") as now:
        await now.order(TalkAction.TRANSFER, "seat:1024")
        await now.order(TalkAction.DROP, now.leg("1024"))
        assert now.hall.talk is not None
        assert not now.hall.talk.held
        assert await now.both_hear(now.seat)


@on_virtual_time
async def test_a_seat_that_leaves_amid_its_transfer_strands_nobody() -> None:
    async with talking("1024") as now:
        await now.order(TalkAction.TRANSFER, "seat:1024")
        await now.order(TalkAction.HANG_UP)
        await until(lambda: now.hall.contact.state is ContactState.WAITING, 30)
        assert now.hall.contact.front
        assert now.hall.ending is not None
        assert not now.hall.ending.done()


@on_virtual_time
async def test_transfer_to_a_seat_that_is_not_there() -> None:
    async with talking("1024") as now:
        await now.hall.desk.busy(SeatId("1024"))
        await now.refuses("seat.not_free", TalkAction.TRANSFER, "seat:1024")
        await now.refuses("seat.unknown", TalkAction.TRANSFER, "seat:nobody")
        await now.refuses("talk.unknown_target", TalkAction.TRANSFER, "number:12399")
        await now.refuses("talk.unknown_target", TalkAction.TRANSFER, "somewhere")
        await now.refuses("talk.nobody_there", TalkAction.TRANSFER, "queue:夜班")
        assert now.legs == [("seat", "1023", "talking")]


@on_virtual_time
async def test_transfer_to_a_queue() -> None:
    async with talking("1024") as now:
        await now.order(TalkAction.TRANSFER, "queue:综合")
        await until(lambda: now.hall.room.backs == 1)
        assert now.hall.seat("1023").state is SeatState.WRAP_UP
        other = await now.hall.talks_with("1024")
        await asyncio.sleep(4)
        assert await now.both_hear(other)


@on_virtual_time
async def test_transfer_to_a_number_frees_the_seat() -> None:
    async with talking() as now:
        people: list[FakeLine] = []
        now.hall.dialer.on_answer = people.append
        await now.order(TalkAction.TRANSFER, "number:12333")
        await until(lambda: now.hall.seat("1023").state is SeatState.WRAP_UP)
        assert now.hall.contact.state is ContactState.DONE
        assert await now.both_hear(people[0])
        people[0].hangs_up()
        assert (await now.hall.ends()).outcome is HandoverOutcome.RETURNED


@on_virtual_time
async def test_transfer_to_a_number_that_does_not_answer_comes_back() -> None:
    async with talking() as now:
        now.hall.dialer.outcome = HandoverOutcome.NO_ANSWER
        await now.order(TalkAction.TRANSFER, "number:12333")
        await until(lambda: len(now.legs) == 1, 30)
        await asyncio.sleep(4)
        assert await now.both_hear(now.seat)


@on_virtual_time
async def test_conference_with_the_police() -> None:
    async with talking() as now:
        people: list[FakeLine] = []
        now.hall.dialer.on_answer = people.append
        now.hall.room.slots = {"address": "人民路8号"}
        await now.order(TalkAction.CONFERENCE, "number:110")
        await until(lambda: ("outside", "110", "talking") in now.legs)
        assert now.hall.dialer.shown == [PHONE]
        (police,) = people
        await asyncio.sleep(8)
        assert "人民路" in "".join(now.hall.voice.said)
        assert await now.both_hear(police)
        assert await heard_by(now.seat, police)
        await now.order(TalkAction.KEYS, "12#")
        assert police.keyed == "12#"
        await now.order(TalkAction.HANG_UP)
        assert now.hall.seat("1023").state is SeatState.WRAP_UP
        assert await now.both_hear(police)
        police.hangs_up()
        assert (await now.hall.ends()).outcome is HandoverOutcome.RETURNED


@on_virtual_time
async def test_conference_with_a_seat_and_its_end() -> None:
    async with talking("1024") as now:
        await now.order(TalkAction.CONFERENCE, "seat:1024")
        other = await now.hall.talks_with("1024")
        await until(lambda: ("seat", "1024", "talking") in now.legs)
        assert await now.both_hear(other)
        assert await heard_by(now.seat, other)
        await now.order(TalkAction.DROP, now.leg("1024"))
        assert now.hall.seat("1024").state is SeatState.WRAP_UP
        assert await now.both_hear(now.seat)


@on_virtual_time
async def test_the_first_seat_leaves_a_conference_to_the_second() -> None:
    async with talking("1024") as now:
        await now.order(TalkAction.CONFERENCE, "seat:1024")
        other = await now.hall.talks_with("1024")
        await until(lambda: ("seat", "1024", "talking") in now.legs)
        now.seat.hangs_up()
        await until(lambda: now.hall.contact.seat == "1024")
        assert await now.both_hear(other)


@on_virtual_time
async def test_keys_need_somebody_to_take_them() -> None:
    async with talking() as now:
        await now.refuses("talk.no_outside", TalkAction.KEYS, "1")
        await now.refuses("talk.invalid", TalkAction.KEYS, "x")


@on_virtual_time
async def test_say_is_heard_by_both() -> None:
    async with talking() as now:
        before = now.hall.clock.monotonic()
        await now.order(TalkAction.SAY, "请带身份证到网点")
        await asyncio.sleep(2.5)
        for line in (now.hall.line, now.seat):
            assert any(any(each.chunk.pcm) for each in line.heard if each.at > before)
        assert "请带身份证到网点" in now.hall.voice.said
        await now.refuses("talk.empty", TalkAction.SAY, " ")
        await now.refuses("talk.too_long", TalkAction.SAY, "长" * 1000)


@on_virtual_time
async def test_back_to_the_bot_in_a_chosen_flow() -> None:
    async with talking() as now:
        await now.order(TalkAction.BACK, "rating")
        assert await now.hall.ends() == HandoverEnd(HandoverOutcome.RETURNED, "rating")
        assert now.hall.seat("1023").state is SeatState.WRAP_UP
        assert now.seat.hang_up_reason == "us"
        await now.refuses("talk.unknown", TalkAction.HOLD)


@on_virtual_time
async def test_the_seat_hangs_up() -> None:
    async with talking() as now:
        await now.order(TalkAction.HANG_UP)
        assert (await now.hall.ends()).outcome is HandoverOutcome.RETURNED
        assert now.hall.contact.state is ContactState.DONE


@on_virtual_time
async def test_listen_in_whisper_and_barge() -> None:
    async with talking() as now:
        await now.refuses("talk.not_yours", TalkAction.MONITOR, by="1099")
        await now.order(TalkAction.MONITOR, by="boss")
        await until(lambda: ("monitor", "boss", "talking") in now.legs)
        boss = now.hall.doors.opened["boss"][0]
        assert await heard_by(boss, now.hall.line, 0.5)
        assert not await heard_by(now.seat, boss, 0.5)
        assert not await heard_by(now.hall.line, boss, 0.5)
        await now.order(TalkAction.WHISPER, by="boss")
        recorded = now.hall.recorded
        assert await heard_by(now.seat, boss, 0.5)
        assert not await heard_by(now.hall.line, boss, 0.5)
        assert now.hall.recorded - recorded < 0.1
        await now.order(TalkAction.BARGE, by="boss")
        assert await now.both_hear(boss)
        await now.order(TalkAction.LEAVE, by="boss")
        assert now.legs == [("seat", "1023", "talking")]
        assert boss.hang_up_reason == "us"
        await now.refuses("talk.unknown_leg", TalkAction.LEAVE, by="boss")


@on_virtual_time
async def test_a_supervisor_moves_and_ends_talks_that_are_not_theirs() -> None:
    async with talking("1024") as now:
        await now.refuses("talk.not_yours", TalkAction.TRANSFER, "seat:1024", by="1024")
        await now.refuses("talk.not_yours", TalkAction.MUTE, by="boss")
        await now.order(TalkAction.TRANSFER, "seat:1024", by="boss")
        await now.hall.talks_with("1024")
        await until(lambda: now.hall.contact.seat == "1024")
        await now.order(TalkAction.HANG_UP, by="boss")
        assert (await now.hall.ends()).outcome is HandoverOutcome.RETURNED


@on_virtual_time
async def test_recording_is_paused_and_goes_on() -> None:
    async with talking() as now:
        await now.order(TalkAction.PAUSE_RECORDING)
        assert now.hall.talk is not None
        assert not now.hall.talk.recording
        await now.order(TalkAction.RECORD)
        assert now.hall.talk.recording
        assert now.hall.room.records == [True, False, True]


@on_virtual_time
async def test_what_was_not_written_down_is_seen() -> None:
    async with talking() as now:
        now.hall.room.dropped = 3
        await asyncio.sleep(2)
        assert now.hall.talk is not None
        assert now.hall.talk.dropped == 3


@on_virtual_time
async def test_the_seat_is_shown_what_it_did() -> None:
    async with talking("1024") as now:
        for action in (TalkAction.HOLD, TalkAction.RESUME, TalkAction.MUTE, TalkAction.UNMUTE):
            await now.order(action)
        await now.order(TalkAction.TRANSFER, "seat:1024")
        assert now.seat.states == ["talking", "held", "talking", "muted", "talking", "waiting"]


@on_virtual_time
async def test_a_storm_of_orders_ends_in_one_state() -> None:
    async with talking("1024") as now:
        actions = [TalkAction.HOLD, TalkAction.RESUME, TalkAction.MUTE, TalkAction.UNMUTE] * 10
        await asyncio.gather(*(now.order(action) for action in actions))
        await asyncio.sleep(1)
        assert now.hall.talk is not None
        assert (now.hall.talk.held, now.hall.talk.muted) == (False, False)
        assert await now.both_hear(now.seat)
