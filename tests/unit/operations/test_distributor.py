"""Waiting calls reach seats, whatever seats, clocks, stores and other processes do meanwhile."""

import asyncio
import random
from collections import Counter
from dataclasses import replace
from datetime import timedelta

import pytest

from tests.fakes.seats import MemorySeats
from tests.unit.operations.seat_kit import C1, C2, LI, WU, Hall, JumpingClock
from tests.virtual_time import on_virtual_time
from voicebot.core.errors import VoicebotError
from voicebot.core.ids import CallId, SeatId
from voicebot.seats.contact import Contact, ContactState, Talk
from voicebot.seats.moved import SeatRefused
from voicebot.seats.ports import SeatChange
from voicebot.seats.seat import IN_CALL, SeatState


@on_virtual_time
async def test_a_free_seat_is_offered_the_call_at_once_and_takes_it() -> None:
    hall = Hall()
    await hall.staffed()
    async with hall.open():
        await asyncio.sleep(0.5)
        await hall.called()
        assert await hall.until(C1, ContactState.OFFERED, within=0.2) < 0.2
        await hall.desk.accept(LI, "tab-li", C1)
        seat, call = await hall.seat(), await hall.call()
    assert (seat.state, seat.call_id, call.state, call.seat) == (
        SeatState.TALKING,
        C1,
        ContactState.TAKEN,
        LI,
    )


@on_virtual_time
async def test_an_offer_that_nobody_answers_goes_to_the_next() -> None:
    hall = Hall()
    await hall.staffed(LI)
    async with hall.open():
        await hall.called()
        await hall.until(C1, ContactState.OFFERED, within=1)
        await hall.staffed(WU)
        await asyncio.sleep(14)
        assert (await hall.call()).seat == LI
        await asyncio.sleep(2.5)
        assert (await hall.call()).seat == WU
        with pytest.raises(SeatRefused) as refused:
            await hall.desk.accept(LI, "tab-li", C1)
        await hall.desk.accept(WU, "tab-wu", C1)
    assert refused.value.code in ("seat.not_offered", "seat.too_late")
    assert (await hall.seat()).missed == 1


@on_virtual_time
async def test_declined_the_next_one_is_asked_at_once() -> None:
    hall = Hall()
    await hall.staffed(LI, WU)
    async with hall.open():
        await hall.called()
        await hall.until(C1, ContactState.OFFERED, within=1)
        first = (await hall.call()).seat
        assert first is not None
        await hall.desk.decline(first, f"tab-{first}", C1)
        await asyncio.sleep(0.2)
        assert (await hall.call()).seat == ({LI, WU} - {first}).pop()


@on_virtual_time
async def test_a_vanished_page_frees_the_seat_and_its_caller_is_next() -> None:
    hall = Hall()
    await hall.staffed(LI)
    async with hall.open():
        await hall.called(C1)
        await hall.until(C1, ContactState.OFFERED, within=1)
        await hall.desk.accept(LI, "tab-li", C1)
        await hall.called(C2)
        await asyncio.sleep(60)
        assert (await hall.seat()).state is SeatState.TALKING
        hall.alive.discard(LI)  # the browser is killed
        took = await hall.until(C1, ContactState.WAITING, within=10)
        assert took > 5  # one sign of life may be lost
        assert (await hall.seat()).state is SeatState.OFFLINE
        await hall.staffed(WU)
        await hall.until(C1, ContactState.OFFERED, within=0.3)
        call = await hall.call(C1)
    assert (call.seat, call.front) == (WU, True)
    assert (await hall.call(C2)).state is ContactState.WAITING


@on_virtual_time
async def test_a_page_that_vanishes_while_it_rings() -> None:
    hall = Hall()
    await hall.staffed(LI)
    hall.alive.clear()
    async with hall.open():
        await hall.called()
        await hall.until(C1, ContactState.OFFERED, within=1)
        await hall.staffed(WU)
        await asyncio.sleep(10)
        assert (await hall.call()).seat == WU


@on_virtual_time
async def test_a_talk_on_a_phone_needs_no_page() -> None:
    hall = Hall()
    await hall.staffed(LI, phone="sip:1023@pbx")
    async with hall.open():
        await hall.called()
        await hall.until(C1, ContactState.OFFERED, within=1)
        await hall.desk.accept(LI, "tab-li", C1)
        hall.alive.clear()
        await asyncio.sleep(60)
        assert (await hall.seat()).state is SeatState.TALKING
        await hall.desk.end_talk(C1)
        await asyncio.sleep(2)
        assert (await hall.seat()).state is SeatState.OFFLINE


