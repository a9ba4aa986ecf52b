"""Moves by id: read, move, save, again where somebody was quicker."""

import asyncio
import json
from collections.abc import AsyncIterator

import pytest

from tests.fakes.seats import MemorySeats
from tests.unit.operations.seat_kit import C1, C2, HALL, LI, WU, Hall
from tests.virtual_time import on_virtual_time
from voicebot.adapters.bus import InProcessBus
from voicebot.core.errors import VoicebotError
from voicebot.core.ids import CallId, QueueName, SeatId
from voicebot.operations.seat_news import NUDGE, SeatNews
from voicebot.operations.seat_steps import NEWCOMER
from voicebot.seats.contact import Contact, ContactState, Talk
from voicebot.seats.moved import SeatRefused
from voicebot.seats.ports import SeatChange, stale
from voicebot.seats.seat import SeatState


async def talking(hall: Hall) -> None:
    await hall.staffed(LI)
    await hall.called(C1)
    await hall.distributor().round()
    await hall.desk.accept(LI, "tab-li", C1)


@on_virtual_time
async def test_the_first_sign_in_makes_the_seat() -> None:
    hall = Hall()
    seat = await hall.desk.sign_in(LI, "t1")
    assert (seat.state, seat.tab, dict(seat.skills), seat.version) == (SeatState.BUSY, "t1", NEWCOMER, 1)
    assert await hall.desk.seat(LI) == seat
    assert hall.store.changes[0].actor == "seat:li"


@on_virtual_time
async def test_skills_given_before_the_first_sign_in_count() -> None:
    hall = Hall()
    await hall.desk.reskill(LI, {"企业": 5}, "一班", by="admin", fresh=True)
    seat = await hall.desk.sign_in(LI, "t1")
    assert (dict(seat.skills), seat.team) == ({"企业": 5}, "一班")


@on_virtual_time
async def test_a_page_that_does_not_have_the_seat_may_do_nothing() -> None:
    hall = Hall()
    await hall.staffed(LI)
    desk = hall.desk
    for tab in ("", "forged"):
        for act in (desk.ready, desk.busy, desk.sign_out, desk.ask_wrap_up, desk.finish_wrap_up):
            with pytest.raises(SeatRefused) as refused:
                await act(LI, tab)
            assert refused.value.code == "seat.other_tab"
        assert not await desk.beat(LI, tab)
    with pytest.raises(SeatRefused) as refused:
        await desk.sign_in(LI, "second")
    assert refused.value.code == "seat.other_tab"
    await desk.take_over(LI, "second")
    assert not await desk.beat(LI, "tab-li")
    assert await desk.beat(LI, "second")
    await desk.sign_out(LI, "second")
    with pytest.raises(SeatRefused) as refused:
        await desk.ready(LI, "second")
    assert refused.value.code == "seat.signed_out"


@on_virtual_time
async def test_of_two_accepts_one_takes_the_call() -> None:
    hall = Hall()
    await hall.staffed(LI)
    await hall.called(C1)
    await hall.distributor().round()
    done = await asyncio.gather(
        hall.desk.accept(LI, "tab-li", C1),
        hall.another_desk().accept(LI, "tab-li", C1),
        hall.desk.leave(C1),
        return_exceptions=True,
    )
    assert [type(each) for each in done] == [Contact, Contact, SeatRefused] or isinstance(done[2], Contact)
    assert sum(change.event == "accepted" for change in hall.store.changes) <= 1
    assert (await hall.seat()).taken <= 1


class RacedSeats(MemorySeats):
    """Somebody else is quicker so many times."""

    def __init__(self, races: int) -> None:
        super().__init__()
        self.races = races

    async def save(self, change: SeatChange) -> None:
        if self.races and change.event == "ready":
            self.races -= 1
            raise stale()
        await super().save(change)


@on_virtual_time
async def test_somebody_was_quicker_it_looks_again() -> None:
    hall = Hall(RacedSeats(4))
    await hall.staffed(LI)
    assert (await hall.seat()).state is SeatState.READY
    hall = Hall(RacedSeats(5))
    with pytest.raises(VoicebotError) as error:
        await hall.staffed(LI)
    assert (error.value.code, error.value.retryable) == ("seat.stale", True)


@on_virtual_time
async def test_one_that_waits_already_is_not_queued_twice_and_one_of_before_waits_anew() -> None:
    hall = Hall()
    await hall.called(C1)
    await hall.called(C1)
    assert (await hall.call()).version == 1
    await hall.desk.elsewhere(C1)
    await hall.called(C1)
    call = await hall.call()
    assert (call.state, call.version) == (ContactState.WAITING, 3)


@on_virtual_time
async def test_a_caller_who_leaves_while_it_rings_frees_the_seat() -> None:
    hall = Hall()
    await hall.staffed(LI)
    await hall.called(C1)
    await hall.distributor().round()
    assert (await hall.desk.leave(C1)).state is ContactState.LEFT
    assert (await hall.seat()).state is SeatState.READY
    with pytest.raises(SeatRefused) as refused:
        await hall.desk.accept(LI, "tab-li", C1)
    assert refused.value.code == "seat.already_over"


