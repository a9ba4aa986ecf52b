"""The operators' pages over seats in memory, served as the web process does."""

import contextlib
import re
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any, Final

from playwright.async_api import Page, WebSocketRoute

from tests.fakes.demands import lamp
from tests.fakes.directories import shipped
from tests.fakes.own_notes import MemoryOwnNotes
from tests.fakes.seats import MemorySeats
from tests.fakes.talks import ListedLines, ListedTalks
from tests.fakes.unreached import ListedPeople
from tests.integration.web.kit import serving
from tests.unit.web.fakes import FakeCalls, Web, turn
from voicebot.adapters.wall_clock import WallClock
from voicebot.calls.records import CallView
from voicebot.core.handover import HandoverReason
from voicebot.core.ids import CallId, QueueName, SeatId
from voicebot.operations.ports import Role
from voicebot.operations.seat_desk import SeatDesk
from voicebot.operations.seat_news import SeatNews
from voicebot.operations.unreached import Unreached
from voicebot.seats import moves
from voicebot.seats.contact import Contact
from voicebot.seats.rules import QueueRules, SeatRules
from voicebot.tickets.deadlines import Deadlines
from voicebot.tickets.lifecycle import accept
from voicebot.tickets.ticket import Contact as Person
from voicebot.tickets.ticket import Ticket
from voicebot.web.app import server_config, web_app
from voicebot.web.seat.desk import Advice, Found, Help, SeatPages
from voicebot.web.shell.mount import pages_running

QUEUE: Final = QueueName("综合")
RULES: Final = SeatRules(
    queues={
        QUEUE: QueueRules(offer_s=40.0, wrap_up_s=60.0),
        QueueName("企业"): QueueRules(),
        QueueName("紧急"): QueueRules(offer_s=8.0),
        QueueName("长者"): QueueRules(),
    },
    phrases={"开头": ("您好，请问有什么可以帮您？",), "安抚": ("您的心情我理解，我马上为您处理。",)},
)
SUMMARY: Final = "反映云江路12号门口的路灯坏了，已经三天，要求尽快维修"
ACCOUNTS: Final = {"1023": Role.SEAT, "1024": Role.SEAT, "ban": Role.SUPERVISOR, "bian": Role.EDITOR}


