"""`/seat/`: the operator's console."""

import asyncio
from collections.abc import Awaitable, Mapping
from typing import Any, Final

from nicegui import ui
from starlette.requests import Request

from voicebot.calls.records import CallView
from voicebot.core.errors import VoicebotError
from voicebot.core.ids import TicketNo
from voicebot.seats.contact import Contact
from voicebot.seats.seat import IN_CALL, Seat, SeatState
from voicebot.tickets.ticket import Ticket
from voicebot.web.seat import bar, caller_panel, targets
from voicebot.web.seat.acting import press
from voicebot.web.seat.desk import Help
from voicebot.web.seat.elements import CallBar, Lines, page_style
from voicebot.web.seat.head import Head
from voicebot.web.seat.screen import bot_lines, legs, talk_lines
from voicebot.web.seat.unreached_panel import UnreachedPanel
from voicebot.web.seat.watching import SeatWatch
from voicebot.web.seat.who import SeatVisit
from voicebot.web.seat.windows import show_ticket
from voicebot.web.seat.words import STATES
from voicebot.web.seat.work_panel import WorkPanel
from voicebot.web.shell.widgets import box, tell_of_faults, text

PREFERENCES: Final = "preferences"
SEEK: Final = "seek"
"""What the key for knowledge asks; no button does."""
HEAR: Final = 1.0
"""Seconds between looks for what is said now."""
AT_ONCE: Final = 0.3
"""Seconds that the screen waits for advice before it shows a call without it."""
ADVISE: Final = 4.0
"""Seconds between looks for next steps, during a talk."""


def register() -> None:
    ui.page("/seat/")(_page)


async def _page(request: Request) -> None:
    visit = SeatVisit.of(request)
    page_style()
    tell_of_faults()
    ui.page_title(f"坐席台 {visit.account.name} · 12345 热线")
    kept = await visit.pages.notes.get(visit.account.name, PREFERENCES)
    console = Console(visit, kept is None or kept.body.get("keys") is not False)
    await ui.context.client.connected()
    await console.begin()


