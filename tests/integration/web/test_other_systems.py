"""Tickets over real HTTP on real databases: clients at once, webhooks to a receiver, the event stream."""

import asyncio
import base64
import contextlib
import hashlib
import hmac
import json
from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
import uvicorn
from fastapi import FastAPI, Request, Response

from tests.contract.postgresql import emptied_postgresql
from tests.fakes.unanswered import MemoryUnanswered
from tests.integration.web.kit import PATIENCE, WallClock, serving
from tests.unit.web.fakes import FakeAccounts, FakeCalls, FakeStatus
from voicebot.adapters.db.database import Database
from voicebot.adapters.db.feed import SqlFeed
from voicebot.adapters.db.webhooks import SqlHookBook
from voicebot.adapters.webhook.standard import StandardPoster
from voicebot.bootstrap.matters import open_matters
from voicebot.bootstrap.work import ticket_work
from voicebot.operations.hook_sender import HookSender
from voicebot.operations.webhooks import Webhooks
from voicebot.web.app import server_config, web_app
from voicebot.web.deps import WebDeps
from voicebot.web.options import WebOptions
from voicebot.web.ports import Role

pytestmark = pytest.mark.integration

LAMP: dict[str, Any] = {
    "appeal_type": "求助",
    "title": "路灯不亮",
    "content": "云江路12号门口的路灯坏了，晚上一片漆黑，要求维修",
    "channel": "app",
    "address": "云江路12号",
    "object": "路灯",
    "caller_name": "王小明",
    "phone": "13800008000",
}


class Receiver:
    """A receiver that answers as told, and checks every signature with code of its own."""

    def __init__(self) -> None:
        self.app = FastAPI()
        self.secret = ""
        self.statuses: list[int] = []
        self.tries: list[str] = []
        self.taken: list[dict[str, Any]] = []
        self.slow = 0.0
        self.app.post("/events")(self._take)

    async def _take(self, request: Request) -> Response:
        body, headers = await request.body(), request.headers
        key = base64.b64decode(self.secret.removeprefix("whsec_"))
        covered = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
        signature = "v1," + base64.b64encode(hmac.new(key, covered, hashlib.sha256).digest()).decode()
        if headers["webhook-signature"] != signature:
            return Response(status_code=401)
        self.tries.append(headers["webhook-id"])
        status = self.statuses.pop(0) if self.statuses else 204
        if self.slow:
            slow, self.slow = self.slow, 0.0
            await asyncio.sleep(slow)
            return Response(status_code=status)  # nobody waits for it any more
        if status < 300:
            self.taken.append(json.loads(body))
        return Response(status_code=status)


