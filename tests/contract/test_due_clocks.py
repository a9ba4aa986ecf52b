"""What every book of running clocks does, and the scheduler on it: the fake of our tests, and the database on
SQLite and PostgreSQL."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from sqlalchemy import select

from tests.contract.postgresql import emptied_postgresql, server_url
from tests.fakes.clocks import MORNING, HandClock
from tests.fakes.demands import PHONE, lamp
from tests.fakes.due_clocks import DictDueClocks
from tests.fakes.tickets import DictTicketStore
from voicebot.adapters.db.database import Database
from voicebot.adapters.db.schema import outbox
from voicebot.adapters.db.ticket_clocks import SqlDueClocks
from voicebot.adapters.db.tickets import SqlTicketStore
from voicebot.core.errors import VoicebotError
from voicebot.core.ids import TicketNo
from voicebot.operations.scheduler import ClockFigures, ClockKey, DueClocks, TicketScheduler
from voicebot.tickets.birth import accept
from voicebot.tickets.clocks import ClockKind
from voicebot.tickets.deadlines import DEFAULT, Deadlines
from voicebot.tickets.escalation import Acts
from voicebot.tickets.given import NOTHING, Given
from voicebot.tickets.lifecycle import rebuild, transition
from voicebot.tickets.ports import TicketStore
from voicebot.tickets.profile import Archiving
from voicebot.tickets.state import State
from voicebot.tickets.terms import with_terms
from voicebot.tickets.ticket import Contact, TicketAction

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
DEADLINES = Deadlines()
FAR = MORNING + 60 * DAY
WORDS = ("ticket.yellow", "ticket.red", "ticket.overdue", "ticket.unreturned")
ALL = Counter({"ticket.yellow": 2, "ticket.red": 2, "ticket.overdue": 2, "ticket.unreturned": 1})
"""What a dispatched ticket that nobody touches makes heard: of the clock of signing and that of answering."""


@dataclass(frozen=True, slots=True)
class Place:
    """A store of tickets and as many books of its clocks, as of other nodes, as one likes."""

    store: TicketStore
    clocks: DueClocks
    another: Callable[[], Awaitable[DueClocks]]
    words: Callable[[], Awaitable[list[tuple[str, str]]]]


@pytest.fixture(
    params=[
        "dict",
        pytest.param("sqlite", marks=pytest.mark.integration),
        pytest.param("postgresql", marks=pytest.mark.integration),
    ]
)
async def place(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Place]:
    if request.param == "dict":
        memory = DictTicketStore()
        book = DictDueClocks(memory)

        async def same() -> DueClocks:
            return book

        async def told() -> list[tuple[str, str]]:
            return [(number, word.subject.value) for number, word in book.words]

        yield Place(memory, book, same, told)
        return
    if request.param == "postgresql":
        opened = [await emptied_postgresql(tmp_path)]
        where = server_url()
    else:
        where = str(tmp_path / "hotline.sqlite3")
        opened = [await Database.open(where)]
    store = SqlTicketStore(opened[0])

    async def another() -> DueClocks:
        opened.append(await Database.open(where, tmp_path / "hotline.key"))
        return SqlDueClocks(opened[-1], SqlTicketStore(opened[-1]))

    async def heard() -> list[tuple[str, str]]:
        query = (
            select(outbox.c.body, outbox.c.subject).where(outbox.c.subject.in_(WORDS)).order_by(outbox.c.id)
        )
        async with opened[0].read() as connection:
            return [(body["ticket_no"], subject) for body, subject in await connection.execute(query)]

    yield Place(store, SqlDueClocks(opened[0], store), another, heard)
    for database in opened:
        await database.close()


async def filed(store: TicketStore, *actions: TicketAction, **given: object) -> TicketNo:
    """A ticket, dispatched with the times of the profile, and moved on."""
    demand = lamp()
    due = DEADLINES.of(demand.appeal_type, demand.urgency, False, MORNING)
    made, _ = await store.create(
        MORNING.date(), lambda no: accept(no, demand, due, "bot", MORNING), Contact("王小明", PHONE)
    )
    await moved(store, made.ticket_no, TicketAction.DISPATCH, Given(department=demand.department))
    for action in actions:
        details = Given(**given) if action is actions[-1] else NOTHING  # type: ignore[arg-type]
        await moved(store, made.ticket_no, action, details)
    return made.ticket_no


async def moved(
    store: TicketStore, number: TicketNo, action: TicketAction, given: Given, at: datetime = MORNING
) -> None:
    await store.change(
        number,
        lambda t: transition(
            t, action, "handler:li", at, "理由", with_terms(DEADLINES, t, action, given, at)
        ),
    )


def scheduler(
    place: Place, clocks: DueClocks | None = None, clock: HandClock | None = None
) -> TicketScheduler:
    return TicketScheduler(clocks or place.clocks, place.store, lambda: DEADLINES, clock or HandClock(FAR))


async def drain(one: TicketScheduler) -> None:
    while await one.escalate():
        pass


async def test_nothing_is_due_before_yellow(place: Place) -> None:
    await filed(place.store)
    clock = HandClock(MORNING)
    assert not await scheduler(place, clock=clock).escalate()
    assert await place.clocks.figures(MORNING) == ClockFigures(2, 0, 0)


async def test_steps_come_when_their_time_comes(place: Place) -> None:
    number = await filed(place.store)
    clock = HandClock(MORNING)
    one = scheduler(place, clock=clock)
    heard = []
    while clock.at < MORNING + 20 * DAY:
        clock.pass_(HOUR)
        await drain(one)
        heard.append(len(await place.words()))
    report = Counter({"ticket.yellow": 1, "ticket.red": 1})  # on the 督办 that follows
    assert Counter(subject for _, subject in await place.words()) == ALL + report
    steps = {after - before for before, after in pairwise(heard)}
    assert steps == {0, 1, 2}  # the end of a return and of signing fall together
    ticket = await place.store.ticket(number)
    assert ticket is not None
    assert ticket.urged == 2
    assert rebuild(await place.store.events(number)) == ticket


async def test_a_late_start_takes_all_steps_once(place: Place) -> None:
    numbers = [await filed(place.store) for _ in range(5)]
    await drain(scheduler(place))
    heard = await place.words()
    assert Counter(heard) == {(number, subject): n for number in numbers for subject, n in ALL.items()}
    await drain(scheduler(place, clock=HandClock(FAR + 400 * DAY)))
    feedback = await place.words()
    assert len(feedback) == len(heard) + 2 * 5  # the 督办 that was begun has a clock of its own
    await drain(scheduler(place, clock=HandClock(MORNING)))
    assert await place.words() == feedback


async def test_two_schedulers_that_race_do_everything_once(place: Place) -> None:
    numbers = [await filed(place.store) for _ in range(20)]
    books = [place.clocks, await place.another(), await place.another()]
    await asyncio.gather(*(drain(scheduler(place, book)) for book in books))
    await drain(scheduler(place))
    assert Counter(await place.words()) == {(no, subject): n for no in numbers for subject, n in ALL.items()}
    for number in numbers:
        actions = Counter(event.action for event in await place.store.events(number))
        assert actions[TicketAction.URGE] == 2
        assert actions[TicketAction.SUPERVISE] == 1


async def test_a_unit_that_signs_meanwhile_is_not_urged(place: Place) -> None:
    number = await filed(place.store)
    (first,) = [key for key in await place.clocks.due(FAR, 10) if key.kind is ClockKind.SIGN]
    await moved(place.store, number, TicketAction.SIGN, NOTHING)
    assert await place.clocks.act(first, FAR, lambda *_: Acts()) is None


async def test_what_was_decided_and_not_stored_is_done_again(place: Place) -> None:
    await filed(place.store)

    def dies(*_: object) -> Acts:
        raise VoicebotError("test.killed", "死了")

    for key in await place.clocks.due(FAR, 10):
        with pytest.raises(VoicebotError, match=r"test\.killed"):
            await place.clocks.act(key, FAR, dies)
    assert await place.words() == []
    await drain(scheduler(place))
    assert Counter(subject for _, subject in await place.words()) == ALL


async def test_a_ticket_that_cannot_be_acted_on_keeps_nobody_waiting(place: Place) -> None:
    stuck, fine = await filed(place.store), await filed(place.store)

    class Stuck:
        """Fails for one ticket."""

        def __getattr__(self, name: str) -> object:
            return getattr(place.clocks, name)

        async def act(self, key: ClockKey, now: datetime, decide: object) -> Acts | None:
            if key.ticket_no == stuck:
                raise RuntimeError("ein Fehler")
            return await place.clocks.act(key, now, decide)  # type: ignore[arg-type]

    clock = HandClock(FAR)
    await drain(scheduler(place, Stuck(), clock))  # type: ignore[arg-type]
    assert {number for number, _ in await place.words()} == {fine}
    assert await place.clocks.due(FAR, 10) == []
    clock.pass_(timedelta(minutes=11))
    await drain(scheduler(place, clock=clock))
    assert {number for number, _ in await place.words()} == {fine, stuck}


async def test_a_returned_ticket_is_left_alone_until_it_goes_on(place: Place) -> None:
    number = await filed(place.store, TicketAction.RETURN, return_ground="三定方案")
    await drain(scheduler(place))
    assert await place.words() == []
    assert (await place.clocks.figures(FAR)).running == 0
    await moved(place.store, number, TicketAction.DISPATCH, Given(department=lamp().department), FAR)
    assert await place.clocks.figures(FAR) == ClockFigures(2, 0, 0)


async def test_figures_tell_lights_and_what_is_behind(place: Place) -> None:
    number = await filed(place.store)
    ticket = await place.store.ticket(number)
    assert ticket is not None
    figures = await place.clocks.figures(ticket.sign_due)
    assert (figures.running, figures.yellow, figures.red) == (2, 0, 1)
    assert figures.behind is not None
    await drain(scheduler(place, clock=HandClock(ticket.sign_due)))
    assert await place.clocks.figures(ticket.sign_due) == ClockFigures(2, 0, 1)


async def test_metrics(place: Place) -> None:
    await filed(place.store)
    one = scheduler(place)
    *_, measure = one.tasks()
    assert "voicebot_ticket_clocks" not in one.metrics()
    await drain(one)
    await measure.work()
    text = one.metrics()
    assert "voicebot_ticket_steps_total 7" in text
    assert 'voicebot_ticket_clocks{light="red"} 2' in text
    assert "voicebot_ticket_clock_lag_seconds 0.0" in text


async def state_of(place: Place, number: TicketNo) -> State:
    ticket = await place.store.ticket(number)
    assert ticket is not None
    return ticket.state


async def closed(place: Place, *more: tuple[TicketAction, Given]) -> TicketNo:
    number = await filed(place.store, TicketAction.SIGN)
    steps = [(TicketAction.REPLY, Given(reply="修好")), (TicketAction.CLOSE, NOTHING), *more]
    for action, given in steps:
        await moved(place.store, number, action, given)
    return number


async def test_what_is_over_goes_to_the_archive_in_its_time(place: Place) -> None:
    call = (TicketAction.CALL_BACK, NOTHING)
    reached = await closed(place, call, (TicketAction.CALLED_BACK, Given(reached=True, solved=True)))
    unreached = await closed(place, call, (TicketAction.CALLED_BACK, Given(reached=False)))
    unhappy = await closed(place, (TicketAction.RATE, Given(rating=1)))
    cancelled = await filed(place.store, TicketAction.CANCEL)
    working = await filed(place.store, TicketAction.SIGN)
    watched = {
        number: await state_of(place, number) for number in (reached, unreached, unhappy, cancelled, working)
    }

    async def archived_after(days: int) -> set[TicketNo]:
        await scheduler(place, clock=HandClock(MORNING + days * DAY)).archive()
        return {number for number in watched if await state_of(place, number) is State.ARCHIVED}

    assert await archived_after(6) == set()
    assert await archived_after(7) == {reached, cancelled}
    assert await archived_after(29) == {reached, cancelled}
    assert await archived_after(30) == {reached, cancelled, unreached}
    assert await archived_after(4000) == {reached, cancelled, unreached}
    assert await state_of(place, unhappy) is State.CLOSED
    assert await state_of(place, working) is State.SIGNED
    last = (await place.store.events(reached))[-1]
    assert (last.actor, last.action) == ("clock", TicketAction.ARCHIVE)


async def test_many_are_archived_page_by_page(place: Place) -> None:
    numbers = [await filed(place.store, TicketAction.CANCEL) for _ in range(7)]
    waits, found, after = Archiving(), list[TicketNo](), None
    while page := await place.clocks.over(State.CANCELLED, waits, FAR, 3, after):
        found += page
        after = page[-1]
    assert found == numbers
    assert await place.clocks.over(State.CANCELLED, replace(waits, reached=90 * DAY), FAR, 3) == []
    assert DEFAULT.archiving == waits
