"""`/api/v1/tickets`: what it takes, what it answers, and what it makes of bad input."""

import json
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from tests.unit.web.fakes import Web
from voicebot.web.ports import Role

CITY = "市城市管理局"
LAMP: dict[str, Any] = {
    "appeal_type": "求助",
    "title": "路灯不亮",
    "content": "云江路12号门口的路灯坏了，晚上一片漆黑，要求维修",
    "channel": "wechat",
    "address": "云江路12号",
    "object": "路灯",
    "caller_name": "王小明",
    "phone": "13800008000",
}


@pytest.fixture
def web() -> Web:
    return Web()


@pytest.fixture
async def admin(web: Web) -> AsyncIterator[httpx.AsyncClient]:
    async with web.client(Role.ADMIN) as client:
        yield client


async def filed(client: httpx.AsyncClient, **changed: object) -> str:
    answer = await client.post("/api/v1/tickets", json=LAMP | changed)
    assert answer.status_code == 201, answer.text
    number: str = answer.json()["ticket_no"]
    return number


def at(version: int, **more: str) -> dict[str, str]:
    return {"If-Match": f'"{version}"', **more}


async def act(
    client: httpx.AsyncClient, number: str, action: str, version: int, **body: Any
) -> httpx.Response:
    path = f"/api/v1/tickets/{number}/actions/{action}"
    return await client.post(path, json=body, headers=at(version))


async def test_a_ticket_from_another_channel(web: Web, admin: httpx.AsyncClient) -> None:
    answer = await admin.post("/api/v1/tickets", json=LAMP, headers={"Idempotency-Key": "a-1"})
    assert answer.status_code == 201
    body = answer.json()
    assert answer.headers["location"] == f"/api/v1/tickets/{body['ticket_no']}"
    assert answer.headers["etag"] == '"1"'
    assert (body["channel"], body["state"], body["state_name"]) == ("wechat", "accepted", "已受理")
    assert (body["name_mask"], body["phone_mask"], body["appended"]) == ("王**", "138****8000", False)
    assert "13800008000" not in answer.text
    again = await admin.post("/api/v1/tickets", json=LAMP, headers={"Idempotency-Key": "a-1"})
    assert (again.status_code, again.json()["ticket_no"]) == (200, body["ticket_no"])
    other = await admin.post(
        "/api/v1/tickets", json=LAMP | {"title": "井盖"}, headers={"Idempotency-Key": "a-1"}
    )
    assert (other.status_code, other.json()["code"]) == (422, "ticket.key_reused")
    assert len(web.tickets.store.tickets) == 1


async def test_the_whole_view(admin: httpx.AsyncClient) -> None:
    number = await filed(admin)
    answer = await act(admin, number, "dispatch", 1, department=CITY, co_departments=["市水务局"])
    assert (answer.status_code, answer.headers["etag"]) == (200, '"2"')
    body = (await admin.get(f"/api/v1/tickets/{number}")).json()
    assert [clock["kind"] for clock in body["clocks"]] == ["签收", "答复"]
    assert {clock["light"] for clock in body["clocks"]} == {"green"}
    assert [(e["seq"], e["action"], e["actor"]) for e in body["events"]] == [
        (1, "accept", "admin:admin-user"),
        (2, "dispatch", "admin:admin-user"),
    ]
    assert "sign" in body["actions"]
    assert body["reveals"] is True
    later = (await admin.get(f"/api/v1/tickets/{number}/events?after=1")).json()
    assert [event["seq"] for event in later["items"]] == [2]
    looks = (await admin.get(f"/api/v1/tickets/{number}/looks")).json()["items"]
    assert [look["what"] for look in looks] == ["view", "view"]


async def test_a_version_is_needed_and_a_stale_one_is_told_what_changed(admin: httpx.AsyncClient) -> None:
    number = await filed(admin)
    path = f"/api/v1/tickets/{number}/actions/urge"
    for headers, status, code in (
        ({}, 428, "ticket.version_needed"),
        ({"If-Match": "3"}, 412, "ticket.no_such_version"),
        ({"If-Match": "*"}, 412, "ticket.no_such_version"),
        ({"If-Match": '"7"'}, 412, "ticket.no_such_version"),
        ({"If-Match": '"99999999999999999999"'}, 412, "ticket.no_such_version"),
    ):
        answer = await admin.post(path, json={}, headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert (await act(admin, number, "urge", 1)).status_code == 200
    late = await act(admin, number, "dispatch", 1, department=CITY)
    assert (late.status_code, late.headers["etag"]) == (409, '"2"')
    told = late.json()
    assert (told["code"], told["version"], told["expected"]) == ("ticket.stale", 2, 1)
    assert [event["action"] for event in told["since"]] == ["urge"]
    assert {"field": "urged", "before": 0, "after": 1} in told["changes"]
    assert "催办" in told["detail"]


async def test_corrections(admin: httpx.AsyncClient) -> None:
    number = await filed(admin)
    path = f"/api/v1/tickets/{number}"
    answer = await admin.patch(path, json={"address": "云江路21号"}, headers=at(1))
    assert (answer.status_code, answer.json()["address"]) == (200, "云江路21号")
    same = await admin.patch(path, json={"address": "云江路21号"}, headers=at(2))
    assert (same.status_code, same.json()["code"]) == (422, "ticket.incomplete")


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"appeal_type": "骂人"}, "appeal_type"),
        ({"title": ""}, "title"),
        ({"title": "长" * 31}, "title"),
        ({"content": "长" * 10_001}, "content"),
        ({"phone": "'; DROP TABLE ticket; --"}, "phone"),
        ({"origin_hotline": "1' OR '1'='1"}, "origin_hotline"),
        ({"channel": "phone; rm"}, "channel"),
        ({"state": "archived"}, "state"),
        ({"ticket_no": "20261124000001"}, "ticket_no"),
    ],
)
async def test_what_is_not_asked_for_is_refused(
    web: Web, admin: httpx.AsyncClient, changed: dict[str, str], field: str
) -> None:
    answer = await admin.post("/api/v1/tickets", json=LAMP | changed)
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["code"] == "request.invalid"
    assert f"body.{field}" in [wrong["field"] for wrong in answer.json()["errors"]]
    assert not web.tickets.store.tickets


