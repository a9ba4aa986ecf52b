"""A hotline that rings people: its trunk leads to a phone of the test, so does the police's line, and it is
always forenoon there."""

import asyncio
import contextlib
import json
import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

import pytest

from tests.fakes.demands import lamp
from tests.peers.hotline import Hotline, no_models
from tests.peers.ports import free_port
from tests.peers.softphone import Softphone
from voicebot.adapters.db.database import FILE_NAME, Database
from voicebot.adapters.db.tickets import SqlTicketStore
from voicebot.core.ids import TicketNo
from voicebot.tickets.birth import accept
from voicebot.tickets.deadlines import Deadlines
from voicebot.tickets.given import Given
from voicebot.tickets.lifecycle import transition
from voicebot.tickets.ticket import Contact, TicketAction

RING: Final = "4"
"""Seconds that a person is rung."""


def forenoon() -> str:
    """A zone in which it is forenoon now: nobody is rung at night, and tests run at any hour."""
    ahead = (10 - datetime.now(UTC).hour) % 24
    return f"Etc/GMT-{ahead}" if ahead <= 14 else f"Etc/GMT+{24 - ahead}"


class Town(Hotline):
    """The hotline, and what is kept of the calls that it owes."""

    def __init__(self, folder: Path) -> None:
        self.trunk_port, self.police_port = free_port(), free_port()
        self._zone = forenoon()
        super().__init__(
            folder,
            VOICEBOT_SIP__OUTBOUND=f"sip:{{number}}@127.0.0.1:{self.trunk_port}",
            VOICEBOT_SIP__OUTBOUND_CALLER="sip:12345@127.0.0.1",
            VOICEBOT_OUTBOUND__RING=RING,
            VOICEBOT_SEAT__EMERGENCY=json.dumps({"110": f"sip:110@127.0.0.1:{self.police_port}"}),
        )

    def lay_out(self) -> None:
        super().lay_out()
        city = self.content / "knowledge_base" / "city.yaml"
        text = city.read_text(encoding="utf-8").replace("Asia/Shanghai", self._zone)
        every_day = "days: [workday, weekend, holiday]"
        city.write_text(text.replace("days: [workday, weekend]", every_day), encoding="utf-8")

    def phone(self, incoming: int) -> Softphone:
        """Where the trunk leads to."""
        return Softphone(port=self.trunk_port, incoming=incoming)

    async def closed_ticket(self, database: Database, number: str) -> TicketNo:
        """Somebody's matter has just been closed."""
        tickets, at, demand = SqlTicketStore(database), datetime.now(ZoneInfo(self._zone)), lamp(phone=number)
        due = Deadlines().of(demand.appeal_type, demand.urgency, demand.callback_only, at)
        born, _ = await tickets.create(
            at.date(), lambda no: accept(no, demand, due, "bot", at), Contact("王小明", number)
        )
        for action, given in ((TicketAction.REPLY, Given(reply="修好了")), (TicketAction.CLOSE, Given())):
            await tickets.change(
                born.ticket_no,
                lambda t, a=action, g=given: transition(t, a, "handler:li", at, "", g),  # type: ignore[misc]
            )
        return born.ticket_no

    def rows(self, query: str, *values: str) -> list[dict[str, Any]]:
        with contextlib.closing(sqlite3.connect(self.data / FILE_NAME)) as database:
            database.row_factory = sqlite3.Row
            return [dict(row) for row in database.execute(query, values)]

    async def tried(self, ticket_no: str, seconds: float = 60.0) -> tuple[str, dict[str, Any]]:
        """(outcome, row of the call) once a ring is over and kept."""
        async with asyncio.timeout(seconds):
            while True:
                tries = self.rows("SELECT * FROM callback_try WHERE key = ?", f"revisit:{ticket_no}:1")
                if tries:
                    (row,) = self.rows("SELECT * FROM callback WHERE ticket_no = ?", ticket_no)
                    return str(tries[-1]["outcome"]), row
                await asyncio.sleep(0.1)


@pytest.fixture(scope="session")
def running_hotline(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    """One hotline for all tests of the folder."""
    if why := no_models():
        pytest.skip(why)
    with Town(tmp_path_factory.mktemp("town")) as town:
        yield town
