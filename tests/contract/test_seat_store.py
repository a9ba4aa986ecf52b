"""The port `SeatStore`: rows are written at the version they were read at, together with their events, or not
at all; on both databases and in memory."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from types import MappingProxyType

import pytest
from sqlalchemy import select

from tests.contract.postgresql import emptied_postgresql, server_url
from tests.fakes.clocks import MORNING, HandClock
from tests.fakes.seats import MemorySeats
from voicebot.adapters.db.callbacks import SqlCallbacks
from voicebot.adapters.db.calls import SqlJournal
from voicebot.adapters.db.database import Database
from voicebot.adapters.db.keeping import purge
from voicebot.adapters.db.outbox import Outbox
from voicebot.adapters.db.schema import contact as contact_table
from voicebot.adapters.db.seats import SqlSeats
from voicebot.calls.ports import LineInfo
from voicebot.core.errors import VoicebotError
from voicebot.core.handover import HandoverReason
from voicebot.core.ids import CallId, LanguageTag, QueueName, SeatId
from voicebot.operations.distributor import Distributor
from voicebot.operations.seat_desk import SeatDesk
from voicebot.seats.contact import Contact, ContactState, Leg, Party, SeatNote, Talk
from voicebot.seats.ports import SeatChange, SeatStore
from voicebot.seats.rules import SeatRules
from voicebot.seats.seat import Next, Seat, SeatState

PHONE = "13800008000"
LI = Seat(
    SeatId("li"),
    SeatState.READY,
    since=MORNING,
    skills=MappingProxyType({"综合": 3, "en": 1}),
    team="一班",
    idle_since=MORNING - timedelta(minutes=3),
    beat=MORNING,
    tab="t1",
    phone="sip:1023@pbx",
    taken=4,
    missed=1,
)
CALLER = Contact(
    CallId("c1"),
    QueueName("综合"),
    MORNING,
    skill="住房",
    language=LanguageTag("en"),
    emergency="110",
    elder=True,
    enterprise=True,
    repeat=2,
    front=True,
    refused=(SeatId("wu"),),
    caller="138****8000",
    why=HandoverReason.ANGRY,
    summary="张三，13800008000，路灯坏了",
    slots=MappingProxyType({"address": "滨河路12号", "phone": PHONE}),
    line="node:1",
    notes=(SeatNote(SeatId("wu"), "filed", "路灯，已立单"),),
)


@dataclass
class Place:
    store: SeatStore
    database: Database | None
    where: str = ""

    async def put(self, *rows: Seat | Contact, event: str = "changed") -> None:
        seats = tuple(row for row in rows if isinstance(row, Seat))
        contacts = tuple(row for row in rows if isinstance(row, Contact))
        await self.store.save(SeatChange(event, "seat:li", MORNING, seats, contacts))


@pytest.fixture(
    params=[
        "memory",
        pytest.param("sqlite", marks=pytest.mark.integration),
        pytest.param("postgresql", marks=pytest.mark.integration),
    ]
)
async def place(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Place]:
    if request.param == "memory":
        yield Place(MemorySeats(), None)
        return
    if request.param == "postgresql":
        database, where = await emptied_postgresql(tmp_path), server_url()
    else:
        where = str(tmp_path / "hotline.sqlite3")
        database = await Database.open(where)
    yield Place(SqlSeats(database), database, where)
    await database.close()


ON_DATABASES = pytest.mark.parametrize(
    "place",
    [
        pytest.param("sqlite", marks=pytest.mark.integration),
        pytest.param("postgresql", marks=pytest.mark.integration),
    ],
    indirect=True,
)


async def test_what_was_saved_is_read_back(place: Place) -> None:
    await place.put(LI, CALLER)
    assert await place.store.seat(LI.id) == replace(LI, version=1)
    assert await place.store.contact(CALLER.call_id) == replace(CALLER, version=1)
    assert await place.store.seat(SeatId("nobody")) is None
    assert await place.store.contact(CallId("none")) is None


async def test_every_field_can_change(place: Place) -> None:
    await place.put(LI, CALLER)
    seat = Seat(
        LI.id,
        SeatState.HELD,
        since=MORNING + timedelta(minutes=1),
        skills=MappingProxyType({"企业": 5}),
        team="二班",
        reason="吃饭",
        call_id=CALLER.call_id,
        until=MORNING + timedelta(minutes=2),
        next=Next(SeatState.BREAK, "培训"),
        idle_since=None,
        beat=MORNING + timedelta(seconds=1),
        tab="t2",
        taken=5,
        version=1,
    )
    legs = (Leg("1", Party.SEAT, "li", "talking"), Leg("2", Party.OUTSIDE, "110", "ringing"))
    caller = replace(
        CALLER,
        state=ContactState.TAKEN,
        seat=LI.id,
        until=MORNING + timedelta(seconds=15),
        taken_at=MORNING + timedelta(seconds=9),
        front=False,
        refused=(SeatId("wu"), SeatId("he")),
        slots=MappingProxyType({}),
        talk=Talk(legs, held=True, recording=True, dropped=2),
        version=1,
    )
    await place.put(seat, caller)
    assert await place.store.seat(LI.id) == replace(seat, version=2)
    assert await place.store.contact(CALLER.call_id) == replace(caller, version=2)
    assert await place.store.contacts() == [replace(caller, version=2)]
    assert await place.store.contacts() == [replace(caller, version=2)]


async def test_a_row_that_has_changed_is_refused_with_all_the_rest(place: Place) -> None:
    await place.put(LI, CALLER)
    await place.put(replace(LI, state=SeatState.BUSY, version=1))
    offered = replace(CALLER, state=ContactState.OFFERED, seat=LI.id, version=1)
    for late in (replace(LI, state=SeatState.OFFERED, version=1), LI, replace(LI, version=7)):
        with pytest.raises(VoicebotError) as error:
            await place.put(late, offered)
        assert (error.value.code, error.value.retryable) == ("seat.stale", True)
    kept = await place.store.contact(CALLER.call_id)
    assert kept == replace(CALLER, version=1)
    with pytest.raises(VoicebotError):
        await place.put(CALLER)
    with pytest.raises(VoicebotError):
        await place.put(replace(LI, version=2), replace(CALLER, call_id=CallId("c9"), version=1))
    seat = await place.store.seat(LI.id)
    assert seat is not None
    assert (seat.state, seat.version) == (SeatState.BUSY, 2)


async def test_who_is_signed_in_and_who_waits(place: Place) -> None:
    away = Seat(SeatId("he"))
    gone = Seat(SeatId("wu"), SeatState.OFFLINE, call_id=CallId("c2"))
    later = replace(CALLER, call_id=CallId("c0"), since=MORNING + timedelta(seconds=5))
    over = [
        replace(CALLER, call_id=CallId(f"over-{state}"), state=state, ended_at=MORNING)
        for state in (ContactState.DONE, ContactState.LEFT, ContactState.CALL_BACK, ContactState.ELSEWHERE)
    ]
    talking = replace(CALLER, call_id=CallId("c3"), state=ContactState.TAKEN)
    await place.put(away, gone, LI, later, CALLER, talking, *over)
    assert [seat.id for seat in await place.store.seats()] == ["li", "wu"]
    assert [seat.id for seat in await place.store.everyone()] == ["he", "li", "wu"]
    assert [each.call_id for each in await place.store.contacts()] == ["c1", "c3", "c0"]


async def test_what_has_ended_lately(place: Place) -> None:
    over = [
        replace(CALLER, call_id=CallId(f"c{n}"), state=ContactState.DONE, ended_at=MORNING + timedelta(0, n))
        for n in (2, 0, 1)
    ]
    await place.put(replace(CALLER, call_id=CallId("c9")), *over)
    lately = await place.store.lately(MORNING + timedelta(seconds=1))
    bare = replace(over[2], summary="", slots=MappingProxyType({}), notes=(), version=1)
    assert [each.call_id for each in lately] == ["c1", "c2"]
    assert lately[0] == bare


async def test_a_sign_of_life_is_that_of_the_tab_that_has_the_seat(place: Place) -> None:
    await place.put(LI, Seat(SeatId("he")))
    at = MORNING + timedelta(seconds=3)
    assert await place.store.beat(LI.id, "t1", at)
    assert not await place.store.beat(LI.id, "t2", at)
    assert not await place.store.beat(LI.id, "", at)
    assert not await place.store.beat(SeatId("he"), "", at)
    assert not await place.store.beat(SeatId("nobody"), "t1", at)
    assert await place.store.seat(LI.id) == replace(LI, beat=at, version=1)


async def test_many_signs_of_life_at_once(place: Place) -> None:
    seats = [replace(LI, id=SeatId(f"s{n:02}"), tab=f"t{n}") for n in range(20)]
    await place.put(*seats)
    at = MORNING + timedelta(seconds=3)
    tabs = [each.tab if n % 2 else "forged" for n, each in enumerate(seats)]
    heard = await asyncio.gather(
        *(place.store.beat(each.id, tab, at) for each, tab in zip(seats, tabs, strict=True)),
        place.store.beat(seats[1].id, "t1", at),
    )
    assert heard == [bool(n % 2) for n in range(20)] + [True]
    assert [each.beat == at for each in await place.store.everyone()] == heard[:20]


async def test_a_change_does_not_take_a_sign_of_life_back(place: Place) -> None:
    await place.put(LI)
    read = await place.store.seat(LI.id)
    assert read is not None
    at = MORNING + timedelta(seconds=3)
    assert await place.store.beat(LI.id, "t1", at)
    await place.put(replace(read, state=SeatState.BUSY))
    seat = await place.store.seat(LI.id)
    assert seat is not None
    assert (seat.state, seat.beat) == (SeatState.BUSY, at)
    await place.put(replace(seat, tab="", beat=None, state=SeatState.OFFLINE))
    seat = await place.store.seat(LI.id)
    assert seat is not None
    assert seat.beat is None


async def test_of_many_who_write_one_row_exactly_one_wins(place: Place) -> None:
    await place.put(LI, *(replace(CALLER, call_id=CallId(f"c{n}")) for n in range(8)))
    others = [place.store]
    if place.database is not None:
        opened = [await Database.open(place.where, place.database.vault.file) for _ in range(2)]
        others += [SqlSeats(each) for each in opened]

    async def offer(n: int) -> bool:
        seat = replace(LI, state=SeatState.OFFERED, call_id=CallId(f"c{n}"), version=1)
        caller = replace(CALLER, call_id=CallId(f"c{n}"), state=ContactState.OFFERED, seat=LI.id, version=1)
        change = SeatChange("offered", "queue", MORNING, (seat,), (caller,))
        try:
            await others[n % len(others)].save(change)
        except VoicebotError as error:
            if error.code != "seat.stale":
                raise
            return False
        return True

    won = [n for n, done in enumerate(await asyncio.gather(*map(offer, range(8)))) if done]
    assert len(won) == 1
    seat = await place.store.seat(LI.id)
    assert seat is not None
    assert (seat.call_id, seat.version) == (f"c{won[0]}", 2)
    offered = [c for c in await place.store.contacts() if c.state is ContactState.OFFERED]
    assert [each.call_id for each in offered] == [seat.call_id]
    if place.database is not None:
        for each in opened:
            await each.close()


async def test_of_many_who_make_one_row_exactly_one_wins(place: Place) -> None:
    done = await asyncio.gather(*(place.put(LI) for _ in range(6)), return_exceptions=True)
    assert sum(each is None for each in done) == 1
    assert all(each is None or getattr(each, "code", "") == "seat.stale" for each in done)


# ── what only a database can show ───────────────────────────────────────────────────────────


@ON_DATABASES
async def test_events_are_written_with_the_rows_and_tell_nothing_of_people(place: Place) -> None:
    assert place.database is not None
    await place.put(LI, CALLER, event="offered")
    with pytest.raises(VoicebotError):
        await place.put(LI, replace(CALLER, version=1), event="accepted")
    rows = await Outbox(place.database).pending(10)
    assert [row.subject for row in rows] == ["seat.offered", "contact.offered"]
    assert [dict(row.body) for row in rows] == [
        {"seat": "li", "state": "ready", "call_id": None, "version": 1, "actor": "seat:li"},
        {
            "call_id": "c1",
            "state": "waiting",
            "queue": "综合",
            "seat": None,
            "version": 1,
            "actor": "seat:li",
        },
    ]


@ON_DATABASES
async def test_what_is_personal_cannot_be_read_in_the_database(place: Place) -> None:
    assert place.database is not None
    await place.put(CALLER)
    async with place.database.read() as connection:
        (row,) = (await connection.execute(select(contact_table))).mappings()
    assert PHONE not in str({**row, "told_enc": ""})
    assert "张三".encode() not in row["told_enc"]


async def called(database: Database, call_id: CallId, phone: str, *, outbound: bool = False) -> None:
    info = LineInfo(call_id, phone, "12345", "phone", 8000, outbound=outbound)
    await SqlJournal(database, HandClock()).opened(info, "main")


@ON_DATABASES
async def test_who_waited_in_vain_is_rung_who_asked_for_it_first(place: Place) -> None:
    assert place.database is not None
    callbacks, at = SqlCallbacks(place.database), MORNING + timedelta(minutes=10)
    over = {
        "asked": (ContactState.CALL_BACK, False),
        "asked-again": (ContactState.CALL_BACK, True),
        "left": (ContactState.LEFT, False),
        "rung-and-left": (ContactState.LEFT, True),
        "talked": (ContactState.DONE, False),
        "elsewhere": (ContactState.ELSEWHERE, False),
    }
    clock = HandClock()
    clock.pass_(timedelta(minutes=10))
    for n, (name, (state, outbound)) in enumerate(over.items()):
        call_id = CallId(name)
        await called(place.database, call_id, f"1380000800{n}", outbound=outbound)
        waited = replace(CALLER, call_id=call_id, since=MORNING + timedelta(minutes=1 + n))
        await place.put(waited)
        change = SeatChange("over", "queue", at, (), (replace(waited, state=state, version=1),))
        await place.store.save(change)
    assert await callbacks.claim(at, at, "a") is None  # they are still on the line
    for name in over:  # the end of the call alone makes us owe one, too
        stood = "waiting" if name == "left" else "listening"
        await SqlJournal(place.database, clock).closed(CallId(name), "caller", stood, None)
    rung = []
    while (due := await callbacks.claim(at, at + timedelta(hours=1), "a")) is not None:
        rung.append((due.call_id, due.number, due.urgent, due.called_since))
    assert rung == [
        ("asked", "13800008000", True, False),
        ("asked-again", "13800008001", True, False),
        ("left", "13800008002", False, False),
    ]


@ON_DATABASES
async def test_two_line_processes_look_at_once(place: Place) -> None:
    assert place.database is not None
    other = await Database.open(place.where, place.database.vault.file)
    clock = HandClock()
    seats = [replace(LI, id=SeatId(f"s{n}"), beat=MORNING) for n in range(6)]
    calls = [Contact(CallId(f"c{n}"), QueueName("综合"), MORNING) for n in range(9)]
    await place.put(*seats, *calls)
    at_work = []
    for database in (place.database, other):
        rows = SqlSeats(database)
        desk = SeatDesk(rows, clock, SeatRules)
        at_work.append(Distributor(desk, rows, clock, SeatRules))
    for _ in range(3):
        await asyncio.gather(*(each.round() for each in at_work))
    having = [str(seat.call_id) for seat in await place.store.seats()]
    assert sorted(having) == [f"c{n}" for n in range(6)]
    assert {c.call_id: c.seat for c in await place.store.contacts() if c.seat} == {
        seat.call_id: seat.id for seat in await place.store.seats()
    }
    assert sum(each.offers for each in at_work) == 6
    await other.close()


@ON_DATABASES
async def test_contacts_whose_call_is_over_are_found(place: Place) -> None:
    assert isinstance(place.store, SqlSeats)
    assert place.database is not None
    clock = HandClock()
    await called(place.database, CALLER.call_id, PHONE)
    await place.put(CALLER, replace(CALLER, call_id=CallId("c2")))
    assert await place.store.ended(MORNING + timedelta(hours=1)) == []
    await SqlJournal(place.database, clock).closed(CALLER.call_id, "lost", "waiting", None)
    assert await place.store.ended(MORNING) == []
    assert await place.store.ended(MORNING + timedelta(seconds=5)) == ["c1"]
    await place.put(replace(CALLER, state=ContactState.LEFT, ended_at=MORNING, version=1))
    assert await place.store.ended(MORNING + timedelta(seconds=5)) == []


@ON_DATABASES
async def test_a_contact_goes_with_its_call(place: Place) -> None:
    assert place.database is not None
    clock = HandClock()
    await called(place.database, CALLER.call_id, PHONE)
    await place.put(replace(CALLER, state=ContactState.DONE, ended_at=MORNING))
    await SqlJournal(place.database, clock).closed(CALLER.call_id, "done", "ended", None)
    unrecorded = replace(CALLER, call_id=CallId("c2"), state=ContactState.DONE, ended_at=MORNING)
    later = replace(unrecorded, call_id=CallId("c3"), ended_at=MORNING + timedelta(days=2))
    await place.put(unrecorded, later, replace(CALLER, call_id=CallId("waits")))
    day = MORNING + timedelta(days=1)
    await purge(place.database, day, day)
    left = [await place.store.contact(CallId(each)) for each in ("c1", "c2", "c3", "waits")]
    assert [each is None for each in left] == [True, True, False, False]
