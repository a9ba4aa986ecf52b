"""What every ticket store does: the dict fake of our tests and the database."""

import asyncio
from collections.abc import AsyncIterator
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest

from tests.fakes.clocks import MORNING
from tests.fakes.demands import OTHER, PHONE, lamp
from tests.fakes.tickets import DictTicketStore
from voicebot.adapters.db.database import Database
from voicebot.adapters.db.tickets import SqlTicketStore
from voicebot.core.demand import Demand
from voicebot.core.errors import VoicebotError
from voicebot.core.ids import TicketNo
from voicebot.tickets.deadlines import Deadlines
from voicebot.tickets.lifecycle import Given, accept, rebuild, transition
from voicebot.tickets.ports import Birth, Step, TicketStore
from voicebot.tickets.privacy import clean
from voicebot.tickets.state import State
from voicebot.tickets.ticket import Contact, Ticket, TicketAction, TicketEvent

TODAY = MORNING.date()
ME = Contact("王小明", PHONE, OTHER)


@pytest.fixture(params=["dict", pytest.param("sqlite", marks=pytest.mark.integration)])
async def store(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[TicketStore]:
    if request.param == "dict":
        yield DictTicketStore()
        return
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
    moves = [
        (TicketAction.DISPATCH, "", Given(department=made.department, sign_due=later)),
        (TicketAction.RETURN, "不是我们的职责", Given()),
        (TicketAction.DISPATCH, "", Given(department=made.department, sign_due=later)),
        (TicketAction.SIGN, "", Given()),
        (TicketAction.START, "", Given()),
        (TicketAction.EXTEND, "等零件", Given(due_at=made.due_at + timedelta(days=5))),
        (TicketAction.REPLY, "", Given(reply="已经修好")),
        (TicketAction.CLOSE, "", Given()),
        (TicketAction.RATE, "", Given(rating=5)),
    ]
    for hours, (action, reason, given) in enumerate(moves, start=1):
        at = MORNING + timedelta(hours=hours)
        await store.change(no, move(action, at, reason, given))
    row = await store.ticket(no)
    assert row is not None
    assert row.state is State.CLOSED
    assert (row.reply, row.rating, row.version) == ("已经修好", 5, 10)
    assert row.due_at == made.due_at + timedelta(days=5)
    assert rebuild(await store.events(no)) == row


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
