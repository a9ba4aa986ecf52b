"""`/seat/board`: seats, queues, waits and alarms of this moment, for supervisors."""

from collections.abc import Mapping
from typing import Any, Final

from nicegui import ui
from starlette.requests import Request

from voicebot.core.ids import CallId, QueueName, SeatId
from voicebot.operations.seat_view import SeatView
from voicebot.operations.talks import TalkAction, TalkOrder
from voicebot.seats.contact import ContactState
from voicebot.seats.order import in_order
from voicebot.seats.seat import SeatState
from voicebot.web.seat import board_rows as rows
from voicebot.web.seat.bar import stamp
from voicebot.web.seat.board import Board, board
from voicebot.web.seat.board_windows import ask_queue, ask_skills, sure_off
from voicebot.web.seat.elements import Grid, Listening, page_style
from voicebot.web.seat.watching import SeatWatch
from voicebot.web.seat.who import SeatVisit
from voicebot.web.seat.words import STATES, waited
from voicebot.web.shell.lasting import button
from voicebot.web.shell.widgets import Dialog, box, link, tell_of_faults, text

MOST: Final = 60
"""Seats in the table; a state or a word narrows it."""
LEAST: Final = 1.0
"""Seconds between two drawings, however much happens."""
_LISTENING: Final = {"monitor": TalkAction.MONITOR, "whisper": TalkAction.WHISPER, "barge": TalkAction.BARGE}
_NAMES: Final = {"monitor": "监听", "whisper": "耳语", "barge": "强插"}
_TOLD: Final = {
    "monitor": "您听得到双方，双方听不到您。",
    "whisper": "只有坐席听得到您，来电人听不到。",
    "barge": "来电人和坐席都听得到您。",
}


def register() -> None:
    ui.page("/seat/board")(_page)


async def _page(request: Request) -> None:
    visit = SeatVisit.of(request)
    page_style()
    tell_of_faults()
    ui.page_title("班长台 · 12345 热线")
    if not visit.oversees:
        with box("flows tickets empty-page"):
            text("您的账号没有这项权限", tag="h1")
            link("回到坐席台", "/seat/")
        return
    page = BoardPage(visit)
    await ui.context.client.connected()
    await page.begin()


