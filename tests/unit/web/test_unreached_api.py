"""`/api/v1/unreached`."""

import contextlib
from collections.abc import AsyncIterator
from datetime import timedelta

import httpx
import pytest

from tests.fakes.clocks import MORNING, HandClock
from tests.fakes.demands import lamp
from tests.fakes.tickets import DictTicketStore
from tests.fakes.unreached import ListedPeople, not_reached
from tests.unit.web.fakes import Web
from voicebot.core.ids import TicketNo
from voicebot.operations.unreached import Unreached
from voicebot.tickets.birth import accept
from voicebot.tickets.deadlines import Deadlines
from voicebot.tickets.given import NOTHING, Given
from voicebot.tickets.lifecycle import transition
from voicebot.tickets.ticket import Contact
from voicebot.tickets.ticket import TicketAction as A
from voicebot.web.ports import Role
from voicebot.web.unreached_api import unreached_router

PATH = "/api/v1/unreached"


class House:
    """The list, and the tickets behind it."""

    def __init__(self) -> None:
        self.people = ListedPeople()
        self.tickets = DictTicketStore()
        self.web = Web()
        self.web.app.include_router(unreached_router(Unreached(self.people, self.tickets, HandClock())))

    async def closed(self) -> TicketNo:
        demand = lamp()
        due = Deadlines().of(demand.appeal_type, demand.urgency, False, MORNING)
        made, _ = await self.tickets.create(
            MORNING.date(), lambda no: accept(no, demand, due, "bot", MORNING), Contact()
        )
        await self.move(made.ticket_no, A.REPLY, given=Given(reply="修好了"))
        await self.move(made.ticket_no, A.CLOSE)
        self.people.people.append(not_reached(made.ticket_no))
        return made.ticket_no

    async def move(self, no: TicketNo, action: A, reason: str = "", given: Given = NOTHING) -> None:
        await self.tickets.change(no, lambda t: transition(t, action, "handler:li", MORNING, reason, given))


@contextlib.asynccontextmanager
async def house(role: Role) -> AsyncIterator[tuple[House, httpx.AsyncClient]]:
    made = House()
    async with made.web.client(role) as client:
        yield made, client


async def test_who_waits_with_what_was_tried() -> None:
    async with house(Role.SEAT) as (made, client):
        no = await made.closed()
        made.people.people.append(not_reached())
        first, second = (await client.get(PATH)).json()["items"]
    assert (first["ticket_no"], first["kind"], first["reason"]) == (no, "revisit", "unreached")
    assert (first["title"], first["phone"]) == ("路灯不亮", "138****8000")
    assert [each["outcome"] for each in first["tries"]] == ["no_answer", "busy"]
    assert (second["kind"], second["ticket_no"]) == ("missed", None)


async def test_several_are_looked_after_at_once_and_each_once() -> None:
    async with house(Role.DISPATCHER) as (made, client):
        made.people.people += [not_reached(key="missed:c1"), not_reached(key="missed:c2")]
        keys = {"keys": ["missed:c1", "missed:c2", "missed:c3", "missed:c1"]}
        done = (await client.post(f"{PATH}/handled", json=keys)).json()
        again = (await client.post(f"{PATH}/ring-again", json={"keys": ["missed:c1"]})).json()
    assert done == {"done": 2, "refused": [{"key": "missed:c3", "reason": "已经有人处理"}]}
    assert made.people.taken == {
        "missed:c1": "dispatcher:dispatcher-user",
        "missed:c2": "dispatcher:dispatcher-user",
    }
    assert again == {"done": 0, "refused": [{"key": "missed:c1", "reason": "已经有人处理"}]}


async def test_rung_again_unless_the_ticket_went_on() -> None:
    async with house(Role.SUPERVISOR) as (made, client):
        one, other = await made.closed(), await made.closed()
        await made.move(other, A.REDO, "没有修好", Given(due_at=MORNING + timedelta(days=3)))
        keys = {"keys": [f"revisit:{one}:1", f"revisit:{other}:1"]}
        told = (await client.post(f"{PATH}/ring-again", json=keys)).json()
    assert made.people.rung == [f"revisit:{one}:1"]
    assert told["done"] == 1
    assert told["refused"] == [{"key": f"revisit:{other}:1", "reason": "工单重新办理，不用再打"}]


@pytest.mark.parametrize("role", [Role.HANDLER, Role.SYSTEM, Role.EDITOR])
async def test_not_for_units_and_other_systems(role: Role) -> None:
    async with house(role) as (made, client):
        made.people.people.append(not_reached())
        assert (await client.get(PATH)).status_code == 403
        refused = await client.post(f"{PATH}/handled", json={"keys": ["missed:c1"]})
    assert refused.status_code == 403
    assert made.people.taken == {}


@pytest.mark.parametrize("keys", [[], [""], ["x" * 81], ["k"] * 201])
async def test_absurd_keys_are_refused(keys: list[str]) -> None:
    async with house(Role.ADMIN) as (_, client):
        assert (await client.post(f"{PATH}/handled", json={"keys": keys})).status_code == 422
