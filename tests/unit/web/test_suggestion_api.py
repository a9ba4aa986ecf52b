"""`/api/v1/tickets/{no}/suggestions` and `/api/v1/hot-spots`."""

from collections.abc import AsyncIterator

import httpx
import pytest

from tests.unit.web.fakes import Web
from tests.unit.web.test_ticket_api import LAMP, at, filed
from voicebot.web.ports import Role


@pytest.fixture
def web() -> Web:
    return Web()


@pytest.fixture
async def admin(web: Web) -> AsyncIterator[httpx.AsyncClient]:
    async with web.client(Role.ADMIN) as client:
        yield client


async def two(web: Web, admin: httpx.AsyncClient) -> tuple[str, str]:
    """(earlier, later) of two callers, compared."""
    numbers = [await filed(admin, phone=f"1390000000{n}") for n in range(2)]
    await web.tickets.comparing.work()
    return numbers[0], numbers[1]


async def test_a_suggestion_is_listed_accepted_and_taken_back(web: Web, admin: httpx.AsyncClient) -> None:
    earlier, later = await two(web, admin)
    path = f"/api/v1/tickets/{later}/suggestions"
    (item,) = (await admin.get(path)).json()["items"]
    assert (item["ticket"]["ticket_no"], item["standing"], item["same_caller"]) == (earlier, "open", False)
    assert item["score"] >= 0.76
    assert any("地点相同" in reason for reason in item["reasons"])
    assert "139" not in "".join(item["reasons"])
    for _ in range(2):
        done = await admin.post(
            f"{path}/{earlier}/accept", json={}, headers=at(1, **{"Idempotency-Key": "a"})
        )
        assert (done.status_code, done.headers["etag"]) == (200, '"2"')
        assert done.json()["items"][0]["standing"] == "accepted"
        assert done.json()["items"][0]["joined"] == later
    assert (await admin.get(f"/api/v1/tickets/{later}")).json()["group"] == earlier
    bare = await admin.post(f"{path}/{earlier}/undo", json={}, headers=at(2))
    assert (bare.status_code, bare.json()["code"]) == (422, "ticket.incomplete")
    back = await admin.post(f"{path}/{earlier}/undo", json={"reason": "看错了"}, headers=at(2))
    assert back.json()["items"][0]["standing"] == "open"


async def test_a_refusal_is_kept_with_who_and_why(web: Web, admin: httpx.AsyncClient) -> None:
    earlier, later = await two(web, admin)
    path = f"/api/v1/tickets/{earlier}/suggestions/{later}"
    for _ in range(2):
        said = {"reason": "两盏灯"}
        (item,) = (await admin.post(f"{path}/refuse", json=said, headers=at(1))).json()["items"]
        assert (item["standing"], item["decided_by"], item["reason"]) == (
            "refused",
            "admin:admin-user",
            "两盏灯",
        )
        assert item["decided_at"] is not None
    refused = await admin.post(f"{path}/accept", json={}, headers=at(1))
    assert (refused.status_code, refused.json()["code"]) == (409, "ticket.illegal_move")


async def test_bad_requests(web: Web, admin: httpx.AsyncClient) -> None:
    earlier, later = await two(web, admin)
    path = f"/api/v1/tickets/{later}/suggestions"
    for address, body, headers, status, code in (
        (f"{earlier}/accept", {}, {}, 428, "ticket.version_needed"),
        (f"{earlier}/accept", {}, at(7), 412, "ticket.no_such_version"),
        (f"{earlier}/refuse", {"why": "x"}, at(1), 422, "request.invalid"),
        (f"{later}/refuse", {}, at(1), 404, "ticket.no_suggestion"),
        ("20261124999999/refuse", {}, at(1), 404, "ticket.unknown"),
    ):
        answer = await admin.post(f"{path}/{address}", json=body, headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (status, code), address
    await admin.post(f"/api/v1/tickets/{later}/actions/urge", json={}, headers=at(1))
    stale = await admin.post(f"{path}/{earlier}/accept", json={}, headers=at(1))
    assert (stale.status_code, stale.json()["code"], stale.json()["version"]) == (409, "ticket.stale", 2)
    async with web.client(Role.HANDLER) as handler:
        assert (await handler.get(path)).status_code == 404
        denied = await handler.post(f"{path}/{earlier}/refuse", json={}, headers=at(2))
        assert (denied.status_code, denied.json()["code"]) == (403, "ticket.forbidden")


async def test_alarms_that_last(web: Web, admin: httpx.AsyncClient) -> None:
    assert (await admin.get("/api/v1/hot-spots")).json() == {"items": []}
    for n in range(5):
        await filed(admin, phone=f"1390000000{n}")
    await web.tickets.hot_spots.look()
    (alarm,) = (await admin.get("/api/v1/hot-spots")).json()["items"]
    assert (alarm["place"], alarm["kind"], alarm["level"], alarm["callers"]) == ("云江路", "路灯", "预警", 5)
    async with web.client(Role.HANDLER) as handler:
        assert (await handler.get("/api/v1/hot-spots")).json() == {"items": []}


async def test_it_is_described(admin: httpx.AsyncClient) -> None:
    described = (await admin.get("/api/openapi.json")).json()
    paths = described["paths"]
    for each in ("", "/{other}/accept", "/{other}/refuse", "/{other}/undo"):
        assert f"/api/v1/tickets/{{ticket_no}}/suggestions{each}" in paths
    accept = paths["/api/v1/tickets/{ticket_no}/suggestions/{other}/accept"]["post"]
    assert {"If-Match", "Idempotency-Key"} <= {p["name"] for p in accept["parameters"]}
    merge = paths["/api/v1/tickets/{ticket_no}/merge"]["post"]
    assert "Idempotency-Key" in {p["name"] for p in merge["parameters"]}
    assert LAMP["title"] in str(described)
