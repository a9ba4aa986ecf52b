"""`/ws/seat` over real sockets: browser → web → line, and nobody who has no business there."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest
from websockets.exceptions import InvalidStatus

from tests.fakes.seats import MemorySeats
from tests.integration.web.kit import PATIENCE, Phone, WallClock, phone, serving
from tests.unit.web.fakes import Web
from voicebot.adapters.bus.in_process import InProcessBus
from voicebot.adapters.bus.talks import BusTalks, serve_talks
from voicebot.adapters.websocket.app import line_app
from voicebot.adapters.websocket.options import WebSocketOptions
from voicebot.adapters.websocket.seat_door import SeatDoor
from voicebot.calls.ports import AudioIn, HungUp, Line
from voicebot.core.audio import AudioChunk
from voicebot.core.ids import CallId, QueueName, SeatId
from voicebot.operations.talks import TICKET_HEADER, TalkOrder
from voicebot.seats.contact import Contact, ContactState
from voicebot.seats.seat import Seat
from voicebot.web.app import server_config
from voicebot.web.ports import Role

pytestmark = pytest.mark.integration

CALL, ANNA = CallId("20261124-093000-0001"), SeatId("anna")
QUICK = WebSocketOptions(resume_within=0.3)


class Orders:
    """Implements `Talks`."""

    def __init__(self) -> None:
        self.given: list[TalkOrder] = []

    async def order(self, order: TalkOrder) -> None:
        self.given.append(order)


@dataclass
class House:
    port: int
    line_port: int
    door: SeatDoor
    web: Web

    def seat(
        self, name: str = "anna", call: str = CALL, tab: str = ""
    ) -> "contextlib._AsyncGeneratorContextManager[Phone]":
        """The page of an account that is signed in."""
        self.web.accounts.accounts.setdefault(name, ("right", Role.SEAT))
        self.web.accounts.sessions[f"s-{name}"] = name
        headers = {"Cookie": f"voicebot_session=s-{name}", "Origin": f"http://127.0.0.1:{self.port}"}
        return phone(self.port, f"/ws/seat?call={call}&tab={tab}", additional_headers=headers)


@contextlib.asynccontextmanager
async def house(options: WebSocketOptions = WebSocketOptions()) -> AsyncIterator[House]:  # noqa: B008 - frozen
    """A web process and a line process that has one call."""
    clock, bus = WallClock(), InProcessBus()
    contact = Contact(CALL, QueueName("综合"), clock.now(), ContactState.TAKEN, seat=ANNA, line="one")
    rows = MemorySeats()
    rows.calls[CALL], rows.by_id[ANNA] = contact, Seat(ANNA, tab="t1")

    async def nobody(line: Line) -> None: ...

    door = SeatDoor(options, clock, "")
    async with serving(line_app(nobody, options, clock, door)) as line_port:
        door._url = f"ws://127.0.0.1:{line_port}"
        await serve_talks(bus, "one", Orders(), door.issue)
        web = Web(doors=BusTalks(bus, rows))
        async with serving(web.app, server_config) as port:
            yield House(port, line_port, door, web)
    await bus.close()


async def heard(line: Line, loud: int) -> str:
    """Reads the line until a frame of this loudness; or why it ended."""
    async for event in line.events():
        if isinstance(event, AudioIn) and event.chunk.pcm[:2] == loud.to_bytes(2, "little"):
            return "heard"
        if isinstance(event, HungUp):
            return event.reason
    return "read before"


async def test_a_seat_hears_and_speaks_and_comes_back_after_a_reload() -> None:
    async with house() as here:
        waiting = asyncio.create_task(here.door.line(CALL, ANNA, PATIENCE))
        async with here.seat(tab="t1") as page:
            await page.say(type="start")
            assert (await page.message("ready"))["resume"] == ""
            line = await waiting
            assert line is not None
            assert line.info.rate == 16_000
            await page.speak(sample=9, frames=3)
            assert await heard(line, 9) == "heard"
            await line.send(AudioChunk(b"\x05\0" * 320, 16_000))
            await page.until(lambda p: b"\x05\0" * 320 in p.sound)
            page.socket.transport.abort()
            await page.ended()
        async with here.seat() as again:
            await again.say(type="start")
            await again.message("ready")
            await line.send(AudioChunk(b"\x06\0" * 320, 16_000))
            await again.until(lambda p: b"\x06\0" * 320 in p.sound)
            await line.hang_up("us")
            await again.message("ended", reason="us")
            assert await again.ended() == 1000


async def test_a_seat_that_does_not_come_back_is_lost() -> None:
    async with house(QUICK) as here:
        waiting = asyncio.create_task(here.door.line(CALL, ANNA, PATIENCE))
        async with here.seat() as page:
            await page.say(type="start")
            await page.message("ready")
            line = await waiting
            assert line is not None
        async with asyncio.timeout(PATIENCE):
            assert await heard(line, 99) == "lost"


async def test_a_page_that_never_comes_leaves_nothing_behind() -> None:
    async with house() as here:
        assert await here.door.line(CALL, ANNA, 0.05) is None
        assert here.door._sessions == {}


async def test_nobody_else_gets_in(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("voicebot.adapters.websocket.seat_door.NEWS_WITHIN", 0.05)
    async with house() as here:
        waiting = asyncio.create_task(here.door.line(CALL, ANNA, PATIENCE))
        await asyncio.sleep(0)
        here.web.accounts.accounts["eve"] = ("right", Role.EDITOR)
        for knock in (
            here.seat("bert"),  # another seat
            here.seat("eve"),  # no seat at all
            here.seat(call="20261124-093000-9999"),  # no such call
            here.seat(tab="t2"),  # another tab
            phone(here.port, f"/ws/seat?call={CALL}"),  # nobody
            phone(
                here.port,
                f"/ws/seat?call={CALL}",
                additional_headers={"Cookie": "voicebot_session=s-anna", "Origin": "https://evil.test"},
            ),
        ):
            with pytest.raises(InvalidStatus) as refused:
                async with knock:
                    pass
            assert refused.value.response.status_code == 403
        waiting.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await waiting


async def test_the_line_process_takes_no_forged_or_used_ticket() -> None:
    async with house() as here:
        waiting = asyncio.create_task(here.door.line(CALL, ANNA, PATIENCE))
        ticket = (await here.door.issue(CALL, ANNA)).ticket
        for shown, good in (("", False), ("forged", False), (ticket, True), (ticket, False)):
            async with phone(here.line_port, "/ws/seat", additional_headers={TICKET_HEADER: shown}) as client:
                if good:
                    await client.say(type="start")
                    await client.message("ready")
                else:
                    await client.message("error", code="seat.no_ticket")
                    assert await client.ended() == 4403
        line = await waiting
        assert line is not None
        await line.hang_up("us")
