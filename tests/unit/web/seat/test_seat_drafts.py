"""`PUT /seat/draft`: who may, and what is refused."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
import pytest
from fastapi import FastAPI

from tests.fakes.clocks import HandClock
from tests.fakes.own_notes import MemoryOwnNotes
from tests.fakes.seats import MemorySeats
from tests.unit.web.fakes import Web
from voicebot.core.ids import CallId, QueueName, SeatId
from voicebot.operations.own_notes import LONGEST
from voicebot.operations.seat_desk import SeatDesk
from voicebot.seats.contact import Contact, ContactState, SeatNote
from voicebot.seats.rules import SeatRules
from voicebot.seats.seat import Seat, SeatState
from voicebot.web.gate import Gate
from voicebot.web.ports import Role
from voicebot.web.problems import install_problems
from voicebot.web.seat.drafts import draft, keep_note, seat_drafts_router

BODY = {"call_id": "20261125-093001-7f3a", "kind": "ticket", "values": {"content": "写到一半"}}


@asynccontextmanager
async def site(role: Role | None) -> AsyncIterator[tuple[httpx.AsyncClient, MemoryOwnNotes]]:
    web, clock = Web(), HandClock()
    notes = MemoryOwnNotes(clock)
    app = FastAPI()
    install_problems(app)
    store = MemorySeats()
    app.include_router(seat_drafts_router(notes, SeatDesk(store, clock, SeatRules), clock))
    app.add_middleware(Gate, accounts=web.accounts, allowed_origins=())
    web.app = app
    async with web.client(role) as client:
        yield client, notes


@pytest.mark.parametrize("role", [Role.SEAT, Role.SUPERVISOR, Role.ADMIN])
async def test_a_draft_is_kept_for_the_account(role: Role) -> None:
    async with site(role) as (client, notes):
        answer = await client.put("/seat/draft", json=BODY)
        assert answer.status_code == 200
        assert answer.json()["words"] == "09:30:00"
        call_id = CallId(BODY["call_id"])  # type: ignore[arg-type]
        assert await draft(notes, f"{role}-user", "ticket", call_id) == BODY["values"]
        assert await draft(notes, f"{role}-user", "summary", call_id) == {}
        assert await draft(notes, "somebody else", "ticket", call_id) == {}


async def test_a_note_goes_to_the_call_while_it_is_the_seats() -> None:
    clock, store = HandClock(), MemorySeats()
    desk, call_id = SeatDesk(store, clock, SeatRules), CallId("c1")
    me = SeatId("li")
    store.by_id[me] = Seat(me, SeatState.WRAP_UP, call_id=call_id, version=1)
    done = Contact(call_id, QueueName("综合"), clock.now(), ContactState.DONE, seat=me, version=1)
    store.calls[call_id] = done
    await keep_note(desk, me, call_id, {"code": "filed", "note": "路灯"})
    assert store.calls[call_id].notes == (SeatNote(me, "filed", "路灯"),)
    store.by_id[me] = Seat(me, SeatState.READY, version=2)
    await keep_note(desk, me, call_id, {"code": "abuse", "note": ""})
    assert store.calls[call_id].notes == (SeatNote(me, "filed", "路灯"),)


@pytest.mark.parametrize("role", [None, Role.EDITOR, Role.HANDLER, Role.SYSTEM])
async def test_others_keep_nothing(role: Role | None) -> None:
    async with site(role) as (client, notes):
        answer = await client.put("/seat/draft", json=BODY)
        assert answer.status_code == (401 if role is None else 403)
        assert notes.kept == {}


@pytest.mark.parametrize(
    ("changed", "status"),
    [
        ({"call_id": "../../etc"}, 422),
        ({"kind": "note"}, 422),
        ({"values": {"content": 3}}, 422),
        ({"values": {f"f{n}": "字" * 19_000 for n in range(6)}}, 422),
        ({"values": {"content": "x" * (6 * LONGEST)}}, 413),
    ],
)
async def test_what_is_no_draft_is_refused(changed: dict[str, object], status: int) -> None:
    async with site(Role.SEAT) as (client, notes):
        assert (await client.put("/seat/draft", json=BODY | changed)).status_code == status
        assert notes.kept == {}
