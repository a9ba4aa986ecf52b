"""The ports `Talks` and `TalkDoors` over a bus: what reaches the line process, and what comes back."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime

import pytest

from tests.fakes.seats import MemorySeats
from voicebot.adapters.bus.in_process import InProcessBus
from voicebot.adapters.bus.talks import BusTalks, serve_talks, subject
from voicebot.core.errors import VoicebotError
from voicebot.core.ids import CallId, QueueName, SeatId
from voicebot.operations.talks import Door, TalkAction, TalkDoors, TalkOrder, Talks
from voicebot.seats.contact import Contact, ContactState
from voicebot.seats.seat import Seat

CALL, ANNA = CallId("20261124-093000-0001"), SeatId("anna")
NOW = datetime(2026, 11, 24, 9, 30, tzinfo=UTC)

_: tuple[type[Talks], type[TalkDoors]] = (BusTalks, BusTalks)


class Line:
    """A line process that notes orders and refuses those to nobody."""

    def __init__(self) -> None:
        self.orders: list[TalkOrder] = []

    async def order(self, order: TalkOrder) -> None:
        if order.to == "seat:nobody":
            raise VoicebotError("seat.unknown", "没有坐席 nobody")
        self.orders.append(order)

    async def door(self, call_id: CallId, seat: SeatId) -> Door:
        return Door("ws://127.0.0.1:9", f"{call_id}/{seat}")


@asynccontextmanager
async def talks() -> AsyncIterator[tuple[BusTalks, Line, MemorySeats, InProcessBus]]:
    bus, line, rows = InProcessBus(), Line(), MemorySeats()
    rows.calls[CALL] = Contact(CALL, QueueName("综合"), NOW, ContactState.TAKEN, seat=ANNA, line="one")
    rows.by_id[ANNA] = Seat(ANNA, tab="t1")
    await serve_talks(bus, "one", line, line.door)
    try:
        yield BusTalks(bus, rows), line, rows, bus
    finally:
        await bus.close()


async def refused(talks: BusTalks, order: TalkOrder) -> VoicebotError:
    with pytest.raises(VoicebotError) as found:
        await talks.order(order)
    return found.value


@pytest.mark.parametrize("action", list(TalkAction))
async def test_every_order_arrives_as_it_was_given(action: TalkAction) -> None:
    async with talks() as (far, line, _rows, _bus):
        order = TalkOrder(CALL, ANNA, action, "queue:综合/社保")
        await far.order(order)
        assert line.orders == [order]


async def test_a_refusal_comes_back_in_its_words() -> None:
    async with talks() as (far, _line, _rows, _bus):
        error = await refused(far, TalkOrder(CALL, ANNA, TalkAction.TRANSFER, "seat:nobody"))
        assert (error.code, error.message) == ("seat.unknown", "没有坐席 nobody")


async def test_a_call_that_is_over_or_unknown_has_no_talk() -> None:
    async with talks() as (far, _line, rows, _bus):
        assert (await refused(far, TalkOrder(CallId("no"), ANNA, TalkAction.HOLD))).code == "talk.unknown"
        rows.calls[CALL] = Contact(CALL, QueueName("综合"), NOW, ContactState.DONE, line="one")
        assert (await refused(far, TalkOrder(CALL, ANNA, TalkAction.HOLD))).code == "talk.unknown"


async def test_a_line_that_is_gone_is_said_in_plain_words() -> None:
    async with talks() as (far, _line, rows, _bus):
        rows.calls[CALL] = Contact(CALL, QueueName("综合"), NOW, ContactState.TAKEN, seat=ANNA, line="two")
        error = await refused(far, TalkOrder(CALL, ANNA, TalkAction.HOLD))
        assert (error.code, error.retryable) == ("bus.timeout", True)
        assert "talk." not in error.message


@pytest.mark.parametrize(
    "body", [b"", b"[]", b'{"call_id":"x"}', b'{"call_id":"x","by":"y","action":"fly","to":""}']
)
async def test_nonsense_is_refused(body: bytes) -> None:
    async with talks() as (_far, line, _rows, bus):
        with pytest.raises(VoicebotError) as found:
            await bus.request(subject("one"), body, 1.0)
        assert found.value.code == "talk.invalid"
        assert line.orders == []


async def test_a_door_is_for_the_tab_that_has_the_seat() -> None:
    async with talks() as (far, _line, _rows, _bus):
        assert (await far.door(CALL, ANNA, "t1")).ticket == f"{CALL}/{ANNA}"
        assert (await far.door(CALL, ANNA)).url == "ws://127.0.0.1:9"
        with pytest.raises(VoicebotError) as found:
            await far.door(CALL, ANNA, "t2")
        assert found.value.code == "talk.other_tab"