class BoardPage:
    """One open board."""

    def __init__(self, visit: SeatVisit) -> None:
        self._visit = visit
        self._state: SeatState | None = None
        self._words = ""
        self._chips: object = None
        with box("flows tickets board-page"):
            with box("head", "header"):
                text("班长台", tag="h1")
                self._figures = box("figures")
                with box("actions"):
                    link("坐席台", "/seat/")
            self._alarms = box("alarms")
            self._alarms.props.update({"role": "status", "aria-live": "polite"})
            with box("board-body", "main"):
                with box("column", "section"):
                    text("队列（近 30 分钟）", tag="h2")
                    self._queues = Grid("队列", rows.QUEUE_HEADS, "没有队列")
                with box("column", "section"):
                    text("正在等的来电", tag="h2")
                    self._waits = Grid("正在等的来电", rows.WAIT_HEADS, "没有人在等", self._wait_act)
                with box("column seats-column", "section"):
                    with box("seat-filter"):
                        text("坐席", tag="h2")
                        self._states = box("chips")
                        seek = box("seek", "input")
                        seek.props.update(
                            {"type": "search", "aria-label": "找坐席", "placeholder": "工号、班组、技能"}
                        )
                        seek.on("input", self._sought, js_handler="(e) => emit(e.target.value)")
                    self._seats = Grid("坐席", rows.SEAT_HEADS, "没有这样的坐席", self._seat_act)

    async def begin(self) -> None:
        self._watch = SeatWatch(self._visit.pages.desk.news, self.refresh, "", least=LEAST)
        await self.refresh()

    async def refresh(self) -> None:
        if not await self._visit.still():
            return
        pages = self._visit.pages
        view, rules, now = await pages.desk.look(), pages.rules(), pages.clock.now()
        found = board(view, rules, now)
        waiting = in_order(list(view.contacts.values()), rules)
        ringing = [c for c in view.contacts.values() if c.state is ContactState.OFFERED]
        at = stamp(now)
        self._draw_head(found)
        self._queues.show(rows.queue_rows(found.queues), at)
        self._waits.show(rows.wait_rows([*ringing, *waiting][:MOST], rules), at)
        self._draw_chips(found, view)
        self._seats.show(rows.seat_rows(view, self._state, self._words, MOST), at)

    def _draw_head(self, found: Board) -> None:
        level = "—" if found.level is None else f"{found.level:.0%}"
        self._figures.clear()
        with self._figures:
            for name, value, late in (
                ("正在等", str(found.waiting), found.waiting > 0),
                ("最长等待", waited(found.longest_s), found.longest_s > 60),
                ("时限内接听", level, found.level is not None and found.level < 0.8),
            ):
                with box("figure late" if late else "figure"):
                    text(name, "note")
                    text(value, "value")
        self._alarms.clear()
        with self._alarms:
            for alarm in found.alarms[:6]:
                text(alarm.words, "alarm grave" if alarm.grave else "alarm")
            if len(found.alarms) > 6:
                text(f"还有 {len(found.alarms) - 6} 条", "alarm")

    def _draw_chips(self, found: Board, view: SeatView) -> None:
        drawn = (found.states, self._state)
        if drawn == self._chips:
            return
        self._chips = drawn
        self._states.clear()
        with self._states:
            online = sum(count for _, count in found.states)
            self._chip("全部", online, None)
            for state, count in found.states:
                self._chip(STATES[state], count, state)

    def _chip(self, words: str, count: int, state: SeatState | None) -> None:
        made = button(f"{words} {count}", lambda: self._choose(state), f"chip {state or ''}")
        made.props["aria-pressed"] = "true" if state is self._state else "false"

    async def _choose(self, state: SeatState | None) -> None:
        self._state = None if state is self._state else state
        await self.refresh()

    async def _sought(self, event: Any) -> None:
        self._words = str(event.args or "").strip()[:40]
        await self.refresh()

    # ── acting ─────────────────────────────────────────────────────────────────────────────

    async def _wait_act(self, event: Mapping[str, Any]) -> None:
        desk, call_id = self._visit.pages.desk, CallId(str(event.get("key", "")))
        by = f"supervisor:{self._visit.account.name}"
        contact = await desk.contact(call_id)
        if event.get("act") == "front":
            moved = desk.reroute(call_id, contact.queue, contact.skill, front=True, by=by)
            await self._visit.do(moved)
        elif event.get("act") == "move":

            async def move(queue: str) -> None:
                await self._visit.do(desk.reroute(call_id, QueueName(queue), by=by))
                await self.refresh()

            ask_queue(contact, sorted(self._visit.pages.rules().queues), move)
        await self.refresh()

    async def _seat_act(self, event: Mapping[str, Any]) -> None:
        seat_id, act = SeatId(str(event.get("key", ""))), str(event.get("act", ""))
        desk = self._visit.pages.desk
        seat = await desk.seat(seat_id)
        by = f"supervisor:{self._visit.account.name}"
        if act in _LISTENING and seat.call_id is not None:
            await self._listen(seat_id, seat.call_id, act)
        elif act == "skills":

            async def change(skills: Mapping[str, int]) -> None:
                await self._visit.do(desk.reskill(seat_id, skills, by=by))
                await self.refresh()

            ask_skills(seat, sorted(self._visit.pages.rules().queues), change)
        elif act == "off":

            async def off() -> None:
                await self._visit.do(desk.sign_out(seat_id, by=by))
                await self.refresh()

            sure_off(seat, off)

    async def _listen(self, seat_id: SeatId, call_id: CallId, act: str) -> None:
        """Everybody of the talk is told by the seat's own page; here one hears it until the window closes."""
        talks, me = self._visit.pages.talks, self._visit.seat
        if not await self._visit.do(talks.order(TalkOrder(call_id, me, _LISTENING[act]))):
            return
        dialog = Dialog(f"{_NAMES[act]} {seat_id} 号")
        left = False

        async def leave() -> None:
            nonlocal left
            if not left:
                left = True
                await self._visit.do(talks.order(TalkOrder(call_id, me, TalkAction.LEAVE)))

        async def change(other: str) -> None:
            said.set_text(_TOLD[other])
            await self._visit.do(talks.order(TalkOrder(call_id, me, _LISTENING[other])))

        with dialog.body:
            said = text(_TOLD[act], tag="p")
            Listening(call_id)
            with box("buttons"):
                for other, name in _NAMES.items():
                    button(name, lambda other=other: change(other))
                button("结束", dialog.close, "primary")
        dialog.on_close(leave)
        dialog.open()
