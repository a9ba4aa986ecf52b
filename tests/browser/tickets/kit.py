"""The pages for tickets over a real store in a SQLite file, served as the web process does."""

import asyncio
import contextlib
import math
import struct
import wave
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

from tests.fakes.demands import lamp
from tests.fakes.directories import shipped
from tests.integration.web.kit import serving
from tests.unit.web.fakes import FakeCalls, Web, turn
from voicebot.adapters.db.database import Database
from voicebot.adapters.db.own_notes import SqlOwnNotes
from voicebot.adapters.db.ticket_access import SqlAccessLog
from voicebot.adapters.db.ticket_lists import SqlTicketLists
from voicebot.adapters.db.tickets import SqlTicketStore
from voicebot.adapters.db.unreached import SqlNotReached
from voicebot.adapters.wall_clock import WallClock
from voicebot.bootstrap.matters import open_matters
from voicebot.calls.records import CallView
from voicebot.core.ids import CallId, DepartmentName, TicketNo
from voicebot.operations.dispatching import Dispatching
from voicebot.operations.ports import Account, Role
from voicebot.operations.ticket_desk import TicketDesk
from voicebot.operations.ticket_work import TicketWork
from voicebot.operations.unreached import Unreached
from voicebot.tickets.deadlines import Deadlines
from voicebot.tickets.given import NOTHING, Given
from voicebot.tickets.lifecycle import accept
from voicebot.tickets.ticket import Contact, Ticket
from voicebot.tickets.ticket import TicketAction as A
from voicebot.web.app import server_config, web_app
from voicebot.web.shell.mount import pages_running
from voicebot.web.tickets.desk import TicketPages
from voicebot.web.tickets.news import TicketNews

CITY, WATER = DepartmentName("市城市管理局"), DepartmentName("市水务局")
ACCOUNTS: Final = {
    "he": Account("he", Role.SUPERVISOR),
    "pai": Account("pai", Role.DISPATCHER),
    "li": Account("li", Role.HANDLER, CITY),
    "sun": Account("sun", Role.HANDLER, CITY),
    "wang": Account("wang", Role.HANDLER, WATER),
    "bian": Account("bian", Role.EDITOR),
}
CALL: Final = CallId("20261124-093011-7f3a")


class Desk:
    """The pages, and short words for what happens behind them."""

    def __init__(self, database: Database, recordings: Path) -> None:
        self.clock = WallClock()
        self.database = database
        self.store = SqlTicketStore(database)
        self.notes = SqlOwnNotes(database, self.clock)
        self.access = SqlAccessLog(database)
        self.news = TicketNews()
        self.calls = FakeCalls([_call(self.clock)])
        lists = SqlTicketLists(database, self.clock)
        dispatching = Dispatching(self.store, lists, self.clock, shipped)
        self.work = TicketWork(
            self.store, lists, self.access, TicketDesk(self.store, self.clock), self.clock, shipped
        )
        self.pages = TicketPages(
            self.work,
            self.notes,
            self.calls,
            self.clock,
            shipped,
            Deadlines,
            dispatching.suggestions,
            self.news,
            Unreached(SqlNotReached(database), self.store, self.clock),
        )
        self.matters = open_matters(database, self.work, self.clock)
        self.web = Web(recordings=recordings)
        for name, account in ACCOUNTS.items():
            self.web.accounts.accounts[name] = ("pw", account.role)
            self.web.accounts.departments[name] = account.department
        self.app = web_app(
            replace(
                self.web.deps,
                work=self.work,
                desk=self.pages,
                clock=self.clock,
                calls=self.calls,
                similar=self.matters.similar,
                hot_spots=self.matters.hot_spots,
            )
        )

    async def file(self, ago: timedelta = timedelta(), **changed: Any) -> TicketNo:
        """A ticket that came in some time ago."""
        at = self.clock.now() - ago
        demand = lamp(**{"call_id": None} | changed)
        due = Deadlines().of(demand.appeal_type, demand.urgency, False, at)
        contact = Contact(demand.caller_name, demand.phone, "")
        made, _ = await self.store.create(at.date(), lambda no: accept(no, demand, due, "bot", at), contact)
        return made.ticket_no

    async def sent(self, unit: DepartmentName = CITY, **changed: Any) -> TicketNo:
        """A ticket that a unit has to sign."""
        number = await self.file(**changed)
        await self.act("pai", number, A.DESIGNATE, "职责明确", Given(department=unit))
        return number

    async def act(
        self, who: str, number: TicketNo, action: A, reason: str = "", given: Given = NOTHING
    ) -> Ticket:
        """A move of somebody, of which open pages hear."""
        done = await self.work.act(ACCOUNTS[who], number, action, reason=reason, given=given)
        self.news.tell(number)
        return done

    async def compare(self) -> None:
        """What the worker does every other second, and the watch of hot spots every minute."""
        while await self.matters.comparing.work():
            pass
        await self.matters.hot_spots.look()
        self.news.tell("")

    async def ticket(self, number: TicketNo) -> Ticket:
        found = await self.store.ticket(number)
        assert found is not None
        return found


@contextlib.asynccontextmanager
async def ticket_desk(folder: Path) -> AsyncIterator[tuple[int, Desk]]:
    """Port and what is behind it; once per process at a time."""
    database = await Database.open(folder / "hotline.sqlite3")
    try:
        await asyncio.to_thread(_sound, folder / "call.wav")
        desk = Desk(database, folder)
        async with pages_running(), serving(desk.app, server_config) as port:
            yield port, desk
    finally:
        await database.close()


def _call(clock: WallClock) -> CallView:
    """A call of which `lamp` was made."""
    now = clock.now()
    return CallView(
        call_id=CALL,
        caller="138****8000",
        dialled="12345",
        channel="phone",
        flow="main",
        started=now,
        ended=now,
        reason="caller",
        state="closed",
        score=None,
        recording="call.wav",
        turns=(
            turn(1, "", "您好，云江12345，请说。", started=0.0, replied=0.3),
            turn(2, "我要反映云江路12号门口的路灯坏了", "请问是什么时候坏的？", started=4.0, replied=9.0),
            turn(3, "昨天晚上，我电话13800008000", "好的，已经登记。", started=12.0, replied=15.5),
        ),
    )


def _sound(path: Path) -> None:
    """Twenty seconds of a tone."""
    with wave.open(str(path), "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(8000)
        tone = [int(6000 * math.sin(2 * math.pi * 440 * n / 8000)) for n in range(8000)]
        out.writeframes(struct.pack(f"<{len(tone)}h", *tone) * 20)