class Console:
    """One open console. It draws what the store says; `_shown` names the call that is drawn."""

    def __init__(self, visit: SeatVisit, keys_on: bool) -> None:
        self._visit = visit
        self._keys_on = keys_on
        self._tab = ""
        self._seat: Seat | None = None
        self._contact: Contact | None = None
        self._view: CallView | None = None
        self._shown = ""
        self._heard = -1
        self._pop: object = None
        self._wrapping = False
        self._help = Help()
        self._tickets: tuple[Ticket, ...] = ()
        with box("flows tickets seat-page"):
            self._head = Head(visit, self._act, self._switch_keys)
            self._bar = CallBar(tab=self._named, press=self._pressed, stale=self._stale)
            with box("seat-body", "main"):
                self._caller = box("column caller-column", "section")
                self._caller.props["aria-label"] = "来电人"
                with box("column talk-column", "section"):
                    text("通话", tag="h2")
                    self._lines = Lines("接到来电时，这里先是来电人与热线的对话，接通后接着显示你们的通话。")
                with box("column work-column", "section"):
                    self._work = WorkPanel(visit, self._lines)
        self._unreached = UnreachedPanel(visit, self._look)
        self._idle()

    async def begin(self) -> None:
        self._watch = SeatWatch(self._visit.pages.desk.news, self.refresh, self._visit.seat)
        ui.timer(HEAR, self._hear)
        ui.timer(ADVISE, self._advise)
        await self._unreached.show(self._between)
        await self.refresh()

    # ── reading ────────────────────────────────────────────────────────────────────────────

    async def refresh(self) -> None:
        """As it is now: first the screen, then the bell."""
        if not await self._visit.still():
            return
        desk = self._visit.pages.desk
        try:
            self._seat = await desk.seat(self._visit.seat)
        except VoicebotError as error:
            if error.code != "seat.unknown":
                raise
            self._seat = None
        call_id = self._seat.call_id if self._seat is not None else None
        self._contact = await desk.contact(call_id) if call_id is not None else None
        self._watch.also(call_id or "")
        scene = bar.scene(self._seat, self._contact, self._tab)
        self._head.show(self._seat, scene, self._tab, self._keys_on)
        hidden = scene in (bar.Scene.OFFLINE, bar.Scene.ELSEWHERE)
        await self._show_call(None if hidden else self._contact)
        await self._show_bar()

    async def _show_call(self, contact: Contact | None) -> None:
        if contact is None:
            if self._shown:
                self._idle()
                await self._unreached.show(self._between)
            return
        if contact.call_id != self._shown:
            await self._new_call(contact)
        self._work.follow(contact)
        wrapping = self._seat is not None and self._seat.state is SeatState.WRAP_UP
        if wrapping and not self._wrapping:
            await self._work.wrap_up(contact.call_id)
        self._wrapping = wrapping
        self._draw_caller(contact)

    async def _new_call(self, contact: Contact) -> None:
        pages = self._visit.pages
        self._shown, self._heard, self._wrapping = contact.call_id, -1, False
        self._view = await pages.calls.call(contact.call_id)
        self._help = await self._first_help(contact)
        self._tickets = await caller_panel.earlier(pages, self._visit.account.role, contact)
        self._lines.clear_lines()
        self._lines.add(bot_lines(self._view, contact.slots))
        self._draw_caller(contact)
        await self._work.show(contact, self._view, self._help)

    async def _first_help(self, contact: Contact) -> Help:
        """What is known at once; the screen must not wait for more."""
        try:
            async with asyncio.timeout(AT_ONCE):
                return await self._visit.pages.advise(contact.call_id)
        except TimeoutError:
            return Help()

    def _draw_caller(self, contact: Contact) -> None:
        pop = caller_panel.Pop(contact, self._view, self._tickets, self._help.mood, self._help.risks)
        drawn = (
            contact.summary,
            contact.slots,
            contact.taken_at,
            contact.front,
            pop.mood,
            pop.risks,
            pop.tickets,
        )
        if drawn == self._pop and contact.call_id == self._shown:
            return
        self._pop = drawn
        self._caller.clear()
        with self._caller:
            caller_panel.show(pop, self._visit.pages.clock.now(), self._lines.show, self._look)

    def _idle(self) -> None:
        self._shown, self._view, self._pop, self._help = "", None, None, Help()
        self._heard, self._wrapping = -1, False
        self._tickets = ()
        self._caller.clear()
        with self._caller:
            text("来电人", tag="h2")
            text("响铃之前，这里先显示是谁、为什么要人工、热线听到了什么。", "note", "p")
            self._between = box()
        self._lines.clear_lines()
        self._work.clear()

    async def _show_bar(self) -> None:
        seat, contact, pages = self._seat, self._contact, self._visit.pages
        found = bar.bar(seat, contact, self._tab)
        talking = seat is not None and seat.state in IN_CALL
        mine = talking and found.scene is not bar.Scene.ELSEWHERE and contact is not None
        talk = contact.talk if contact is not None and mine else None
        after = seat.next if seat is not None else None
        self._bar.show(
            bar.props(found, pages.clock.now())
            | {
                "call": contact.call_id if mine and contact is not None else "",
                "audio": seat is not None and not seat.phone,
                "legs": legs(contact, self._visit.seat) if mine else [],
                "recording": None if talk is None or talk.released else talk.recording,
                "dropped": talk.dropped if talk is not None else 0,
                "targets": await targets.targets(pages, self._visit.seat) if mine else [],
                "flows": targets.flows(pages),
                "next": f"{STATES[after.state]}{after.reason and '：' + after.reason}" if after else "",
                "keys": self._keys_on,
            }
        )

    async def _hear(self) -> None:
        """What was said since."""
        if not self._shown or self._contact is None:
            return
        found = await self._visit.pages.lines.lines(self._contact.call_id, self._heard)
        if found:
            self._heard = found[-1].index
            self._lines.add(talk_lines(found))

    async def _advise(self) -> None:
        contact, seat = self._contact, self._seat
        if contact is None or not self._shown or seat is None:
            return
        self._help = await self._visit.pages.advise(contact.call_id)
        self._work.helped(self._help)
        self._draw_caller(contact)

    # ── asking ─────────────────────────────────────────────────────────────────────────────

    async def _named(self, event: Mapping[str, Any]) -> None:
        self._tab = str(event.get("tab", ""))[:40]
        await self.refresh()

    async def _stale(self, _: Mapping[str, Any]) -> None:
        await self.refresh()

    async def _pressed(self, event: Mapping[str, Any]) -> None:
        act, to = str(event.get("act", "")), str(event.get("to", ""))
        if act == SEEK:
            self._work.seek()
            return
        if self._seat is not None:
            await press(self._visit, self._seat, self._contact, self._tab, act, to)
        await self.refresh()

    async def _act(self, asked: Awaitable[object]) -> None:
        await self._visit.do(asked)
        await self.refresh()

    async def _look(self, number: TicketNo) -> None:
        if await self._visit.may_act():
            await show_ticket(self._visit, number)

    async def _switch_keys(self, on: bool) -> None:
        self._keys_on = on
        await self._visit.pages.notes.put(self._visit.account.name, PREFERENCES, {"keys": on})
        await self.refresh()
