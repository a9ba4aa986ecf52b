"""A whole call that is brought to a seat: dialogue, queue, talk, and back to the dialogue."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from tests.calls.kit import Scene, calling, until
from tests.calls.seat_kit import CALL, Hall, hall, heard_by
from tests.virtual_time import on_virtual_time
from voicebot.core.ids import SeatId
from voicebot.operations.talks import TalkAction
from voicebot.seats.contact import ContactState
from voicebot.seats.seat import SeatState


@asynccontextmanager
async def a_call() -> AsyncIterator[tuple[Hall, Scene]]:
    async with hall() as here:
        await here.sign_in("1023")
        async with calling(switchboard=here.switchboard) as scene:
            await scene.until_we_listen()
            yield here, scene


@on_virtual_time
async def test_a_caller_asks_for_a_person_talks_and_rates() -> None:
    async with a_call() as (here, scene):
        scene.starts_saying("转人工")
        seat = await here.talks_with("1023")
        await until(lambda: scene.line.states[-1] == "talking")
        await asyncio.sleep(6)
        assert await heard_by(scene.line, seat)
        assert await heard_by(seat, scene.line)
        await here.order("1023", TalkAction.BACK, "rating")
        await until(lambda: any("满意" in text or "评价" in text for text in scene.said))
        assert here.contact.state is ContactState.DONE
        assert not scene.call.done()


@on_virtual_time
async def test_the_caller_hangs_up_while_waiting() -> None:
    async with a_call() as (here, scene):
        await here.desk.busy(SeatId("1023"))
        scene.starts_saying("转人工")
        await asyncio.sleep(15)
        assert here.store.calls[CALL].state is ContactState.WAITING
        scene.line.hangs_up()
        await scene.ends()
        assert here.contact.state is ContactState.LEFT


@on_virtual_time
async def test_a_seat_is_lost_and_the_caller_comes_to_the_next() -> None:
    async with a_call() as (here, scene):
        scene.starts_saying("转人工")
        seat = await here.talks_with("1023")
        await asyncio.sleep(6)
        here.dies("1023")
        seat.hangs_up("lost")
        await until(lambda: here.seat("1023").state is not SeatState.TALKING, 15)
        await here.sign_in("1024")
        other = await here.talks_with("1024")
        await asyncio.sleep(6)
        assert await heard_by(scene.line, other)
        assert await heard_by(other, scene.line)


@on_virtual_time
async def test_the_caller_hangs_up_in_the_talk() -> None:
    async with a_call() as (here, scene):
        scene.starts_saying("转人工")
        seat = await here.talks_with("1023")
        await asyncio.sleep(3)
        scene.line.hangs_up()
        await scene.ends()
        assert here.contact.state is ContactState.DONE
        assert seat.hang_up_reason == "us"
