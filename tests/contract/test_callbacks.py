"""Calls we owe, in the database: written with what makes us owe them, given to one process at a time."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from tests.contract.postgresql import emptied_postgresql
from tests.fakes.clocks import MORNING, HandClock
from tests.fakes.demands import OTHER, PHONE, lamp
from voicebot.adapters.db.callbacks import SqlCallbacks
from voicebot.adapters.db.calls import SqlCalls, SqlJournal
from voicebot.adapters.db.database import Database
from voicebot.adapters.db.keeping import purge
from voicebot.adapters.db.tickets import SqlTicketStore
from voicebot.adapters.db.unreached import SqlNotReached
from voicebot.calls.ports import LineInfo
from voicebot.core.demand import Demand
from voicebot.core.ids import CallId, TicketNo
from voicebot.operations.callback_store import DueCall
from voicebot.tickets.birth import accept
from voicebot.tickets.callbacks import CallbackKind, Over, Try, TryOutcome
from voicebot.tickets.deadlines import Deadlines
from voicebot.tickets.given import Given
from voicebot.tickets.lifecycle import transition
from voicebot.tickets.privacy import mask_phone
from voicebot.tickets.ticket import Contact, TicketAction

pytestmark = pytest.mark.integration

LATER = timedelta(minutes=2)


@pytest.fixture(params=["sqlite", "postgresql"])
async def database(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Database]:
    if request.param == "postgresql":
        made = await emptied_postgresql(tmp_path)
    else:
        made = await Database.open(tmp_path / "hotline.sqlite3")
    yield made
    await made.close()


class Desk:
    """What happens around the calls we owe."""

    def __init__(self, database: Database) -> None:
        self.tickets = SqlTicketStore(database)
        self.clock = HandClock()
        self.calls = SqlJournal(database, self.clock)
        self.callbacks = SqlCallbacks(database)
        self.people = SqlNotReached(database)

    async def ticket(self, demand: Demand | None = None, contact: Contact | None = None) -> TicketNo:
        made = demand or lamp()
        due = Deadlines().of(made.appeal_type, made.urgency, made.callback_only, MORNING)
        person = Contact("王小明", PHONE) if contact is None else contact
        born, _ = await self.tickets.create(
            MORNING.date(), lambda no: accept(no, made, due, "bot", MORNING), person
        )
        return born.ticket_no

    async def move(self, no: TicketNo, action: TicketAction, reason: str = "", **given: object) -> None:
        details = Given(**given)  # type: ignore[arg-type]
        await self.tickets.change(no, lambda t: transition(t, action, "handler:li", MORNING, reason, details))

    async def closed(self, contact: Contact | None = None) -> TicketNo:
        no = await self.ticket(contact=contact)
        await self.move(no, TicketAction.REPLY, reply="修好了")
        await self.move(no, TicketAction.CLOSE)
        return no

    async def call(self, name: str, caller: str, reason: str | None, state: str = "", **more: bool) -> CallId:
        info = LineInfo(CallId(name), caller, "12345", "phone", 8000, **more)
        await self.calls.opened(info, "main")
        if reason is not None:
            await self.calls.closed(info.call_id, reason, state, None)
        return info.call_id

    async def claim(self, holder: str = "a", at: datetime = MORNING) -> DueCall | None:
        return await self.callbacks.claim(at, at + LATER, holder)

    async def claimed(self, holder: str = "a", at: datetime = MORNING) -> DueCall:
        due = await self.claim(holder, at)
        assert due
        return due


@pytest.fixture
def desk(database: Database) -> Desk:
    return Desk(database)


async def test_a_closed_ticket_is_due_with_its_person(desk: Desk) -> None:
    no = await desk.closed()
    due = await desk.claimed()
    assert (due.kind, due.ticket_no, due.number) == (CallbackKind.REVISIT, no, PHONE)
    assert (due.urgent, due.tries, due.never) == (False, (), False)


async def test_the_number_that_called_serves_where_no_other_was_left(desk: Desk) -> None:
    await desk.closed(Contact(caller=OTHER))
    assert (await desk.claimed()).number == OTHER


async def test_nobody_is_owed_a_call_who_left_no_number(desk: Desk) -> None:
    await desk.closed(Contact())
    assert await desk.claim() is None


async def test_a_ticket_that_goes_on_owes_none_any_more(desk: Desk) -> None:
    no = await desk.closed()
    await desk.move(no, TicketAction.RATE, rating=5)
    assert await desk.claim() is None


async def test_a_promised_call_is_urgent_where_the_matter_is(desk: Desk) -> None:
    await desk.closed()
    await desk.ticket(replace(lamp(), callback_only=True), Contact("", OTHER))
    kinds = {(await desk.claimed()).kind, (await desk.claimed()).kind}
    assert kinds == {CallbackKind.REVISIT, CallbackKind.PROMISED}


async def test_a_lost_call_is_owed_one(desk: Desk) -> None:
    lost = await desk.call("c1", OTHER, "rtp_timeout")
    due = await desk.claimed()
    assert (due.kind, due.call_id, due.number, due.called_since) == (
        CallbackKind.MISSED,
        lost,
        OTHER,
        False,
    )


@pytest.mark.parametrize(
    ("caller", "reason", "state", "outbound"),
    [
        ("", "rtp_timeout", "", False),
        (OTHER, "caller", "listening", False),
        (OTHER, "done", "ended", False),
        (OTHER, "rtp_timeout", "", True),  # one that we made ourselves
    ],
)
async def test_other_calls_are_not(desk: Desk, caller: str, reason: str, state: str, outbound: bool) -> None:
    await desk.call("c1", caller, reason, state, outbound=outbound)
    assert await desk.claim() is None


async def test_a_call_is_given_to_one_and_comes_free_when_that_one_dies(desk: Desk) -> None:
    await desk.closed()
    due = await desk.claimed("a")
    assert await desk.claim("b") is None
    assert await desk.callbacks.hold(due, MORNING + 2 * LATER, "a")
    assert not await desk.callbacks.hold(due, MORNING + 2 * LATER, "b")
    assert await desk.claim("b", MORNING + LATER) is None
    assert (await desk.claimed("b", MORNING + 3 * LATER)).key == due.key


async def test_one_number_is_not_rung_twice_at_the_same_time(desk: Desk) -> None:
    await desk.closed()
    await desk.closed()
    await desk.closed(Contact("", OTHER))
    numbers = {(await desk.claimed("a")).number, (await desk.claimed("b")).number}
    assert numbers == {PHONE, OTHER}
    assert await desk.claim("c") is None


async def test_who_was_just_spoken_with_is_left_alone_for_a_while(desk: Desk) -> None:
    await desk.closed()
    await desk.closed()
    first = await desk.claimed()
    await desk.callbacks.tried(first, Try(MORNING, TryOutcome.DONE), Over.DONE, None)
    assert await desk.claim() is None
    assert await desk.claim(at=MORNING + timedelta(minutes=31))


async def test_who_talks_to_us_is_not_rung(desk: Desk) -> None:
    await desk.closed()
    talking = await desk.call("c1", PHONE, None)
    assert await desk.claim() is None
    await desk.calls.closed(talking, "caller", "listening", None)
    assert await desk.claim()


async def test_tries_are_kept_and_lead_on(desk: Desk) -> None:
    await desk.closed()
    due = await desk.claimed()
    again = MORNING + timedelta(hours=2)
    await desk.callbacks.tried(due, Try(MORNING, TryOutcome.BUSY), again, None)
    assert await desk.claim(at=again - timedelta(seconds=1)) is None
    due = await desk.claimed(at=again)
    assert due.tries == (Try(MORNING, TryOutcome.BUSY),)
    asked = Try(again, TryOutcome.LATER, again + timedelta(hours=5))
    await desk.callbacks.tried(due, asked, again + timedelta(hours=5), CallId("c9"))
    due = await desk.claimed(at=again + timedelta(hours=5))
    assert due.tries[1] == asked


async def test_put_off_without_a_try(desk: Desk) -> None:
    await desk.closed()
    due = await desk.claimed()
    await desk.callbacks.put_off(due, MORNING + timedelta(hours=1), MORNING)
    assert await desk.claim() is None
    assert (await desk.claimed(at=MORNING + timedelta(hours=1))).tries == ()


async def unreached(desk: Desk, over: Over = Over.UNREACHED) -> str:
    """Key of a revisit that came to nothing."""
    await desk.closed()
    due = await desk.claimed()
    await desk.callbacks.tried(due, Try(MORNING, TryOutcome.NO_ANSWER), over, None)
    return due.key


async def test_those_that_nobody_reached_wait_for_a_person(desk: Desk) -> None:
    no = await desk.closed()
    due = await desk.claimed()
    await desk.callbacks.tried(due, Try(MORNING, TryOutcome.NO_ANSWER), Over.UNREACHED, None)
    (left,) = await desk.people.not_reached(10)
    assert (left.ticket_no, left.over, len(left.tries)) == (no, Over.UNREACHED, 1)
    assert (left.title, left.mask) == (lamp().title, "138****8000")
    assert await desk.people.seen(left.key, "handler:li", MORNING)
    assert not await desk.people.seen(left.key, "handler:wu", MORNING)
    assert await desk.people.not_reached(10) == []


async def test_who_is_to_be_rung_again_is_owed_a_call_anew(desk: Desk) -> None:
    key = await unreached(desk)
    later = MORNING + timedelta(hours=5)
    assert not await desk.people.again("revisit:none:1", "seat:wu", later)
    assert await desk.people.again(key, "seat:wu", later)
    assert not await desk.people.again(key, "seat:li", later)
    assert not await desk.people.seen(key, "seat:li", later)
    assert await desk.people.not_reached(10) == []
    assert await desk.claim() is None
    due = await desk.claimed(at=later)
    assert (due.key, due.since, due.tries) == (key, later, ())
    await desk.callbacks.tried(due, Try(later, TryOutcome.BUSY), Over.UNREACHED, None)
    (left,) = await desk.people.not_reached(10)
    assert [each.outcome for each in left.tries] == [TryOutcome.NO_ANSWER, TryOutcome.BUSY]


async def test_only_those_that_are_asked_for(desk: Desk) -> None:
    await desk.callbacks.missed(OTHER, MORNING)
    missed = await desk.claimed()
    await desk.callbacks.put_off(missed, Over.EXPIRED, MORNING)
    key = await unreached(desk)
    assert [each.key for each in await desk.people.not_reached(10)] == [missed.key, key]
    (one,) = await desk.people.not_reached(10, [missed.key, "missed:nobody"])
    assert (one.kind, one.ticket_no, one.call_id, one.title) == (CallbackKind.MISSED, None, None, "")
    assert one.mask == mask_phone(OTHER)


async def test_who_does_not_want_to_be_rung_is_known_by_the_number(desk: Desk) -> None:
    await desk.closed()
    await desk.closed()
    due = await desk.claimed()
    await desk.callbacks.tried(due, Try(MORNING, TryOutcome.NEVER), Over.NEVER, None)
    assert (await desk.claimed(at=MORNING + timedelta(hours=1))).never
    await desk.callbacks.ring_again(PHONE)
    assert not (await desk.claimed(at=MORNING + timedelta(hours=2))).never


async def test_a_caller_who_has_called_again_is_known(desk: Desk) -> None:
    await desk.call("c1", OTHER, "rtp_timeout")
    desk.clock.pass_(timedelta(minutes=5))
    await desk.call("c2", OTHER, "done", "ended")
    assert (await desk.claimed()).called_since


async def test_many_processes_share_the_calls(desk: Desk) -> None:
    for serial in range(20):
        await desk.closed(Contact("", f"138000{serial:05d}"))
    claims = await asyncio.gather(*(desk.claim(f"p{process}") for process in range(25)))
    taken = [due.key for due in claims if due]
    assert len(taken) == len(set(taken)) == 20


async def test_a_call_of_ours_shows_in_the_records(desk: Desk, database: Database) -> None:
    call_id = await desk.call("c1", PHONE, "done", "ended", outbound=True)
    view = await SqlCalls(database, HandClock()).call(call_id)
    assert view
    assert view.outbound
    assert await desk.calls.earlier(PHONE) == 0


async def test_what_is_over_is_purged_with_its_tries(desk: Desk, database: Database) -> None:
    await desk.call("c1", OTHER, "rtp_timeout")
    await desk.closed()
    due = await desk.claimed()
    await desk.callbacks.tried(due, Try(MORNING, TryOutcome.NO_ANSWER), Over.UNREACHED, None)
    await purge(database, MORNING + timedelta(days=1), MORNING + timedelta(days=1))
    assert await desk.people.not_reached(10) == []
    assert await desk.claimed()  # the other one is still owed


async def test_who_found_all_lines_taken_is_owed_one_call(desk: Desk) -> None:
    for minutes in (0, 5, 10):
        await desk.callbacks.missed(OTHER, MORNING + timedelta(minutes=minutes))
    await desk.callbacks.missed("110", MORNING)
    due = await desk.claimed(at=MORNING + timedelta(minutes=15))
    assert (due.kind, due.number, due.ticket_no, due.call_id) == (CallbackKind.MISSED, OTHER, None, None)
    await desk.callbacks.tried(due, Try(MORNING, TryOutcome.DONE), Over.DONE, None)
    assert await desk.claim(at=MORNING + timedelta(hours=1)) is None
