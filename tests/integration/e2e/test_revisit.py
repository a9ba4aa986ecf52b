"""The running hotline rings people over SIP: a phone of another make rates, is busy, or rings on."""

import asyncio
import contextlib
import json
import sqlite3
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from tests.fakes.demands import lamp
from tests.peers.hotline import Hotline, no_models
from tests.peers.ports import free_port
from tests.peers.softphone import Softphone, needs_pjsip
from voicebot.adapters.db.database import FILE_NAME, Database
from voicebot.adapters.db.tickets import SqlTicketStore
from voicebot.core.ids import TicketNo
from voicebot.tickets.birth import accept
from voicebot.tickets.deadlines import Deadlines
from voicebot.tickets.given import Given
from voicebot.tickets.lifecycle import transition
from voicebot.tickets.ticket import Contact, TicketAction

pytestmark = [pytest.mark.integration, pytest.mark.timeout(240), needs_pjsip]

PERSON, BUSY, AWAY = "13800008000", "13800008001", "13800008002"


def forenoon() -> str:
    """A zone in which it is forenoon now: nobody is rung at night, and tests run at any hour."""
    ahead = (10 - datetime.now(UTC).hour) % 24
    return f"Etc/GMT-{ahead}" if ahead <= 14 else f"Etc/GMT+{24 - ahead}"


class Town:
    """The hotline, and the tickets that people close."""

    def __init__(self, hotline: Hotline, database: Database, port: int, zone: ZoneInfo) -> None:
        self.hotline = hotline
        self.port = port
        self.zone = zone
        self._tickets = SqlTicketStore(database)

    def phone(self, incoming: int) -> Softphone:
        """Where the trunk leads to."""
        return Softphone(port=self.port, incoming=incoming)

    async def closed_ticket(self, number: str) -> TicketNo:
        at, demand = datetime.now(self.zone), lamp(phone=number)
        due = Deadlines().of(demand.appeal_type, demand.urgency, demand.callback_only, at)
        born, _ = await self._tickets.create(
            at.date(), lambda no: accept(no, demand, due, "bot", at), Contact("王小明", number)
        )
        for action, given in ((TicketAction.REPLY, Given(reply="修好了")), (TicketAction.CLOSE, Given())):
            await self._tickets.change(
                born.ticket_no,
                lambda t, a=action, g=given: transition(t, a, "handler:li", at, "", g),  # type: ignore[misc]
            )
        return born.ticket_no

    def rows(self, query: str, *values: str) -> list[dict[str, Any]]:
        with contextlib.closing(sqlite3.connect(self.hotline.data / FILE_NAME)) as database:
            database.row_factory = sqlite3.Row
            return [dict(row) for row in database.execute(query, values)]

    async def tried(self, ticket_no: TicketNo, seconds: float = 60.0) -> tuple[str, dict[str, Any]]:
        """(outcome, row of the call) once a ring is over and kept."""
        async with asyncio.timeout(seconds):
            while True:
                tries = self.rows("SELECT * FROM callback_try WHERE key = ?", f"revisit:{ticket_no}:1")
                if tries:
                    (row,) = self.rows("SELECT * FROM callback WHERE ticket_no = ?", ticket_no)
                    return str(tries[-1]["outcome"]), row
                await asyncio.sleep(0.2)


@pytest.fixture
async def town(tmp_path: Path) -> AsyncIterator[Town]:
    if why := no_models():
        pytest.skip(why)
    port = free_port()
    way = {"VOICEBOT_SIP__OUTBOUND": f"sip:{{number}}@127.0.0.1:{port}", "VOICEBOT_OUTBOUND__RING": "4"}
    shown = {"VOICEBOT_SIP__OUTBOUND_CALLER": "sip:12345@127.0.0.1"}
    hotline = Hotline(tmp_path, **way, **shown)
    hotline.lay_out()
    zone = forenoon()
    city = hotline.content / "knowledge_base" / "city.yaml"
    text = city.read_text(encoding="utf-8").replace("Asia/Shanghai", zone)
    city.write_text(
        text.replace("days: [workday, weekend]", "days: [workday, weekend, holiday]"), encoding="utf-8"
    )
    hotline.lay_out = lambda: None  # type: ignore[method-assign]  # the city is this test's
    with hotline:
        database = await Database.open(hotline.data / FILE_NAME)
        try:
            yield Town(hotline, database, port, ZoneInfo(zone))
        finally:
            await database.close()


async def test_people_are_rung_and_rate(town: Town) -> None:
    async with town.phone(180) as phone:
        rated = await town.closed_ticket(PERSON)
        ringing = await phone.rings(30)
        assert f"INVITE sip:{PERSON}@" in ringing["message"]
        assert "P-Preferred-Identity: <sip:12345@127.0.0.1>" in ringing["message"]
        await phone.answer()
        await phone.wait_for("CONFIRMED")
        for keys in ("1", "1", "1", "5"):  # it is me; go on; solved; five points
            await asyncio.sleep(2.5)
            await phone.digits(keys)
        await phone.wait_for("DISCONNECTED", 30)
        outcome, row = await town.tried(rated)
    assert (outcome, row["over"]) == ("done", "done")
    ticket = town.hotline.ticket(rated)
    assert (ticket["rating"], ticket["solved"], ticket["state"]) == (5, 1, "callback")
    (call,) = town.rows("SELECT * FROM call")
    assert (call["outbound"], call["flow"], call["score"], call["reason"]) == (1, "revisit", 5, "done")
    turns = town.rows('SELECT * FROM call_turn ORDER BY "index"')
    assert "路灯" not in turns[0]["reply"]
    assert any("路灯不亮，部门已经办结" in turn["reply"] for turn in turns)

    async with town.phone(486):
        engaged = await town.closed_ticket(BUSY)
        outcome, row = await town.tried(engaged)
    assert (outcome, row["over"]) == ("busy", "")
    assert _in(row["due"]) == pytest.approx(timedelta(minutes=10).total_seconds(), abs=60)

    async with town.phone(180) as phone:
        away = await town.closed_ticket(AWAY)
        await phone.rings(30)
        outcome, row = await town.tried(away)
        await phone.wait_for("DISCONNECTED", 10)
    assert (outcome, row["over"]) == ("no_answer", "")
    assert _in(row["due"]) > timedelta(hours=1).total_seconds()
    events = town.rows("SELECT body FROM outbox WHERE subject = 'callback.tried' ORDER BY id")
    assert [json.loads(event["body"])["outcome"] for event in events] == ["done", "busy", "no_answer"]


def _in(stored: str) -> float:
    """Seconds from now until a stored moment."""
    return (datetime.fromisoformat(stored).replace(tzinfo=UTC) - datetime.now(UTC)).total_seconds()