@on_virtual_time
async def test_who_talks_with_a_second_seat_too_stays_with_that_one() -> None:
    hall = Hall()
    await hall.staffed(LI)
    async with hall.open():
        await hall.called()
        await hall.until(C1, ContactState.OFFERED, within=1)
        await hall.desk.accept(LI, "tab-li", C1)
        await hall.staffed(WU)
        await hall.desk.consult(C1, WU)
        await hall.desk.accept(WU, "tab-wu", C1)
        hall.alive.discard(LI)
        await asyncio.sleep(11)
        call = await hall.call()
    assert (call.state, call.seat) == (ContactState.TAKEN, WU)


@on_virtual_time
async def test_wrap_up_ends_and_the_next_call_comes() -> None:
    hall = Hall()
    await hall.staffed(LI)
    async with hall.open():
        await hall.called(C1)
        await hall.until(C1, ContactState.OFFERED, within=1)
        await hall.desk.accept(LI, "tab-li", C1)
        await hall.called(C2)
        await hall.desk.end_talk(C1)
        assert (await hall.seat()).state is SeatState.WRAP_UP
        await asyncio.sleep(20)
        await hall.desk.extend_wrap_up(LI, "tab-li")
        took = await hall.until(C2, ContactState.OFFERED, within=33)
    assert took > 29  # the usual 30 s once more from the extension on


@pytest.mark.parametrize("jump", [timedelta(hours=1), timedelta(hours=-1), timedelta(days=400)])
@on_virtual_time
async def test_a_clock_that_is_set_frees_no_seat_and_lets_nothing_ring_for_ever(jump: timedelta) -> None:
    clock = JumpingClock()
    hall = Hall(clock=clock)
    await hall.staffed(LI, WU)
    async with hall.open():
        await asyncio.sleep(10)
        await hall.called()
        await hall.until(C1, ContactState.OFFERED, within=1)
        first = (await hall.call()).seat
        clock.ahead = jump
        await asyncio.sleep(12)
        assert (await hall.call()).seat == first
        await asyncio.sleep(4)
        second = (await hall.call()).seat
        assert second not in (first, None)
        assert second is not None
        await hall.desk.accept(second, f"tab-{second}", C1)
        assert all(seat.state is not SeatState.OFFLINE for seat in (await hall.desk.look(0)).seats.values())
        hall.alive.clear()
        await hall.until(C1, ContactState.WAITING, within=10)


@on_virtual_time
async def test_a_page_whose_server_has_another_clock_gets_calls() -> None:
    hall = Hall()
    await hall.staffed(LI)
    slow = JumpingClock()
    slow.ahead = timedelta(minutes=-5)
    hall.desk = Hall(hall.store, slow).desk  # beats come from there
    async with hall.open():
        await asyncio.sleep(6)
        hall.desk = hall.another_desk()
        await hall.called()
        await hall.until(C1, ContactState.OFFERED, within=4)


@on_virtual_time
async def test_seats_of_before_a_restart_get_no_calls() -> None:
    hall = Hall()
    await hall.staffed(LI)
    hall.alive.clear()
    await asyncio.sleep(3600)
    await hall.called()
    async with hall.open():
        await asyncio.sleep(10)
    assert (await hall.seat()).state is SeatState.OFFLINE
    assert (await hall.call()).refused == ()


class SlowSeats(MemorySeats):
    """Takes its time, so that several see the same rows; checks what must never be."""

    async def contacts(self) -> list[Contact]:
        found = list(await super().contacts())
        await asyncio.sleep(0.01)
        return found

    async def save(self, change: SeatChange) -> None:
        await asyncio.sleep(random.Random(len(self.changes)).random() / 100)
        await super().save(change)
        having = Counter(s.call_id for s in self.by_id.values() if s.state in (*IN_CALL, SeatState.OFFERED))
        assert not having or max(having.values()) == 1, "a call at two seats"
        for each in self.calls.values():
            if each.state in (ContactState.OFFERED, ContactState.TAKEN):
                assert each.seat is not None
                assert self.by_id[each.seat].call_id == each.call_id


