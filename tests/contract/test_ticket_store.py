"""What every ticket store does: the dict fake of our tests, and the database on SQLite and PostgreSQL."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest

from tests.contract.postgresql import emptied_postgresql
from tests.fakes.clocks import MORNING
from tests.fakes.demands import OTHER, PHONE, lamp
from tests.fakes.lives import details, ready_for
from tests.fakes.tickets import DictTicketStore
from voicebot.adapters.db.database import Database
from voicebot.adapters.db.tickets import SqlTicketStore
from voicebot.core.demand import Demand
from voicebot.core.errors import VoicebotError
from voicebot.core.ids import DepartmentName, TicketNo
from voicebot.tickets.birth import Born, accept
from voicebot.tickets.codec import difference
from voicebot.tickets.deadlines import Deadlines
from voicebot.tickets.given import Given
from voicebot.tickets.lifecycle import rebuild, split, transition
from voicebot.tickets.parts import Reference, SupervisionLevel
from voicebot.tickets.ports import Birth, Step, TicketStore
from voicebot.tickets.privacy import clean
from voicebot.tickets.rules import RULES
from voicebot.tickets.stale import StaleTicket
from voicebot.tickets.state import State
from voicebot.tickets.ticket import Contact, Ticket, TicketAction, TicketEvent

TODAY = MORNING.date()
ME = Contact("王小明", PHONE, OTHER)


@pytest.fixture(
    params=[
        "dict",
        pytest.param("sqlite", marks=pytest.mark.integration),
        pytest.param("postgresql", marks=pytest.mark.integration),
    ]
)
async def store(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[TicketStore]:
    if request.param == "dict":
        yield DictTicketStore()
        return
    if request.param == "postgresql":
        database = await emptied_postgresql(tmp_path)
    else:
        database = await Database.open(tmp_path / "hotline.sqlite3")
    yield SqlTicketStore(database)
    await database.close()


def birth(demand: Demand | None = None) -> Birth:
    made = demand or lamp()
    due = Deadlines().of(made.appeal_type, made.urgency, made.callback_only, MORNING)
    return lambda no: accept(no, made, due, "bot", MORNING)


def move(action: TicketAction, at: datetime, reason: str, given: Given) -> Step:
    return lambda ticket: transition(ticket, action, "handler:li", at, reason, given)


def urge(ticket: Ticket) -> tuple[Ticket, TicketEvent]:
    return transition(ticket, TicketAction.URGE, "caller", MORNING)


async def test_a_created_ticket_is_read_back_equal(store: TicketStore) -> None:
    made, event = await store.create(TODAY, birth(), ME)
    assert made.ticket_no == "20261124000001"
    assert await store.ticket(made.ticket_no) == made
    assert await store.events(made.ticket_no) == (event,)
    assert rebuild(await store.events(made.ticket_no)) == made


@pytest.mark.parametrize(
    "text",
    [
        "\ud800半个字",
        "零\x00字节",
        "'; DROP TABLE ticket; --",
        "<b>%s{0}\\",
        "🚧🇨🇳𠀀",
        "\x1b[31m",
        "多\n行\t字",
    ],
)
async def test_any_text_can_be_stored(store: TicketStore, text: str) -> None:
    strange = lamp(
        title=text, content=text, address=text, object=text, district=text, evidence=(("address", text),)
    )
    made, _ = await store.create(TODAY, birth(strange), Contact(clean(text), PHONE, ""))
    assert await store.ticket(made.ticket_no) == made
    assert rebuild(await store.events(made.ticket_no)) == made
    assert made.content == clean(text)


async def test_numbers_run_per_day_without_gap(store: TicketStore) -> None:
    tomorrow = TODAY + timedelta(days=1)
    days = [TODAY, TODAY, tomorrow, TODAY, tomorrow]
    numbers = [(await store.create(day, birth(), ME))[0].ticket_no for day in days]
    assert numbers == [
        "20261124000001",
        "20261124000002",
        "20261125000001",
        "20261124000003",
        "20261125000002",
    ]


async def test_concurrent_writers_get_each_number_once(store: TicketStore) -> None:
    made = await asyncio.gather(*(store.create(TODAY, birth(), ME) for _ in range(30)))
    serials = sorted(int(ticket.ticket_no[8:]) for ticket, _ in made)
    assert serials == list(range(1, 31))


async def test_a_birth_that_fails_takes_no_number(store: TicketStore) -> None:
    def stillborn(no: TicketNo) -> tuple[Ticket, TicketEvent]:
        raise VoicebotError("ticket.incomplete", "不行")

    with pytest.raises(VoicebotError, match=r"ticket\.incomplete"):
        await store.create(TODAY, stillborn, ME)
    made, _ = await store.create(TODAY, birth(), ME)
    assert made.ticket_no.endswith("000001")


async def test_the_same_request_is_stored_once(store: TicketStore) -> None:
    first = await store.create(TODAY, birth(), ME, key="k")
    again = await store.create(TODAY, birth(), ME, key="k")
    assert again == first
    assert await store.filed("k") == first
    assert await store.filed("other") is None
    assert await store.filed("") is None
    assert len(await store.of_caller(PHONE)) == 1


async def test_requests_without_key_are_all_stored(store: TicketStore) -> None:
    await store.create(TODAY, birth(), ME)
    await store.create(TODAY, birth(), ME)
    assert len(await store.of_caller(PHONE)) == 2


async def test_a_repeated_change_happens_once(store: TicketStore) -> None:
    made, _ = await store.create(TODAY, birth(), ME)
    await store.change(made.ticket_no, urge, key="again")
    ticket, event = await store.change(made.ticket_no, urge, key="again")
    assert ticket.urged == 1
    assert event.action is TicketAction.URGE
    assert len(await store.events(made.ticket_no)) == 2


async def test_history_rebuilds_the_row(store: TicketStore) -> None:
    made, _ = await store.create(TODAY, birth(), ME)
    no = made.ticket_no
    later = MORNING + timedelta(hours=1)
    further = made.due_at + timedelta(days=5)
    moves = [
        (TicketAction.DISPATCH, "", Given(department=made.department, sign_due=later, department_score=0.75)),
        (TicketAction.RETURN, "不是我们的职责", Given(return_ground="三定方案")),
        (TicketAction.DISPATCH, "", Given(department=made.department, sign_due=further, return_due=further)),
        (TicketAction.SIGN, "", Given()),
        (TicketAction.START, "", Given()),
        (TicketAction.ASK_EXTENSION, "等零件", Given(until=further)),
        (TicketAction.APPROVE_EXTENSION, "", Given()),
        (TicketAction.SUPERVISE, "", Given(level=SupervisionLevel.KEY, note="抓紧", due=further)),
        (TicketAction.LINK, "", Given(reference=Reference("110", "J2026"))),
        (TicketAction.REPLY, "", Given(reply="已经修好")),
        (TicketAction.CLOSE, "", Given()),
        (TicketAction.RATE, "", Given(rating=5)),
    ]
    for minutes, (action, reason, given) in enumerate(moves, start=1):
        at = MORNING + timedelta(minutes=minutes)
        await store.change(no, move(action, at, reason, given))
    row = await store.ticket(no)
    assert row is not None
    assert row.state is State.CLOSED
    assert (row.reply, row.rating, row.version) == ("已经修好", 5, 13)
    assert row.due_at == further
    assert rebuild(await store.events(no)) == row


async def test_every_kind_of_move_is_read_back(store: TicketStore) -> None:
    """A ticket that is ready for it is put there as if born so."""
    for action in sorted(set(TicketAction) - {TicketAction.EXTEND, TicketAction.DRAFT}):
        ready = ready_for(action)
        made, _ = await store.create(TODAY, as_it_is(ready), ME)
        assert await store.ticket(made.ticket_no) == made
        known = details(made, MORNING)
        given = Given(**{name: known[name] for name in (*RULES[action].takes, *RULES[action].may)})
        done, event = await store.change(made.ticket_no, move(action, MORNING, "理由", given), expected=1)
        assert await store.ticket(made.ticket_no) == done
        assert (await store.events(made.ticket_no))[1] == event
        assert rebuild(await store.events(made.ticket_no)) == done


def as_it_is(ready: Ticket) -> Birth:
    def born(no: TicketNo) -> tuple[Ticket, TicketEvent]:
        ticket = replace(ready, ticket_no=no)
        first = difference(None, ticket)
        return ticket, TicketEvent(no, 1, MORNING, "bot", TicketAction.ACCEPT, None, ticket.state, "", first)

    return born


async def test_a_stale_change_is_refused_with_what_happened_since(store: TicketStore) -> None:
    made, _ = await store.create(TODAY, birth(), ME)
    later = MORNING + timedelta(hours=1)
    sent = Given(department=DepartmentName("市水务局"), sign_due=later)
    await store.change(made.ticket_no, move(TicketAction.DISPATCH, MORNING, "", sent), expected=1)
    await store.change(made.ticket_no, urge)
    now = await store.ticket(made.ticket_no)
    with pytest.raises(StaleTicket) as refused:
        await store.change(made.ticket_no, urge, expected=1)
    error = refused.value
    assert (error.code, error.expected, error.version) == ("ticket.stale", 1, 3)
    assert [event.action for event in error.since] == [TicketAction.DISPATCH, TicketAction.URGE]
    changes = {change.field: (change.before, change.after) for change in error.changes}
    assert changes["state"] == ("accepted", "dispatched")
    assert changes["department"] == ("市城市管理局", "市水务局")
    assert changes["version"] == (1, 3)
    assert "派单、催办" in error.message
    assert await store.ticket(made.ticket_no) == now
    with pytest.raises(StaleTicket, match="没有您看到的那一版"):
        await store.change(made.ticket_no, urge, expected=9)


async def test_of_two_editors_one_wins(store: TicketStore) -> None:
    made, _ = await store.create(TODAY, birth(), ME)
    tries = (store.change(made.ticket_no, urge, expected=1) for _ in range(10))
    results = await asyncio.gather(*tries, return_exceptions=True)
    assert sum(isinstance(result, tuple) for result in results) == 1
    assert sum(isinstance(result, StaleTicket) for result in results) == 9


async def test_a_repeated_request_is_answered_before_its_version_is_looked_at(store: TicketStore) -> None:
    made, _ = await store.create(TODAY, birth(), ME)
    await store.change(made.ticket_no, urge, expected=1, key="once")
    ticket, event = await store.change(made.ticket_no, urge, expected=1, key="once")
    assert (ticket.version, event.seq) == (2, 2)


async def test_two_tickets_change_together_or_not_at_all(store: TicketStore) -> None:
    child, _ = await store.create(TODAY, birth(), ME)
    parent, _ = await store.create(TODAY, birth(), ME)
    merge = move(TicketAction.MERGE, MORNING, "重复", Given(merge_parent=parent.ticket_no))
    add = move(TicketAction.SUPPLEMENT, MORNING, "并入一件", Given())
    with pytest.raises(StaleTicket):
        await store.change_all(
            {child.ticket_no: merge, parent.ticket_no: add}, expected={parent.ticket_no: 7}
        )
    assert await store.ticket(child.ticket_no) == child
    (gone, _), (kept, event) = await store.change_all({child.ticket_no: merge, parent.ticket_no: add})
    assert (gone.state, gone.merge_parent) == (State.MERGED, parent.ticket_no)
    assert (kept.version, event.reason) == (2, "并入一件")
    assert await store.ticket(child.ticket_no) == gone
    assert await store.ticket(parent.ticket_no) == kept
    back, _ = await store.change(child.ticket_no, move(TicketAction.UNMERGE, MORNING, "不是一件", Given()))
    assert (back.state, back.merge_parent) == (State.ACCEPTED, None)


async def test_several_moves_of_one_request_happen_once(store: TicketStore) -> None:
    one, _ = await store.create(TODAY, birth(), ME)
    two, _ = await store.create(TODAY, birth(), ME)
    three, _ = await store.create(TODAY, birth(), ME)
    both = {two.ticket_no: urge, one.ticket_no: urge}
    versions = {one.ticket_no: 1, two.ticket_no: 1}
    done = await store.change_all(both, expected=versions, key="k")
    again = await store.change_all(both, expected=versions, key="k")
    assert again == done
    assert [ticket.ticket_no for ticket, _ in again] == [two.ticket_no, one.ticket_no]
    with pytest.raises(VoicebotError, match=r"key_reused"):
        await store.change_all({**both, three.ticket_no: urge}, key="k")
    assert await store.ticket(three.ticket_no) == three


async def test_mergers_crosswise_do_not_lock_each_other_out(store: TicketStore) -> None:
    first, _ = await store.create(TODAY, birth(), ME)
    second, _ = await store.create(TODAY, birth(), ME)
    one, other = first.ticket_no, second.ticket_no
    both = ({one: urge, other: urge}, {other: urge, one: urge})
    async with asyncio.timeout(20):
        await asyncio.gather(*(store.change_all(both[n % 2]) for n in range(10)))
    row = await store.ticket(one)
    assert row is not None
    assert row.urged == 10


async def test_a_part_becomes_a_ticket_of_the_same_person(store: TicketStore) -> None:
    origin, _ = await store.create(TODAY, birth(), ME)
    demand = lamp(title="井盖缺失", content="井盖缺失", phone="", caller_name="")
    due = Deadlines().of(demand.appeal_type, demand.urgency, False, MORNING)

    def parting(ticket: Ticket, no: TicketNo) -> tuple[Born, Born]:
        return split(ticket, no, demand, due, "dispatcher:wu", MORNING, "两件事")

    part, event = await store.split(origin.ticket_no, TODAY, parting, expected=1, key="cut")
    assert await store.split(origin.ticket_no, TODAY, parting, expected=1, key="cut") == (part, event)
    assert (part.ticket_no, part.split_from) == ("20261124000002", origin.ticket_no)
    assert await store.contact(part.ticket_no) == ME
    left = await store.ticket(origin.ticket_no)
    assert left is not None
    assert left.split_into == (part.ticket_no,)
    assert set(await store.of_caller(PHONE)) == {part, left}
    for ticket in (part, left):
        assert rebuild(await store.events(ticket.ticket_no)) == ticket
    with pytest.raises(StaleTicket):
        await store.split(origin.ticket_no, TODAY, parting, expected=1)
    assert (await store.create(TODAY, birth(), ME))[0].ticket_no.endswith("000003")


async def test_an_illegal_change_leaves_everything_as_it_was(store: TicketStore) -> None:
    made, event = await store.create(TODAY, birth(), ME)
    with pytest.raises(VoicebotError, match=r"ticket\.illegal_move"):
        await store.change(made.ticket_no, lambda t: transition(t, TicketAction.SIGN, "handler:li", MORNING))
    assert await store.ticket(made.ticket_no) == made
    assert await store.events(made.ticket_no) == (event,)


async def test_unknown_ticket(store: TicketStore) -> None:
    nowhere = TicketNo("20200101000001")
    assert await store.ticket(nowhere) is None
    assert await store.events(nowhere) == ()
    assert await store.contact(nowhere) is None
    assert await store.hidden(nowhere) == ()
    with pytest.raises(VoicebotError, match=r"ticket\.unknown"):
        await store.change(nowhere, urge)


async def test_concurrent_changes_all_count(store: TicketStore) -> None:
    made, _ = await store.create(TODAY, birth(), ME)
    await asyncio.gather(*(store.change(made.ticket_no, urge) for _ in range(20)))
    row = await store.ticket(made.ticket_no)
    assert row is not None
    assert row.urged == 20
    assert [event.seq for event in await store.events(made.ticket_no)] == list(range(1, 22))


async def test_found_by_either_number_newest_first(store: TicketStore) -> None:
    first, _ = await store.create(TODAY, birth(), ME)
    second, _ = await store.create(TODAY, birth(), Contact("", PHONE, PHONE))
    stranger, _ = await store.create(TODAY, birth(), Contact("", "13700000000", ""))
    assert await store.of_caller(PHONE) == (second, first)
    assert await store.of_caller(OTHER) == (first,)
    assert await store.of_caller("13700000000") == (stranger,)
    assert await store.of_caller("") == ()
    assert await store.of_caller(PHONE, tail="0002") == (second,)
    assert await store.of_caller(PHONE, tail="%") == ()
    assert await store.of_caller(PHONE, tail="0003") == ()
    assert await store.of_caller(PHONE, limit=1) == (second,)


async def test_open_ones_only(store: TicketStore) -> None:
    first, _ = await store.create(TODAY, birth(), ME)
    second, _ = await store.create(TODAY, birth(), ME)
    await store.change(
        first.ticket_no, lambda t: transition(t, TicketAction.CANCEL, "caller", MORNING, "不用了")
    )
    assert await store.of_caller(PHONE, open_only=True) == (second,)
    assert len(await store.of_caller(PHONE)) == 2


async def test_the_person_is_kept_apart(store: TicketStore) -> None:
    made, _ = await store.create(TODAY, birth(), ME, hidden=("13700000001",))
    await store.change(made.ticket_no, urge, hidden=("02888886666", "13700000002"))
    assert await store.contact(made.ticket_no) == ME
    assert await store.hidden(made.ticket_no) == ("13700000001", "02888886666", "13700000002")


async def test_a_day_has_999_999_numbers() -> None:
    from voicebot.tickets.numbers import ticket_no

    assert ticket_no(date(2026, 1, 1), 999_999) == "20260101999999"
    with pytest.raises(VoicebotError, match=r"ticket\.serial_exhausted"):
        ticket_no(date(2026, 1, 1), 1_000_000)