@on_virtual_time
async def test_handed_on_after_a_consultation_or_blind() -> None:
    hall = Hall()
    await talking(hall)
    await hall.staffed(WU)
    await hall.desk.consult(C1, WU, by="seat:li")
    await hall.desk.accept(WU, "tab-wu", C1)
    assert (await hall.desk.hand_on(C1, LI, WU)).seat == WU
    assert (await hall.seat(LI)).state is SeatState.WRAP_UP
    await hall.desk.finish_wrap_up(LI, "tab-li")
    assert (await hall.desk.transfer_to(C1, WU, LI)).state is ContactState.OFFERED
    await hall.desk.accept(LI, "tab-li", C1)
    call = await hall.desk.transfer(C1, LI, QueueName("企业"), "税务")
    assert (call.state, call.queue, call.skill, call.front) == (ContactState.WAITING, "企业", "税务", True)


@on_virtual_time
async def test_the_talk_is_in_the_row_and_its_end_too() -> None:
    hall = Hall()
    await talking(hall)
    await hall.desk.hold(LI)
    await hall.desk.talk_changed(C1, Talk(held=True))
    assert (await hall.call()).talk == Talk(held=True)
    assert (await hall.seat()).state is SeatState.HELD
    over = await hall.desk.end_talk(C1)
    assert over is not None
    assert over.state is ContactState.DONE
    with pytest.raises(SeatRefused):
        await hall.desk.end_talk(C1)
    for unknown in (
        hall.desk.contact(CallId("x")),
        hall.desk.seat(SeatId("x")),
        hall.desk.leave(CallId("x")),
    ):
        with pytest.raises(VoicebotError) as error:
            await unknown
        assert error.value.code.endswith(".unknown")


@on_virtual_time
async def test_who_watches_a_call_is_told_each_change_until_it_is_over() -> None:
    hall = Hall()
    await hall.staffed(LI)
    await hall.called(C1)
    seen: list[tuple[ContactState, float]] = []

    async def watch() -> None:
        async for contact in hall.desk.watch(C1):
            seen.append((contact.state, hall.clock.monotonic()))

    watching = asyncio.create_task(watch())
    begun = hall.clock.monotonic()
    await asyncio.sleep(1)
    await hall.distributor().round()
    await asyncio.sleep(1)
    await hall.desk.accept(LI, "tab-li", C1)
    await asyncio.sleep(1)
    await hall.desk.end_talk(C1)
    await asyncio.wait_for(watching, 1)
    states = (ContactState.WAITING, ContactState.OFFERED, ContactState.TAKEN, ContactState.DONE)
    assert [(state, round(at - begun)) for state, at in seen] == list(zip(states, range(4), strict=True))


@on_virtual_time
async def test_who_was_not_told_looks_for_themselves() -> None:
    hall = Hall()
    await hall.called(C1)
    elsewhere = Hall(hall.store, hall.clock)  # its news do not reach us

    async def left() -> None:
        async for _ in hall.desk.watch(C1):
            pass

    watching = asyncio.create_task(left())
    await asyncio.sleep(1)
    await elsewhere.desk.leave(C1)
    await asyncio.wait_for(watching, 6)


@on_virtual_time
async def test_where_callers_stand() -> None:
    hall = Hall()
    await hall.called(C1)
    await asyncio.sleep(1)
    await hall.called(C2)
    places = [await hall.desk.place(each) for each in (C1, C2)]
    assert [place.ahead for place in places if place] == [0, 1]
    await hall.desk.leave(C1)
    await asyncio.sleep(1)
    assert await hall.desk.place(C1) is None
    place = await hall.desk.place(C2)
    assert place is not None
    assert place.ahead == 0


async def test_processes_tell_each_other_over_the_bus() -> None:
    bus = InProcessBus()
    here, there = SeatNews(bus, "here"), SeatNews(bus, "there")
    following = [asyncio.create_task(each.follow()) for each in (here, there)]
    await asyncio.sleep(0)
    with there.listening("c1") as mine, there.listening("c2") as other, there.listening() as every:
        await asyncio.sleep(0.01)
        await here.tell(["c1", "li"])
        assert await mine.wait(1)
        assert await every.wait(1)
        assert not await other.wait(0.01)
        await bus.publish("contact.left", json.dumps({"call_id": "c2", "seat": None}).encode())
        assert await other.wait(1)
        for junk in (b"\xff", b"[]", b'{"keys": 3}', b'{"keys": [1, null]}'):
            await bus.publish(NUDGE, junk)
        await bus.publish(NUDGE, json.dumps({"from": "x", "keys": ["c1"]}).encode())
        assert await mine.wait(1)
    for task in following:
        task.cancel()
    await asyncio.gather(*following, return_exceptions=True)
    await bus.close()


class FlakyBus(InProcessBus):
    """Refuses twice."""

    def __init__(self) -> None:
        super().__init__()
        self.refusals = 0

    def subscribe(self, subject: str) -> AsyncIterator[tuple[str, bytes]]:
        if subject == NUDGE and self.refusals < 2:
            self.refusals += 1
            raise VoicebotError("bus.closed", "", retryable=True)
        return super().subscribe(subject)


@on_virtual_time
async def test_a_bus_that_refuses_is_asked_again() -> None:
    bus = FlakyBus()
    here, there = SeatNews(bus, "here"), SeatNews(bus, "there")
    following = asyncio.create_task(there.follow())
    await asyncio.sleep(5)
    with there.listening("c1") as ear:
        await here.tell(["c1"])
        assert await ear.wait(1)
    following.cancel()
    await asyncio.gather(following, return_exceptions=True)
    await bus.close()
    assert bus.refusals == 2


@on_virtual_time
async def test_many_who_look_at_once_read_once() -> None:
    hall = Hall()
    await hall.called(C1)
    views = await asyncio.gather(*(hall.desk.look() for _ in range(50)))
    assert len({id(view) for view in views}) == 1
    assert (await hall.call()).queue == HALL