@on_virtual_time
async def test_several_line_processes_give_each_call_to_one_seat_and_lose_none() -> None:
    hall = Hall(SlowSeats())
    seats = [SeatId(f"s{n:02}") for n in range(12)]
    calls = [CallId(f"c{n:02}") for n in range(40)]
    await hall.staffed(*seats)

    async def work(seat: SeatId, dice: random.Random) -> None:
        """Someone who takes most calls, declines or misses some."""
        async for now in hall.desk.watch_seat(seat):
            if now.state is SeatState.OFFERED and now.call_id:
                await asyncio.sleep(dice.random() * 20)
                try:
                    if dice.random() < 0.2:
                        await hall.desk.decline(seat, f"tab-{seat}", now.call_id)
                    else:
                        await hall.desk.accept(seat, f"tab-{seat}", now.call_id)
                except SeatRefused:
                    continue
            elif now.state is SeatState.TALKING and now.call_id:
                await asyncio.sleep(dice.random() * 30)
                await hall.desk.end_talk(now.call_id, seat)
            elif now.state is SeatState.BUSY:
                await hall.desk.ready(seat, f"tab-{seat}")

    async with hall.open(distributors=4) as distributors:
        working = [
            asyncio.create_task(work(seat, random.Random(number))) for number, seat in enumerate(seats)
        ]
        for call_id in calls:
            await hall.called(call_id)
            await asyncio.sleep(0.05)
        await asyncio.sleep(600)
        for task in working:
            task.cancel()
        await asyncio.gather(*working, return_exceptions=True)
    assert {each.state for each in hall.store.calls.values()} == {ContactState.DONE}
    assert sum(each.offers for each in distributors) >= len(calls)
    assert sum(each.lost for each in distributors) > 0, "they did race"


@on_virtual_time
async def test_a_storm_of_messages_is_one_look_after_the_other() -> None:
    hall = Hall()
    looks = 0

    class Counting(MemorySeats):
        async def seats(self):  # type: ignore[no-untyped-def]
            nonlocal looks
            looks += 1
            return await super().seats()

    hall.store = Counting()
    hall.desk = hall.another_desk()
    async with hall.open():
        for _ in range(10_000):
            await hall.news.tell(["c1"])
            await asyncio.sleep(0.0002)
    assert looks < 2.0 / 0.05 + 5


@on_virtual_time
async def test_a_store_that_is_away_for_a_while() -> None:
    hall = Hall()
    await hall.staffed(LI)
    async with hall.open():
        hall.store.broken = VoicebotError("db.unreachable", "", retryable=True)
        await asyncio.sleep(1.5)
        hall.store.broken = VoicebotError("db.unreachable", "", retryable=True)
        await asyncio.sleep(3)
        await hall.called()
        await hall.until(C1, ContactState.OFFERED, within=3)


@on_virtual_time
async def test_calls_of_a_line_process_that_died_are_over() -> None:
    hall = Hall()
    await hall.staffed(LI, WU)
    async with hall.open():
        await hall.called(C1)
        await hall.until(C1, ContactState.OFFERED, within=1)
        seat = (await hall.call()).seat
        assert seat is not None
        await hall.desk.accept(seat, f"tab-{seat}", C1)
        await hall.desk.talk_changed(C1, Talk())
        await hall.called(C2)
        await hall.until(C2, ContactState.OFFERED, within=1)
        await hall.called(CallId("c3"))
        hall.store.closed = [C1, C2, CallId("c3")]
        await asyncio.sleep(11)
        states = [(await hall.call(each)).state for each in (C1, C2, CallId("c3"))]
        assert states == [ContactState.DONE, ContactState.LEFT, ContactState.LEFT]
        assert {s.state for s in hall.store.by_id.values()} == {SeatState.WRAP_UP, SeatState.READY}


@on_virtual_time
async def test_a_seat_that_was_left_with_a_call_of_which_nothing_is_known_is_freed() -> None:
    hall = Hall()
    await hall.staffed(LI)
    lost = replace(await hall.seat(), state=SeatState.TALKING, call_id=CallId("gone"))
    hall.store.by_id[LI] = lost
    async with hall.open():
        await asyncio.sleep(25)
        assert (await hall.seat()).state is SeatState.WRAP_UP
