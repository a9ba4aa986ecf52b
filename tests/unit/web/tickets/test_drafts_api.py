"""`PUT /tickets/draft` and the slip: who may, and what is refused."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

import httpx
import pytest

from tests.fakes.clocks import HandClock
from tests.fakes.directories import shipped
from tests.fakes.own_notes import MemoryOwnNotes
from tests.fakes.tickets import DictTicketStore
from tests.fakes.unreached import ListedPeople
from tests.unit.web.fakes import Web
from voicebot.operations.own_notes import LONGEST
from voicebot.operations.unreached import Unreached
from voicebot.tickets.deadlines import Deadlines
from voicebot.tickets.ticket import TicketAction as A
from voicebot.web.app import web_app
from voicebot.web.ports import Role
from voicebot.web.tickets.desk import TicketPages
from voicebot.web.tickets.drafts import drafts
from voicebot.web.tickets.news import TicketNews

NO = "20261124000001"
BODY = {"ticket_no": NO, "action": "reply", "version": 3, "values": {"reply": "查过了", "units": ["a"]}}


@asynccontextmanager
async def site(role: Role | None) -> AsyncIterator[tuple[httpx.AsyncClient, MemoryOwnNotes]]:
    web, clock = Web(), HandClock()
    notes = MemoryOwnNotes(clock)

    async def nobody(_ticket: object) -> tuple[()]:
        return ()

    people = Unreached(ListedPeople(), DictTicketStore(), clock)
    desk = TicketPages(
        web.deps.work, notes, web.calls, clock, shipped, Deadlines, nobody, TicketNews(), people
    )
    web.app = web_app(replace(web.deps, desk=desk))
    async with web.client(role) as client:
        yield client, notes


async def test_a_draft_is_kept_for_the_account() -> None:
    async with site(Role.HANDLER) as (client, notes):
        answer = await client.put("/tickets/draft", json=BODY)
        assert answer.status_code == 200
        assert answer.json()["words"] == "09:30:00"
        (kept,) = await drafts(notes, "handler-user", NO)
        assert (kept.action, kept.version, kept.values) == (A.REPLY, 3, BODY["values"])
        assert await drafts(notes, "somebody else") == []


@pytest.mark.parametrize("role", [None, Role.EDITOR, Role.SEAT, Role.SYSTEM])
async def test_others_keep_nothing_and_print_nothing(role: Role | None) -> None:
    async with site(role) as (client, notes):
        refused = 401 if role is None else 403
        assert (await client.put("/tickets/draft", json=BODY)).status_code == refused
        assert (await client.get(f"/tickets/{NO}/print")).status_code == refused
        assert (await client.get(f"/tickets/{NO}/notice")).status_code == refused
        assert (await client.get("/tickets/")).status_code == refused
        assert notes.kept == {}


@pytest.mark.parametrize(
    ("wrong", "status"),
    [
        ({"ticket_no": "../x"}, 422),
        ({"action": "explode"}, 422),
        ({"values": {"reply": {"deep": 1}}}, 422),
        ({"values": {str(n): "" for n in range(41)}}, 422),
        ({"values": {str(n): "长" * 19_000 for n in range(6)}}, 422),
        ({"values": {"reply": "x" * (6 * LONGEST)}}, 413),
    ],
)
async def test_what_is_no_draft_is_refused(wrong: dict[str, object], status: int) -> None:
    async with site(Role.DISPATCHER) as (client, notes):
        body = json.dumps(BODY | wrong, ensure_ascii=False).encode()
        answer = await client.put("/tickets/draft", content=body)
        assert answer.status_code == status
        assert answer.headers["content-type"].startswith("application/problem+json")
        assert notes.kept == {}


async def test_a_slip_of_no_ticket_is_not_found() -> None:
    async with site(Role.DISPATCHER) as (client, _):
        for sheet in ("print", "notice"):
            assert (await client.get(f"/tickets/{NO}/{sheet}")).json()["code"] == "ticket.unknown"
        assert (await client.get("/tickets/123/print")).status_code in (404, 422)