class Site:
    """The web app over a real database; accounts are stand-ins."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.clock = WallClock()
        self.accounts = FakeAccounts()
        self.work, self.dispatching = ticket_work(database, self.clock)
        self.matters = open_matters(database, self.work, self.clock)
        self.feed, self.book = SqlFeed(database), SqlHookBook(database)
        self.deps = WebDeps(
            accounts=self.accounts,
            calls=FakeCalls(),
            work=self.work,
            status=FakeStatus(),
            clock=self.clock,
            options=WebOptions("ws://127.0.0.1:9", Path("/nonexistent")),
            unanswered=MemoryUnanswered(),
            feed=self.feed,
            hooks=Webhooks(self.book, self.feed, self.clock),
            similar=self.matters.similar,
            hot_spots=self.matters.hot_spots,
        )

    @contextlib.asynccontextmanager
    async def client(
        self, port: int, role: Role, department: str | None = None
    ) -> AsyncIterator[httpx.AsyncClient]:
        self.accounts.accounts[role.value] = ("pw", role)
        self.accounts.departments[role.value] = department
        token = await self.accounts.make_token(role.value, "test")
        headers = {"Authorization": f"Bearer {token}"}
        base = f"http://127.0.0.1:{port}/api/v1"
        async with httpx.AsyncClient(base_url=base, headers=headers, timeout=PATIENCE) as client:
            yield client

    @contextlib.asynccontextmanager
    async def sending(self, *names: str, timeout: float = 2.0) -> AsyncIterator[None]:
        """Processes that send."""
        async with StandardPoster(self.clock, timeout).running() as poster:
            senders = [HookSender(self.book, self.feed, poster, self.clock, name) for name in names]
            tasks = [asyncio.create_task(sender.run()) for sender in senders]
            try:
                yield
            finally:
                for task in tasks:
                    task.cancel()
                await asyncio.gather(*tasks, return_exceptions=True)


@pytest.fixture(params=["sqlite", "postgresql"])
async def site(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Site]:
    if request.param == "postgresql":
        database = await emptied_postgresql(tmp_path)
    else:
        database = await Database.open(tmp_path / "hotline.sqlite3")
    yield Site(database)
    await asyncio.sleep(0.1)  # looks of streams that broke off run to their end
    await database.close()


async def until(true: Callable[[], bool]) -> None:
    """Other tasks, processes and sockets are at work; nothing tells when they are done."""
    async with asyncio.timeout(PATIENCE):
        while not true():  # noqa: ASYNC110
            await asyncio.sleep(0.02)


def configured(app: FastAPI) -> uvicorn.Config:
    return server_config(app)


async def filed(client: httpx.AsyncClient, n: int = 0) -> str:
    body = LAMP | {"phone": f"1380000{n:04d}", "address": f"云江路{n}号"}
    answer = await client.post("/tickets", json=body)
    assert answer.status_code == 201, answer.text
    number: str = answer.json()["ticket_no"]
    return number


async def test_two_clients_at_once(site: Site) -> None:
    async with serving(web_app(site.deps), configured) as port, site.client(port, Role.ADMIN) as admin:
        key = {"Idempotency-Key": "same"}
        answers = await asyncio.gather(*(admin.post("/tickets", json=LAMP, headers=key) for _ in range(8)))
        assert {answer.status_code for answer in answers} <= {200, 201}
        (number,) = {answer.json()["ticket_no"] for answer in answers}
        urge = f"/tickets/{number}/actions/urge"
        match = {"If-Match": answers[0].headers["etag"]}
        won = await asyncio.gather(*(admin.post(urge, json={}, headers=match) for _ in range(8)))
        assert sorted(answer.status_code for answer in won) == [200] + [409] * 7
        assert (await admin.get(f"/tickets/{number}")).json()["urged"] == 1


async def test_filters_and_masks_over_the_database(site: Site) -> None:
    async with serving(web_app(site.deps), configured) as port, site.client(port, Role.ADMIN) as admin:
        numbers = [await filed(admin, n) for n in range(5)]

        async def listed(**query: Any) -> list[str]:
            page = await admin.get("/tickets", params=query)
            assert page.status_code == 200, page.text
            return [item["ticket_no"] for item in page.json()["items"]]

        assert await listed() == numbers[::-1]
        assert await listed(phone="13800000002") == [numbers[2]]
        assert await listed(phone="0002") == [numbers[2]]
        assert await listed(number=numbers[3][-4:]) == [numbers[3]]
        assert await listed(text="路灯 漆黑", channel="app", appeal_type="求助") == numbers[::-1]
        assert await listed(text="井盖") == []
        assert await listed(work_list="to_dispatch", light="green", limit=200) == numbers
        bad = await admin.get("/tickets", params={"cursor": "'; DROP TABLE ticket; --"})
        assert (bad.status_code, bad.json()["code"]) == (422, "ticket.bad_cursor")
        counts = (await admin.get("/work-lists")).json()["items"]
        assert {each["name"]: each["count"] for each in counts}["to_dispatch"] == 5


async def test_ten_megabytes_are_refused_at_the_door(site: Site) -> None:
    async with serving(web_app(site.deps), configured) as port, site.client(port, Role.ADMIN) as admin:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        token = admin.headers["authorization"]
        head = f"POST /api/v1/tickets HTTP/1.1\r\nHost: x\r\nAuthorization: {token}\r\n"
        writer.write(f"{head}Content-Type: application/json\r\nContent-Length: 10000000\r\n\r\n{{".encode())
        async with asyncio.timeout(PATIENCE):
            status = await reader.readline()  # one byte of the body was sent
        assert b"413" in status
        writer.close()


async def test_a_webhook_gets_every_event_once_from_two_processes(site: Site) -> None:
    receiver = Receiver()
    async with (
        serving(receiver.app, lambda app: uvicorn.Config(app, log_config=None)) as target,
        serving(web_app(site.deps), configured) as port,
        site.client(port, Role.ADMIN) as admin,
        site.sending("one", "two"),
    ):
        made = await admin.post("/webhooks", json={"url": f"http://127.0.0.1:{target}/events"})
        assert made.status_code == 201
        receiver.secret = made.json()["secret"]
        numbers = await asyncio.gather(*(filed(admin, n) for n in range(12)))
        await until(lambda: len(receiver.taken) == 12)
        await asyncio.sleep(0.5)
        assert len(receiver.tries) == len(set(receiver.tries)) == 12
        assert sorted(event["subject"] for event in receiver.taken) == sorted(numbers)
        ids = [int(event["id"]) for event in receiver.taken]
        assert ids == sorted(ids)
        event = receiver.taken[0]
        assert (event["specversion"], event["type"]) == ("1.0", "cn.12345.ticket.accept")
        told = json.dumps(receiver.taken, ensure_ascii=False)
        assert "王小明" not in told
        assert "1380000" not in told
        shown = (await admin.get(f"/webhooks/{made.json()['id']}")).json()
        assert "secret" not in shown
        assert shown["cursor"] == ids[-1]


async def test_a_receiver_that_fails_dawdles_and_goes_away(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        "voicebot.operations.hook_sender.PAUSES", (timedelta(seconds=0.1), timedelta(seconds=0.2))
    )
    receiver = Receiver()
    receiver.statuses = [500, 503]
    async with (
        serving(receiver.app, lambda app: uvicorn.Config(app, log_config=None)) as target,
        serving(web_app(site.deps), configured) as port,
        site.client(port, Role.ADMIN) as admin,
        site.sending("one", timeout=0.5),
    ):
        body = {"url": f"http://127.0.0.1:{target}/events", "subjects": ["ticket.accept"]}
        made = (await admin.post("/webhooks", json=body)).json()
        receiver.secret = made["secret"]
        await filed(admin, 1)
        await until(lambda: len(receiver.taken) == 1)
        assert len(set(receiver.tries)) == 1
        assert len(receiver.tries) == 3
        receiver.slow = 1.5  # longer than a try may take
        await filed(admin, 2)
        await until(lambda: len({event["id"] for event in receiver.taken}) == 2)
        receiver.statuses = [410]
        await filed(admin, 3)
        path = f"/webhooks/{made['id']}"

        async def hook() -> dict[str, Any]:
            found: dict[str, Any] = (await admin.get(path)).json()
            return found

        async with asyncio.timeout(PATIENCE):
            while (await hook())["active"]:  # noqa: ASYNC110
                await asyncio.sleep(0.05)
        assert "410" in (await hook())["trouble"]
        await filed(admin, 4)
        before = len(receiver.tries)
        await asyncio.sleep(0.5)
        assert len(receiver.tries) == before
        await admin.patch(path, json={"active": True})
        await until(lambda: len({event["id"] for event in receiver.taken}) == 4)
        first = int(receiver.taken[0]["id"])
        answer = await admin.post(f"{path}/replay", json={"event_id": first})
        assert answer.status_code == 202
        await until(lambda: [e["id"] for e in receiver.taken].count(str(first)) == 2)


async def test_the_stream_goes_on_where_it_broke_off(site: Site) -> None:
    async with serving(web_app(site.deps), configured) as port, site.client(port, Role.ADMIN) as admin:
        first = await filed(admin, 1)
        seen: list[tuple[int, str]] = []

        async def read(count: int, **headers: str) -> None:
            async with admin.stream("GET", "/events?after=0", headers=headers) as answer:
                assert answer.headers["content-type"].startswith("text/event-stream")
                lines = answer.aiter_lines()
                async for line in lines:
                    if line.startswith("id: "):
                        number = int(line[4:])
                        assert await anext(lines) == "event: ticket.accept"
                        data = json.loads((await anext(lines)).removeprefix("data: "))
                        seen.append((number, data["ticket_no"]))
                        if len(seen) == count:
                            return

        async with asyncio.timeout(PATIENCE):
            await read(1)
            second, third = await filed(admin, 2), await filed(admin, 3)
            await read(3, **{"Last-Event-ID": str(seen[-1][0])})
            reading = asyncio.create_task(read(4, **{"Last-Event-ID": str(seen[-1][0])}))
            await asyncio.sleep(0.3)
            fourth = await filed(admin, 4)
            await reading
        assert [number for _, number in seen] == [first, second, third, fourth]


async def test_a_unit_hears_of_its_own_tickets_only(site: Site) -> None:
    async with (
        serving(web_app(site.deps), configured) as port,
        site.client(port, Role.ADMIN) as admin,
        site.client(port, Role.HANDLER, "市水务局") as handler,
    ):
        for n, unit in ((1, "市公安局"), (2, "市水务局")):
            number = await filed(admin, n)
            await admin.post(
                f"/tickets/{number}/actions/dispatch", json={"department": unit}, headers={"If-Match": '"1"'}
            )
        async with asyncio.timeout(PATIENCE), handler.stream("GET", "/events?after=0") as answer:
            async for line in answer.aiter_lines():
                if line.startswith("data: "):
                    assert json.loads(line[6:])["ticket_no"] == number
                    break