async def test_markup_and_sql_are_texts_like_any_other(admin: httpx.AsyncClient) -> None:
    nasty = "<script>alert(1)</script>'; DROP TABLE ticket; --\x00\x07 ${7*7} {{7*7}}"
    number = await filed(admin, content=nasty)
    body = (await admin.get(f"/api/v1/tickets/{number}")).json()
    assert body["content"] == nasty.replace("\x00", "").replace("\x07", "")


@pytest.mark.parametrize(
    "body",
    [
        {"due_at": "9999-12-31T00:00:00Z"},
        {"sign_due": "1970-01-01T00:00:00Z"},
        {"sign_due": "2026-11-25T10:00:00"},
        {"sign_due": "tomorrow"},
        {"sign_due": "0001-01-01T00:00:00+23:59"},
    ],
)
async def test_absurd_dates(admin: httpx.AsyncClient, body: dict[str, str]) -> None:
    number = await filed(admin)
    answer = await act(admin, number, "dispatch", 1, department=CITY, **body)
    assert answer.status_code == 422
    assert answer.json()["code"] in ("request.invalid", "ticket.incomplete", "deadline.absurd")
    assert (await admin.get(f"/api/v1/tickets/{number}")).json()["version"] == 1


@pytest.mark.parametrize(
    ("action", "body", "status", "code"),
    [
        ("sign", {}, 409, "ticket.illegal_move"),
        ("cancel", {}, 422, "ticket.incomplete"),
        ("cancel", {"reason": "算了", "reply": "多余"}, 422, "ticket.incomplete"),
        ("merge", {"reason": "x"}, 422, "ticket.own_way"),
        ("explode", {}, 422, "request.invalid"),
        ("dispatch", {"department": "没有这个局"}, 409, "ticket.dispatch_refused"),
        ("urge", {"seq": 7}, 422, "request.invalid"),
    ],
)
async def test_moves_that_are_not_allowed(
    admin: httpx.AsyncClient, action: str, body: dict[str, Any], status: int, code: str
) -> None:
    number = await filed(admin)
    answer = await act(admin, number, action, 1, **body)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'"x"', b"\xff\xfe", b"null", b"[" * 5000])
async def test_bodies_that_are_no_objects(admin: httpx.AsyncClient, content: bytes) -> None:
    headers = {"Content-Type": "application/json"}
    answer = await admin.post("/api/v1/tickets", content=content, headers=headers)
    assert answer.status_code in (400, 422)
    assert answer.headers["content-type"] == "application/problem+json"


async def test_a_body_that_is_too_large_is_not_read(admin: httpx.AsyncClient) -> None:
    read = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal read
        for _ in range(160):
            read += 65_536
            yield b" " * 65_536

    big = json.dumps(LAMP | {"content": "长" * 4_000_000}).encode()
    assert len(big) > 10_000_000
    announced = await admin.post("/api/v1/tickets", content=big)
    streamed = await admin.post("/api/v1/tickets", content=endless())
    for answer in (announced, streamed):
        assert (answer.status_code, answer.json()["code"]) == (413, "request.too_large")
        assert answer.headers["content-type"] == "application/problem+json"
    assert read < 2_000_000


async def test_units_see_what_is_sent_to_them(web: Web, admin: httpx.AsyncClient) -> None:
    number = await filed(admin)
    async with web.client(Role.HANDLER, CITY) as handler:
        assert (await handler.get(f"/api/v1/tickets/{number}")).status_code == 404
        await act(admin, number, "dispatch", 1, department=CITY)
        assert (await handler.get("/api/v1/me")).json()["department"] == CITY
        assert (await handler.get(f"/api/v1/tickets/{number}")).status_code == 200
        assert (await act(handler, number, "supervise", 2)).status_code == 403
        assert (await handler.get(f"/api/v1/tickets/{number}/looks")).status_code == 403
        refused = await handler.post(f"/api/v1/tickets/{number}/reveal", json={"reason": ""})
        assert refused.status_code == 422
        shown = await handler.post(f"/api/v1/tickets/{number}/reveal", json={"reason": "约时间"})
        assert (shown.json(), shown.headers["cache-control"]) == ({"phone": "13800008000"}, "no-store")
    async with web.client(Role.EDITOR) as editor:
        assert (await editor.get("/api/v1/tickets")).status_code == 403


