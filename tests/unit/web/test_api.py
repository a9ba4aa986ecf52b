"""`/api/v1`, health and figures."""

from dataclasses import replace
from pathlib import Path

import pytest
import structlog

from tests.fakes.demands import lamp
from tests.unit.web.fakes import Web, call_view, turn
from voicebot.core.errors import VoicebotError
from voicebot.web.api import recording_file
from voicebot.web.ports import Account, PartStatus, Role


async def test_calls_are_paged_by_cursor() -> None:
    web, seen = Web(), []
    async with web.client(Role.SUPERVISOR) as client:
        cursor: str | None = ""
        while cursor is not None:
            params = {"limit": "3", **({"cursor": cursor} if cursor else {})}
            page = (await client.get("/api/v1/calls", params=params)).json()
            seen.append([call["call_id"] for call in page["items"]])
            cursor = page["next_cursor"]
    assert [len(ids) for ids in seen] == [3, 3, 1]
    assert [call_id for ids in seen for call_id in ids] == [view.call_id for view in web.calls.views]


async def test_a_call_gives_every_turn_with_times_in_ms() -> None:
    web = Web()
    web.calls.views = [call_view(1, turn(1, "社保卡丢了怎么补办", "带身份证到社保中心补办。"))]
    web.calls.views.append(replace(call_view(2), outbound=True))
    async with web.client(Role.SEAT) as client:
        answer = await client.get(f"/api/v1/calls/{web.calls.views[0].call_id}")
        rung = await client.get(f"/api/v1/calls/{web.calls.views[1].call_id}")
    assert answer.status_code == 200
    body = answer.json()
    assert (body["outbound"], rung.json()["outbound"]) == (False, True)
    assert body["caller"] == "138****8000"
    assert body["has_recording"] is False
    assert body["content"] == "r12"
    assert body["turns"] == [
        {
            "index": 1,
            "transcript": "社保卡丢了怎么补办",
            "confidence": 0.87,
            "engine": "whisper-base",
            "keys": "",
            "meaning": "faq",
            "action": "answer",
            "article": "KB001",
            "ticket_no": None,
            "reply": "带身份证到社保中心补办。",
            "heard": "带身份证到社保中心补办。",
            "interrupted": False,
            "started_ms": 3200,
            "ended_ms": 5000,
            "replied_ms": 5900,
            "stages_ms": {"recognise": 310.5},
        }
    ]


async def test_tickets() -> None:
    web = Web()
    for n in range(1, 6):
        demand = lamp(call_id=None, phone=f"1390000000{n}", address=f"云江路{n}号")
        await web.tickets.work.file(Account("8001", Role.SEAT), demand)
    async with web.client(Role.DISPATCHER) as client:
        page = (await client.get("/api/v1/tickets?limit=2")).json()
        assert [one["ticket_no"] for one in page["items"]] == ["20261124000005", "20261124000004"]
        assert page["next_cursor"] == "20261124000004"
        one = (await client.get("/api/v1/tickets/20261124000003")).json()
        assert (one["title"], one["department"]) == ("路灯不亮", "市城市管理局")


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("/api/v1/calls/20261124-000000-0000", 404, "call.unknown"),
        ("/api/v1/calls/a b", 422, "request.invalid"),
        ("/api/v1/calls?limit=0", 422, "request.invalid"),
        ("/api/v1/calls?limit=9999", 422, "request.invalid"),
        ("/api/v1/calls?cursor=..%2f", 422, "request.invalid"),
        ("/api/v1/calls/20261124-093001-7f3a/recording", 404, "recording.none"),
        ("/api/v1/tickets/1", 404, "ticket.unknown"),
        ("/api/v1/tickets/x", 422, "request.invalid"),
        ("/api/v1/nothing", 404, "http.not_found"),
    ],
)
async def test_errors_are_problem_documents(path: str, status: int, code: str) -> None:
    async with Web().client(Role.ADMIN) as client:
        answer = await client.get(path)
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    body = answer.json()
    assert (body["status"], body["code"]) == (status, code)
    assert body["detail"]
    assert body["title"]


