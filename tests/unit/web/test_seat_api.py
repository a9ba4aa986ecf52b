"""`/api/v1/seats` and `/api/v1/contacts`."""

from types import MappingProxyType

import httpx
import pytest

from tests.unit.web.fakes import Web
from voicebot.core.ids import CallId, QueueName, SeatId
from voicebot.operations.distributor import Distributor
from voicebot.seats.contact import Contact, ContactState
from voicebot.seats.rules import SeatRules
from voicebot.seats.seat import SeatState
from voicebot.web.ports import Role

TAB = {"tab": "t-1"}
OTHER = {"tab": "forged"}
ME = "/api/v1/seats/me"
SEAT = SeatId("seat-user")


async def post(client: httpx.AsyncClient, path: str, body: object) -> tuple[int, dict[str, object]]:
    answer = await client.post(path, json=body)
    if answer.status_code >= 400:
        assert answer.headers["content-type"] == "application/problem+json"
    return answer.status_code, answer.json()


async def on_duty(client: httpx.AsyncClient) -> None:
    for path, body in (("sign-in", TAB), ("state", {**TAB, "state": "ready"})):
        status, _ = await post(client, f"{ME}/{path}", body)
        assert status == 200


async def ringing(web: Web, call_id: str = "c1") -> None:
    slots = MappingProxyType({"address": "滨河路12号"})
    contact = Contact(
        CallId(call_id),
        QueueName("综合"),
        web.clock.now(),
        caller="138****8000",
        summary="路灯坏了",
        slots=slots,
    )
    await web.seats.enqueue(contact)
    await Distributor(web.seats, web.seat_rows, web.clock, SeatRules).round()


async def test_a_shift_from_sign_in_to_sign_out() -> None:
    web = Web()
    async with web.client(Role.SEAT) as client:
        assert (await client.get(ME)).status_code == 404
        status, seat = await post(client, f"{ME}/sign-in", TAB)
        assert (status, seat["name"], seat["state"], seat["skills"]) == (200, SEAT, "busy", {"综合": 3})
        assert "tab" not in seat
        for wanted, reason in (("ready", ""), ("break", "用餐"), ("busy", ""), ("ready", "")):
            status, seat = await post(client, f"{ME}/state", {**TAB, "state": wanted, "reason": reason})
            assert (status, seat["state"], seat["reason"]) == (200, wanted, reason)
        assert await post(client, f"{ME}/beat", TAB) == (200, {"yours": True})
        await ringing(web)
        status, call = await post(client, f"{ME}/calls/c1/accept", TAB)
        assert (status, call["state"], call["slots"]) == (200, "taken", {"address": "滨河路12号"})
        assert (await client.get(ME)).json()["state"] == "talking"
        status, seat = await post(client, f"{ME}/state", {**TAB, "state": "break", "reason": "休息"})
        assert (seat["state"], seat["next_state"], seat["next_reason"]) == ("talking", "break", "休息")
        await web.seats.end_talk(CallId("c1"))
        assert (await client.get("/api/v1/contacts/c1")).json()["summary"] == "路灯坏了"
        for action in ("extend", "finish"):
            web.clock.seconds += 5
            status, seat = await post(client, f"{ME}/wrap-up", {**TAB, "action": action})
            assert status == 200
        assert (seat["state"], seat["reason"]) == ("break", "休息")
        status, seat = await post(client, f"{ME}/state", {**TAB, "state": "offline"})
        assert seat["state"] == "offline"
        status, problem = await post(client, f"{ME}/beat", TAB)
        assert (status, problem["code"]) == (409, "seat.signed_out")


async def test_a_tab_that_does_not_have_the_seat_is_refused() -> None:
    web = Web()
    async with web.client(Role.SEAT) as client:
        await on_duty(client)
        await ringing(web)
        for path, body in (
            ("sign-in", OTHER),
            ("beat", OTHER),
            ("state", {**OTHER, "state": "busy"}),
            ("wrap-up", {**OTHER, "action": "finish"}),
            ("calls/c1/accept", OTHER),
            ("calls/c1/decline", OTHER),
        ):
            status, problem = await post(client, f"{ME}/{path}", body)
            assert (path, status, problem["code"]) == (path, 409, "seat.other_tab")
        status, _ = await post(client, f"{ME}/sign-in", {**OTHER, "take_over": True})
        assert status == 200
        status, problem = await post(client, f"{ME}/beat", TAB)
        assert (status, problem["code"]) == (409, "seat.other_tab")


@pytest.mark.parametrize(
    ("path", "body", "status", "code"),
    [
        ("state", {"state": "ready"}, 422, "request.invalid"),
        ("state", {**TAB, "state": "talking"}, 422, "request.invalid"),
        ("state", {**TAB, "state": "break", "reason": "打牌"}, 422, "seat.break_reason"),
        ("state", {**TAB, "state": "ready", "seat": "other"}, 422, "request.invalid"),
        ("beat", {"tab": "a b'; --"}, 422, "request.invalid"),
        ("wrap-up", {**TAB, "action": "finish"}, 409, "seat.not_wrapping_up"),
        ("calls/none/accept", TAB, 404, "contact.unknown"),
        ("calls/c9/accept", TAB, 409, "seat.not_offered"),
    ],
)
async def test_refused(path: str, body: dict[str, str], status: int, code: str) -> None:
    web = Web()
    async with web.client(Role.SEAT) as client:
        await on_duty(client)
        await web.seats.enqueue(Contact(CallId("c9"), QueueName("企业"), web.clock.now()))
        answer, problem = await post(client, f"{ME}/{path}", body)
    assert (answer, problem["code"]) == (status, code)


