"""A call makes a ticket; it is dispatched or queued beside the call, which never waits for that."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import cast

from tests.calls.kit import Scene, brain, calling, until
from tests.fakes.directories import shipped
from tests.fakes.ticket_lists import DictTicketLists
from tests.fakes.tickets import DictTicketStore
from tests.fakes.understanding import KNOWN, FakeUnderstander
from tests.virtual_time import VirtualClock, on_virtual_time
from voicebot.calls.brain import Brain
from voicebot.core.errors import VoicebotError
from voicebot.core.ids import DepartmentName
from voicebot.core.meaning import DepartmentGuess, Meaning
from voicebot.operations.dispatching import SWEEP, Dispatching
from voicebot.tickets.state import State
from voicebot.tickets.ticket import Ticket, TicketAction
from voicebot.understanding import Understander

LAMP = "幸福路3号路灯坏了昨天晚上开始不亮"
CITY = DepartmentName("市城市管理局")
POWER = DepartmentName("市供电公司")


class Unsure(FakeUnderstander):
    """Knows the matter, but not whose it is."""

    def understand(self, text: str, **context: object) -> Meaning:
        guesses = (DepartmentGuess(CITY, 0.3, "事项：路灯"), DepartmentGuess(POWER, 0.29, "相似的来电"))
        known = KNOWN.get(text) or super().understand(text)
        return replace(known, departments=guesses) if text == LAMP else known


class Worker:
    """Makes the dispatching of a call and runs it."""

    def __init__(self) -> None:
        self.made: Dispatching | None = None
        self.store: DictTicketStore | None = None

    def __call__(self, store: DictTicketStore, clock: VirtualClock) -> Dispatching:
        self.store = store
        self.made = Dispatching(store, DictTicketLists(store), clock, shipped)
        return self.made

    @contextmanager
    def at_work(self) -> Iterator[None]:
        assert self.made is not None
        task = asyncio.create_task(self.made.run())
        try:
            yield
        finally:
            task.cancel()


async def register(scene: Scene) -> None:
    await scene.until_we_listen()
    await scene.says(LAMP)
    await scene.says("对")


def only(scene: Scene) -> Ticket:
    (ticket,) = scene.store.tickets.values()
    return ticket


def unsure() -> Brain:
    return replace(brain(), understander=cast(Understander, Unsure()))


@on_virtual_time
async def test_a_sure_matter_is_with_its_unit_before_the_caller_hangs_up() -> None:
    worker = Worker()
    async with calling(dispatcher=worker) as scene:
        with worker.at_work():
            await register(scene)
            await until(lambda: bool(scene.store.tickets) and only(scene).state is State.DISPATCHED)
        ticket = only(scene)
        assert (ticket.department, ticket.dispatches) == (CITY, 1)
        assert ticket.category == "城市管理/市政设施/路灯"
        assert any("工单号" in said for said in scene.said)


@on_virtual_time
async def test_a_doubtful_matter_waits_with_the_guesses_of_the_call() -> None:
    worker = Worker()
    async with calling(dispatcher=worker, known=unsure()) as scene:
        with worker.at_work():
            await register(scene)
            await until(lambda: bool(scene.store.tickets) and only(scene).state is State.PENDING_DISPATCH)
        event = (await scene.store.events(only(scene).ticket_no))[-1]
        assert event.action is TicketAction.QUEUE
        for told in (CITY, POWER, "事项：路灯", "相似的来电"):
            assert told in event.reason


@on_virtual_time
async def test_the_number_is_spoken_though_nothing_can_be_dispatched() -> None:
    worker = Worker()
    async with calling(dispatcher=worker) as scene:
        await register(scene)  # nobody works: the number is spoken all the same
        assert any("工单号" in said for said in scene.said)
        assert only(scene).state is State.ACCEPTED
        scene.store.failing = VoicebotError("db.unreachable", "库不在", retryable=True)
        with worker.at_work():
            await asyncio.sleep(5)  # the worker tries in vain
            scene.store.failing = None
            assert only(scene).state is State.ACCEPTED
            await asyncio.sleep(SWEEP)
        assert only(scene).state is State.DISPATCHED