async def test_110_both_ways(web: Web, admin: httpx.AsyncClient) -> None:
    async with web.client(Role.SYSTEM, "110") as police:
        body = LAMP | {"number": "JQ20261124-7", "caller_name": "", "phone": "", "origin_hotline": "110"}
        first = await police.post("/api/v1/handovers/110", json=body)
        assert (first.status_code, first.json()["state"], first.json()["channel"]) == (201, "draft", "110")
        assert first.json()["refs"] == [{"system": "110", "number": "JQ20261124-7"}]
        again = await police.post("/api/v1/handovers/110", json=body | {"content": "换一种说法"})
        assert (again.status_code, again.json()["ticket_no"]) == (200, first.json()["ticket_no"])
        other = await police.post("/api/v1/handovers/信访", json=body)
        assert (other.status_code, other.json()["code"]) == (403, "ticket.forbidden")
        assert (await police.get("/api/v1/tickets")).json()["items"] == []
        number = await filed(admin, phone="13900001111", address="云江路99号")
        assert (await police.get(f"/api/v1/tickets/{number}")).status_code == 404
        link = {"reference": {"system": "110", "number": "JQ20261124-8"}}
        linked = await act(admin, number, "link", 1, **link)
        assert linked.json()["refs"] == [link["reference"]]
        seen = await police.get(f"/api/v1/tickets/{number}")
        assert seen.status_code == 200
        assert "139****1111" not in seen.text
        assert (await act(police, number, "supplement", 2, reason="民警已到现场")).status_code == 200


async def test_several_tickets(admin: httpx.AsyncClient) -> None:
    numbers = [await filed(admin, phone=f"1390000000{n}", address=f"云江路{n}号") for n in range(4)]
    into, one, two, three = numbers
    body = {"reason": "同一盏灯", "tickets": [{"ticket_no": one, "version": 9}]}
    path = f"/api/v1/tickets/{into}"
    assert (await admin.post(f"{path}/merge", json=body, headers=at(1))).status_code == 412
    body["tickets"] = [{"ticket_no": one, "version": 1}]
    for _ in range(2):
        merged = await admin.post(f"{path}/merge", json=body, headers=at(1, **{"Idempotency-Key": "m"}))
        assert [(t["state"], t["version"]) for t in merged.json()["items"]] == [
            ("accepted", 2),
            ("merged", 2),
        ]
        members = {"tickets": [{"ticket_no": two, "version": 1}]}
        grouped = await admin.post(f"{path}/group", json=members, headers={"Idempotency-Key": "g"})
        assert [(t["ticket_no"], t["version"]) for t in grouped.json()["items"]] == [(two, 2)]
    part = {k: v for k, v in LAMP.items() if k not in ("caller_name", "phone")} | {"title": "井盖也坏了"}
    split = await admin.post(
        f"/api/v1/tickets/{three}/split", json={"reason": "两件事", "part": part}, headers=at(1)
    )
    assert (split.status_code, split.json()["split_from"]) == (201, three)
    nothing = await admin.post(f"{path}/group", json={"tickets": []})
    assert nothing.status_code == 422


async def test_work_lists_and_filters(admin: httpx.AsyncClient) -> None:
    for n in range(3):
        await filed(admin, phone=f"1390000000{n}", address=f"云江路{n}号")
    page = (await admin.get("/api/v1/tickets?state=accepted&state=draft&limit=2")).json()
    rest = (await admin.get(f"/api/v1/tickets?state=accepted&limit=2&cursor={page['next_cursor']}")).json()
    assert [len(page["items"]), len(rest["items"]), rest["next_cursor"]] == [2, 1, None]
    nothing = await admin.get("/api/v1/tickets?work_list=to_dispatch&state=archived")
    assert nothing.json() == {"items": [], "next_cursor": None}
    listed = await admin.get("/api/v1/tickets?work_list=to_dispatch")
    assert len(listed.json()["items"]) == 3
    for query in (
        "state=nowhere",
        "number=abc",
        "since=2026-13-01",
        "limit=201",
        "work_list=x",
        "light=blue",
    ):
        answer = await admin.get(f"/api/v1/tickets?{query}")
        assert (answer.status_code, answer.json()["code"]) == (422, "request.invalid")


async def test_everything_is_described(admin: httpx.AsyncClient) -> None:
    described = (await admin.get("/api/openapi.json")).json()
    paths = {
        path: way for path, way in described["paths"].items() if "/tickets" in path or "handovers" in path
    }
    assert len(paths) >= 10
    for path, ways in paths.items():
        for way, told in ways.items():
            assert told.get("description"), (way, path)
            assert {"401", "403", "404", "409", "422"} <= set(told["responses"]), (way, path)
    for name in ("DemandIn", "ActionIn", "TicketItem", "CorrectionIn"):
        assert described["components"]["schemas"][name]["examples"]
