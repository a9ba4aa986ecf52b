"""Who looked, over the API; what of a secret ticket a unit and a party get."""

import wave
from dataclasses import replace
from pathlib import Path

from tests.fakes.demands import lamp
from tests.unit.web.fakes import Web, call_view, turn
from voicebot.core.ids import DepartmentName
from voicebot.tickets.given import Given
from voicebot.tickets.ticket import TicketAction
from voicebot.web.ports import Account, Role

CITY = DepartmentName("市城市管理局")
SEAT, CHIEF = Account("8001", Role.SEAT), Account("he", Role.SUPERVISOR)
LOG = "/api/v1/access-log"


async def sent(web: Web, **changed: object) -> str:
    ticket, _ = await web.tickets.work.file(SEAT, lamp(call_id=None, **changed))
    await web.tickets.work.act(CHIEF, ticket.ticket_no, TicketAction.DISPATCH, given=Given(department=CITY))
    return ticket.ticket_no


async def test_the_log_is_paged_for_those_who_watch() -> None:
    web = Web()
    number = await sent(web)
    async with web.client(Role.HANDLER, CITY) as client:
        for _ in range(3):
            assert (await client.get(f"/api/v1/tickets/{number}")).status_code == 200
        assert (await client.get(LOG)).status_code == 403
    async with web.client(Role.SUPERVISOR) as client:
        first = (await client.get(LOG, params={"limit": 2, "ticket_no": number})).json()
        rest = (await client.get(LOG, params={"limit": 2, "cursor": first["next_cursor"]})).json()
        assert [len(page["items"]) for page in (first, rest)] == [2, 1]
        assert rest["next_cursor"] is None
        assert first["items"][0]["who"] == "handler:handler-user"
        assert (await client.get(LOG, params={"what": "number"})).json()["items"] == []
        for wrong in ({"cursor": "x"}, {"what": "all"}, {"since": "2026-11-24"}, {"limit": "0"}):
            assert (await client.get(LOG, params=wrong)).status_code == 422


async def test_a_call_is_heard_with_a_note_and_a_secret_one_with_a_reason(tmp_path: Path) -> None:
    web = Web(tmp_path)
    number = await sent(web, confidential=True)
    with wave.open(str(tmp_path / "a.wav"), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(8000)
    about = replace(turn(1, "路灯坏了", "已记录"), ticket_no=number)
    web.calls.views = [replace(call_view(1, about), recording="a.wav")]
    path = f"/api/v1/calls/{web.calls.views[0].call_id}"
    async with web.client(Role.HANDLER, CITY) as client:
        assert (await client.get(path)).json()["code"] == "call.unknown"
    async with web.client(Role.ADMIN) as client:
        assert (await client.get(path)).status_code == 200
        refused = await client.get(f"{path}/recording")
        assert (refused.status_code, refused.json()["code"]) == (422, "ticket.incomplete")
        assert (await client.get(f"{path}/recording", params={"reason": "复核"})).status_code == 200
        items = (await client.get(LOG)).json()["items"]
    noted = [(item["what"], item["why"]) for item in items if item["call_id"]]
    assert noted == [("recording", "复核"), ("transcript", "")]


async def test_a_unit_is_never_told_the_door_of_a_secret_ticket() -> None:
    web = Web()
    number = await sent(web, confidential=True, address="幸福路8号3单元501室")
    async with web.client(Role.HANDLER, CITY) as client:
        stale = await client.post(
            f"/api/v1/tickets/{number}/actions/sign", json={}, headers={"If-Match": '"1"'}
        )
        assert stale.status_code == 409
        answers = [
            stale.text,
            (await client.get(f"/api/v1/tickets/{number}")).text,
            (await client.get("/api/v1/tickets")).text,
            (await client.get(f"/api/v1/tickets/{number}/events")).text,
        ]
        text = (await client.get(f"/api/v1/tickets/{number}/party-view")).json()["text"]
    assert all("501" not in answer for answer in answers)
    for unwanted in ("501", "王", "8000", number):
        assert unwanted not in text