class Hall:
    """The pages, and short words for what happens behind them."""

    def __init__(self) -> None:
        self.clock = WallClock()
        self.store = MemorySeats()
        self.rules = RULES
        self.news = SeatNews()
        self.desk = SeatDesk(self.store, self.clock, lambda: self.rules, self.news)
        self.talks = ListedTalks(self.desk)
        self.lines = ListedLines()
        self.calls = FakeCalls([])
        self.web = Web()
        self.notes = MemoryOwnNotes(self.clock)
        self.help = Help()
        self.people = ListedPeople()
        self.asked: list[str] = []
        for name, role in ACCOUNTS.items():
            self.web.accounts.accounts[name] = ("pw", role)
            self.web.accounts.departments[name] = None
        self.pages = SeatPages(
            desk=self.desk,
            talks=self.talks,
            calls=self.calls,
            lines=self.lines,
            work=self.web.tickets.work,
            notes=self.notes,
            callers=self,
            clock=self.clock,
            rules=lambda: self.rules,
            directory=shipped,
            find=self._find,
            advise=self._advise,
            unreached=Unreached(self.people, self.web.tickets.store, self.clock),
            flows=(("rating", "满意度评价"), ("ticket", "报工单号")),
        )
        self.app = web_app(
            replace(self.web.deps, clock=self.clock, calls=self.calls, seats=self.desk, console=self.pages)
        )
        self._count = 0
        self.phone = "13800008000"

    # ── Callers ────────────────────────────────────────────────────────────────────────────

    async def tickets(self, call_id: CallId) -> Sequence[Ticket]:
        return await self.web.tickets.store.of_caller(self.phone)

    async def number(self, call_id: CallId) -> str:
        return self.phone

    def forget_tickets(self) -> None:
        """From now on somebody else calls."""
        self.phone = str(int(self.phone) + 1)

    # ── what happens ───────────────────────────────────────────────────────────────────────

    async def ring(self, seat: str, **changed: Any) -> CallId:
        """A caller waits and is offered to a seat."""
        call_id = await self.wait(**changed)
        contact = await self.desk.contact(call_id)
        moved = moves.offer(await self.desk.seat(SeatId(seat)), contact, self.clock.now(), self.rules)
        await self.store.save(moved.change("queue", self.clock.now()))
        await self.news.tell((seat, call_id))
        return call_id

    async def wait(self, ago: float = 12.0, **changed: Any) -> CallId:
        self._count += 1
        call_id = CallId(f"20261125-09300{self._count:03}-7f3a")
        self.calls.views.append(call(call_id, self.clock))
        fields: dict[str, Any] = {
            "queue": QUEUE,
            "caller": "138****8000",
            "why": HandoverReason.ASKED,
            "summary": SUMMARY,
            "slots": {"address": "云江路12号", "object": "路灯", "time": "三天"},
        }
        since = self.clock.now() - timedelta(seconds=ago)
        await self.desk.enqueue(Contact(call_id, since=since, **(fields | changed)))
        return call_id

    async def free(self, seat: str, tab: str = "elsewhere", **skills: int) -> None:
        """Somebody else's seat, ready."""
        await self.desk.reskill(SeatId(seat), skills or {QUEUE: 3}, "一组", fresh=True)
        await self.desk.sign_in(SeatId(seat), tab)
        await self.desk.ready(SeatId(seat), tab)

    async def file(self, title: str, ago: timedelta = timedelta(days=2)) -> Ticket:
        """An earlier ticket of the caller."""
        at = self.clock.now() - ago
        demand = lamp(call_id=None, phone=self.phone, title=title)
        due = Deadlines().of(demand.appeal_type, demand.urgency, False, at)
        person = Person(demand.caller_name, self.phone, self.phone)
        store = self.web.tickets.store
        made, _ = await store.create(at.date(), lambda no: accept(no, demand, due, "bot", at), person)
        return made

    async def _find(self, words: str) -> Sequence[Found]:
        self.asked.append(words)
        if "居住证" not in words:
            return ()
        answer = "年满16周岁、在本市居住半年以上的，可以到居住地派出所或者网上申领居住证，15个工作日内办结。"
        return [Found("KB021", "居住证怎么办", answer, "市公安局《居住证服务指南》2026版")]

    async def _advise(self, call_id: CallId) -> Help:
        return self.help


HELP: Final = Help(
    advice=(
        Advice("ask", "坏了几盏灯？附近有什么标志？", "请问坏了几盏灯，附近有什么标志？", "派单需要"),
        Advice("do", "按市政设施立单，派市城市管理局", "", "城市管理/市政设施/路灯", 0.93),
    ),
    mood="upset",
    department="市城市管理局",
    department_score=0.93,
)


def call(call_id: CallId, clock: WallClock) -> CallView:
    """What caller and hotline said before."""
    return CallView(
        call_id=call_id,
        caller="138****8000",
        dialled="12345",
        channel="phone",
        flow="main",
        started=clock.now(),
        ended=None,
        reason="",
        state="",
        score=None,
        recording=None,
        turns=(
            turn(1, "", "您好，云江12345，请说。", started=0.0, replied=0.3),
            turn(
                2,
                "我要反映云江路12号门口的路灯坏了",
                "好的，是什么时候坏的？",
                started=4.0,
                replied=9.0,
                confidence=0.93,
            ),
            turn(
                3,
                "有三天了，晚上黑得很",
                "记下了。还有要补充的吗？",
                started=12.0,
                replied=15.5,
                confidence=0.71,
            ),
            turn(4, "你给我转人工", "好的，正在为您转接话务员。", started=19.0, replied=21.0),
        ),
    )


async def answer_sound(page: Page) -> list[WebSocketRoute]:
    """Stands in for the line process at `/ws/seat`; the connections that were made."""
    made: list[WebSocketRoute] = []

    def opened(socket: WebSocketRoute) -> None:
        def said(message: str | bytes) -> None:
            if isinstance(message, str) and "start" in message:
                socket.send('{"type": "ready", "call_id": "c", "resume": ""}')

        made.append(socket)
        socket.on_message(said)

    await page.route_web_socket(re.compile("/ws/seat"), opened)
    return made


@contextlib.asynccontextmanager
async def seat_hall() -> AsyncIterator[tuple[int, Hall]]:
    """Port and what is behind it; once per process at a time."""
    hall = Hall()
    async with pages_running(), serving(hall.app, server_config) as port:
        yield port, hall
