"""A hall of seats on virtual time."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from types import MappingProxyType

from tests.fakes.seats import MemorySeats
from tests.virtual_time import SHANGHAI_MORNING, VirtualClock
from voicebot.core.ids import CallId, QueueName, SeatId
from voicebot.operations.distributor import Distributor
from voicebot.operations.seat_desk import SeatDesk
from voicebot.operations.seat_news import SeatNews
from voicebot.seats.contact import Contact, ContactState
from voicebot.seats.rules import QueueRules, SeatRules, WrapUp
from voicebot.seats.seat import Seat

HALL = QueueName("综合")
LI, WU = SeatId("li"), SeatId("wu")
C1, C2 = CallId("c1"), CallId("c2")


class JumpingClock(VirtualClock):
    """Somebody may set its wall time; the other reading goes on as it did."""

    def __init__(self, start: datetime = SHANGHAI_MORNING) -> None:
        super().__init__(start)
        self.ahead = timedelta(0)

    def now(self) -> datetime:
        return super().now() + self.ahead


class Hall:
    """Store, desk and the rules they go by."""

    def __init__(self, store: MemorySeats | None = None, clock: JumpingClock | None = None) -> None:
        self.store = store or MemorySeats()
        self.clock = clock or JumpingClock()
        self.rules = SeatRules(usual=QueueRules(wrap_up=WrapUp.TIMED, wrap_up_s=30.0))
        self.news = SeatNews()
        self.desk = self.another_desk()
        self.alive: set[SeatId] = set()

    def another_desk(self) -> SeatDesk:
        return SeatDesk(self.store, self.clock, lambda: self.rules, self.news)

    def distributor(self) -> Distributor:
        return Distributor(self.another_desk(), self.store, self.clock, lambda: self.rules)

    @asynccontextmanager
    async def open(self, distributors: int = 1) -> AsyncIterator[list[Distributor]]:
        """With so many line processes at work, and pages that beat."""
        made = [self.distributor() for _ in range(distributors)]
        tasks = [asyncio.create_task(each.run()) for each in made]
        tasks.append(asyncio.create_task(self._beat()))
        try:
            yield made
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _beat(self) -> None:
        while True:
            for seat in sorted(self.alive):
                await self.desk.beat(seat, f"tab-{seat}")
            await asyncio.sleep(2.5)

    async def staffed(self, *seats: SeatId, phone: str = "") -> None:
        """These sign in and are ready."""
        for seat in seats or (LI,):
            await self.desk.sign_in(seat, f"tab-{seat}")
            if phone:
                await self.desk.set_phone(seat, phone)
            await self.desk.ready(seat, f"tab-{seat}")
            self.alive.add(seat)

    async def called(self, *calls: CallId, **more: object) -> None:
        for call_id in calls or (C1,):
            contact = Contact(
                call_id, HALL, self.clock.now(), slots=MappingProxyType({"phone": "13800008000"})
            )
            await self.desk.enqueue(replace(contact, **more))  # type: ignore[arg-type]

    async def seat(self, seat: SeatId = LI) -> Seat:
        return await self.desk.seat(seat)

    async def call(self, call_id: CallId = C1) -> Contact:
        return await self.desk.contact(call_id)

    async def until(self, call_id: CallId, state: ContactState, within: float) -> float:
        """Seconds until a call is in a state; fails when it is not within so many."""
        begun = self.clock.monotonic()
        while (await self.call(call_id)).state is not state:
            assert self.clock.monotonic() - begun <= within, await self.call(call_id)
            await asyncio.sleep(0.1)
        return self.clock.monotonic() - begun
