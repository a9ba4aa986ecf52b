"""`PUT /flows/draft` and the door of the page: who may, and what is refused."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

import httpx

from tests.fakes.content import MemoryContentStore
from tests.fakes.outcomes import FakeOutcomes
from tests.unit.web.fakes import HTML, FakeCalls, StoppedClock, Web
from voicebot.operations.publishing import Publisher
from voicebot.web.app import web_app
from voicebot.web.flows.desk import FlowDesk
from voicebot.web.ports import Role

PATH = "ivr_flows/x.yaml"
BODY = {"path": PATH, "text": "b\n", "base": 1, "seen": ""}


def unread(_texts: object) -> object:
    raise AssertionError("drafts are kept unread")


@asynccontextmanager
async def site(role: Role | None) -> AsyncIterator[tuple[httpx.AsyncClient, MemoryContentStore]]:
    store = MemoryContentStore({PATH: "a\n"})
    web = Web()
    publisher = Publisher(store, lambda _texts: ())
    desk = FlowDesk(store, publisher, unread, FakeCalls(), FakeOutcomes(), StoppedClock())  # type: ignore[arg-type]
    web.app = web_app(replace(web.deps, flows=desk))
    async with web.client(role) as client:
        yield client, store


async def test_an_editor_saves_and_is_told_the_digest() -> None:
    async with site(Role.EDITOR) as (client, store):
        answer = await client.put("/flows/draft", json=BODY)
        assert answer.status_code == 200
        assert answer.json()["draft"] is True
        again = await client.put(
            "/flows/draft", json={**BODY, "text": "c\n", "seen": answer.json()["digest"]}
        )
        assert again.status_code == 200
        (draft,) = await store.drafts(PATH)
        assert (draft.author, draft.text) == ("editor-user", "c\n")


async def test_another_window_is_answered_with_what_is_stored() -> None:
    async with site(Role.ADMIN) as (client, _store):
        await client.put("/flows/draft", json=BODY)
        answer = await client.put("/flows/draft", json={**BODY, "text": "c\n"})
        assert answer.status_code == 409
        told = answer.json()
        assert (told["code"], told["text"]) == ("draft.elsewhere", "b\n")


async def test_other_roles_and_strangers_are_refused() -> None:
    for role, status in ((Role.SEAT, 403), (Role.SUPERVISOR, 403), (None, 401)):
        async with site(role) as (client, store):
            assert (await client.put("/flows/draft", json=BODY)).status_code == status
            page = await client.get("/flows/", headers=HTML)
            assert page.status_code == (303 if role is None else 403)
            assert await store.drafts() == []


async def test_a_form_of_another_site_changes_nothing() -> None:
    async with site(None) as (client, store):
        client.cookies.set("voicebot_session", "session-0")
        evil = {"Origin": "https://evil.test"}
        assert (await client.put("/flows/draft", json=BODY, headers=evil)).status_code == 401
        assert await store.drafts() == []


async def test_what_is_no_flow_cannot_be_written() -> None:
    async with site(Role.EDITOR) as (client, _store):
        for path in ("knowledge_base/city.yaml", "../../etc/passwd", "ivr_flows/a/b.yaml"):
            answer = await client.put("/flows/draft", json={**BODY, "path": path})
            assert answer.status_code == 422, path


async def test_long_polling_is_refused() -> None:
    async with site(Role.ADMIN) as (client, _store):
        answer = await client.get("/flows/_nicegui_ws/socket.io/?EIO=4&transport=polling")
        assert (answer.status_code, answer.json()["code"]) == (400, "flows.websocket")