async def test_failures_behind_the_api_are_told_without_their_inside() -> None:
    web = Web()
    async with web.client(Role.ADMIN) as client:
        web.calls.broken = VoicebotError("db.busy", "secret path", retryable=True)
        answer = await client.get("/api/v1/calls")
        assert (answer.status_code, answer.json()["code"]) == (503, "db.busy")
        assert "secret" not in answer.text
        web.calls.broken = None
        web.calls.views = [None]  # type: ignore[list-item]
        with structlog.testing.capture_logs() as logs:
            answer = await client.get("/api/v1/calls")
        assert (answer.status_code, answer.json()["code"]) == (500, "internal")
        assert [entry["event"] for entry in logs] == ["web.fault"]


async def test_a_recording_is_served_in_ranges(tmp_path: Path) -> None:
    (tmp_path / "a.wav").write_bytes(b"RIFF" + bytes(100))
    web = Web(tmp_path)
    web.calls.views = [call_view(1, recording="a.wav")]
    path = f"/api/v1/calls/{web.calls.views[0].call_id}/recording"
    async with web.client(Role.SUPERVISOR) as client:
        whole = await client.get(path)
        assert (whole.status_code, whole.headers["content-type"], len(whole.content)) == (
            200,
            "audio/wav",
            104,
        )
        part = await client.get(path, headers={"Range": "bytes=0-3"})
        assert (part.status_code, part.content) == (206, b"RIFF")


def test_a_recording_never_leads_out_of_its_directory(tmp_path: Path) -> None:
    inside = tmp_path / "recordings"
    inside.mkdir()
    (tmp_path / "secret.wav").write_bytes(b"x")
    (inside / "link.wav").symlink_to(tmp_path / "secret.wav")
    (inside / "2026").mkdir()
    (inside / "2026" / "ok.wav").write_bytes(b"x")
    for name in ("../secret.wav", "link.wav", str(tmp_path / "secret.wav"), "none.wav", "2026", "", None):
        assert recording_file(inside, name) is None
    assert recording_file(inside, "2026/ok.wav") == inside / "2026" / "ok.wav"


async def test_ready_only_when_every_part_is() -> None:
    web = Web()
    async with web.client() as client:
        answer = await client.get("/readyz")
        assert answer.status_code == 200
        assert answer.json() == {
            "ready": True,
            "parts": [{"name": "识别", "ready": True, "note": "Whisper-base: fallback, not Vosk"}],
        }
        web.status.statuses.append(PartStatus("合成", False, "正在加载"))
        answer = await client.get("/readyz")
        assert (answer.status_code, answer.json()["ready"]) == (503, False)
        web.status.statuses = []
        assert (await client.get("/readyz")).status_code == 503
        assert (await client.get("/healthz")).json() == {"status": "ok"}


async def test_metrics_are_prometheus_text() -> None:
    web = Web()
    web.status.statuses = [PartStatus('a"b\\c', False)]
    async with web.client(Role.ADMIN) as client:
        await client.get("/api/v1/nothing")
        answer = await client.get("/metrics")
    assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")
    assert 'voicebot_http_requests_total{status="4xx"} 1\n' in answer.text
    assert 'voicebot_part_ready{part="a\\"b\\\\c"} 0\n' in answer.text
    for line in answer.text.splitlines():
        assert line.startswith(("# ", "voicebot_"))


async def test_the_api_describes_itself() -> None:
    async with Web().client(Role.EDITOR) as client:
        schema = (await client.get("/api/openapi.json")).json()
    assert {"/api/v1/calls", "/api/v1/calls/{call_id}", "/api/v1/tickets/{ticket_no}"} <= set(schema["paths"])
    assert (
        "application/problem+json" in schema["paths"]["/api/v1/calls"]["get"]["responses"]["404"]["content"]
    )