async def test_an_accept_after_the_time_and_one_of_another_seat() -> None:
    web = Web()
    async with web.client(Role.SEAT) as client, web.client(Role.ADMIN) as admin:
        await on_duty(client)
        await ringing(web)
        await post(admin, f"{ME}/sign-in", {"tab": "t-2"})
        status, problem = await post(admin, f"{ME}/calls/c1/accept", {"tab": "t-2"})
        assert (status, problem["code"]) == (409, "seat.not_offered")
        assert (await admin.get("/api/v1/contacts/c1")).status_code == 403
        web.clock.seconds += 20
        status, problem = await post(client, f"{ME}/calls/c1/accept", TAB)
        assert (status, problem["code"]) == (409, "seat.too_late")
        status, call = await post(client, f"{ME}/calls/c1/decline", TAB)
        assert (status, call["state"]) == (200, "waiting")
        assert "slots" not in call


async def test_what_a_supervisor_may_do() -> None:
    web = Web()
    async with web.client(Role.SEAT) as client, web.client(Role.SUPERVISOR) as boss:
        await on_duty(client)
        changed = await boss.patch(
            f"/api/v1/seats/{SEAT}",
            json={"skills": {"企业": 5, "en": 2}, "team": "一班", "phone": "sip:1023@pbx"},
        )
        assert (changed.json()["skills"], changed.json()["team"]) == ({"企业": 5, "en": 2}, "一班")
        assert changed.json()["phone"] == "sip:1023@pbx"
        await web.seats.enqueue(Contact(CallId("c1"), QueueName("综合"), web.clock.now()))
        await web.seats.enqueue(Contact(CallId("c2"), QueueName("综合"), web.clock.now()))
        web.clock.seconds += 2
        queue = (await boss.get("/api/v1/contacts", params={"queue": "综合"})).json()["items"]
        assert [(each["call_id"], each["ahead"]) for each in queue] == [("c1", 0), ("c2", 1)]
        status, moved = await post(boss, "/api/v1/contacts/c2/move", {"queue": "企业", "front": True})
        assert (status, moved["queue"], moved["front"]) == (200, "企业", True)
        status, seat = await post(boss, f"/api/v1/seats/{SEAT}/sign-out", {})
        assert (status, seat["state"]) == (200, "offline")
        web.clock.seconds += 1
        assert (await boss.get("/api/v1/seats")).json()["items"] == []
        everyone = (await boss.get("/api/v1/seats", params={"all": "true"})).json()["items"]
        assert [each["name"] for each in everyone] == [SEAT]
        await web.seats.leave(CallId("c1"))
        recent = (await boss.get("/api/v1/contacts/recent")).json()["items"]
        assert [(each["call_id"], each["state"]) for each in recent] == [("c1", "left")]
    actors = {change.actor for change in web.seat_rows.changes}
    assert {"supervisor:supervisor-user", "seat:seat-user"} <= actors
    assert web.seat_rows.by_id[SEAT].state is SeatState.OFFLINE
    assert web.seat_rows.calls[CallId("c2")].state is ContactState.WAITING


@pytest.mark.parametrize(
    ("role", "status"),
    [(None, 401), (Role.EDITOR, 403), (Role.HANDLER, 403), (Role.SYSTEM, 403), (Role.SEAT, 200)],
)
async def test_for_those_who_take_calls(role: Role | None, status: int) -> None:
    async with Web().client(role) as client:
        for path in ("/api/v1/seats", "/api/v1/contacts"):
            assert (await client.get(path)).status_code == status
        assert (await client.post(f"{ME}/sign-in", json=TAB)).status_code == status


async def test_a_seat_does_not_oversee() -> None:
    async with Web().client(Role.SEAT) as client:
        await on_duty(client)
        for answer in (
            await client.patch(f"/api/v1/seats/{SEAT}", json={"skills": {"综合": 5}}),
            await client.post(f"/api/v1/seats/{SEAT}/sign-out"),
            await client.post("/api/v1/contacts/c1/move", json={"queue": "综合"}),
            await client.get("/api/v1/contacts/recent"),
        ):
            assert answer.status_code == 403


@pytest.mark.parametrize(
    "body", [{"skills": {"综合": 6}}, {"skills": {"": 1}}, {"phone": "tel:110"}, {"tab": "t"}]
)
async def test_changes_of_a_seat_are_checked(body: dict[str, object]) -> None:
    async with Web().client(Role.SUPERVISOR) as boss:
        assert (await boss.patch("/api/v1/seats/li", json=body)).status_code == 422
        assert (await boss.patch("/api/v1/seats/li", json={"team": "一班"})).status_code == 404


async def test_a_request_of_a_foreign_page_is_refused() -> None:
    web = Web()
    async with web.client() as client:
        await web.accounts.create("li", "pw", Role.SEAT)
        session = await web.accounts.sign_in("li", "pw")
        client.cookies.set("voicebot_session", session or "")
        answer = await client.post(f"{ME}/sign-in", json=TAB, headers={"Origin": "https://evil.example"})
        assert (answer.status_code, answer.json()["code"]) == (403, "csrf.origin")
        answer = await client.post(f"{ME}/sign-in", json=TAB, headers={"Origin": "http://hotline.test"})
        assert answer.status_code == 200
        answer = await client.post(f"{ME}/beat", json=TAB, headers={"Authorization": "Bearer forged"})
        assert answer.status_code == 401
