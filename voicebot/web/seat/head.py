"""The head of the console: who sits here, in which state, and the switches between states."""

from collections.abc import Awaitable, Callable
from typing import Final

from nicegui.element import Element

from voicebot.seats.seat import IN_CALL, Seat, SeatState
from voicebot.web.seat.bar import Scene
from voicebot.web.seat.elements import Check
from voicebot.web.seat.who import SeatVisit
from voicebot.web.seat.words import STATES
from voicebot.web.shell.lasting import button
from voicebot.web.shell.widgets import Dialog, box, link, text

KEYS: Final = (
    ("F2", "接听；话后整理时：整理完毕"),
    ("F4", "让给别人；通话中：挂机（按两次）"),
    ("F8", "静音、取消静音"),
    ("F9", "保持、接回；话后整理时：继续整理"),
    ("Shift+F2", "转接"),
    ("Shift+F8", "按键"),
    ("Shift+F9", "三方通话"),
    ("Ctrl+F2", "示闲、示忙"),
    ("/", "查知识（不在打字时）"),
    ("Ctrl+回车", "提交正在填的表"),
)

Do = Callable[[Awaitable[object]], Awaitable[None]]


class Head:
    """Args: act: carries out what a switch asks and draws the page anew."""

    def __init__(self, visit: SeatVisit, act: Do, keys: Callable[[bool], Awaitable[None]]) -> None:
        self._visit = visit
        self._act = act
        self._keys = keys
        self._room = box("head seat-head", "header")
        self._drawn: object = None

    def show(self, seat: Seat | None, scene: Scene, tab: str, keys_on: bool) -> None:
        """Drawn anew only when something in it has changed: a menu that is open stays open."""
        asked = seat and (seat.state, seat.reason, seat.next, seat.taken, seat.missed, seat.phone, seat.team)
        drawn = (asked, scene, tab, keys_on)
        if drawn == self._drawn:
            return
        self._drawn = drawn
        self._room.clear()
        with self._room:
            text("坐席台", tag="h1")
            text(f"{self._visit.account.name} 号", "name")
            if seat is not None and seat.team:
                text(seat.team, "name")
            with box("states"):
                self._states(seat, scene, tab)
            with box("actions"):
                if seat is not None:
                    text(f"今日接听 {seat.taken}", "figure")
                    if seat.missed:
                        text(f"未接 {seat.missed}", "badge bad").props["title"] = "示闲后清零"
                button("试耳机", self._check, "small", "上班前试铃声、麦克风和耳机")
                button("键盘", lambda: self._help(keys_on), "small")
                if self._visit.oversees:
                    link("班长台", "/seat/board")

    def _states(self, seat: Seat | None, scene: Scene, tab: str) -> None:
        desk, me = self._visit.pages.desk, self._visit.seat
        if scene is Scene.OFFLINE or seat is None:
            button("签入", lambda: self._act(desk.sign_in(me, tab)), "primary", "签入后是示忙，准备好再示闲")
            return
        if scene is Scene.ELSEWHERE:
            button("在这个窗口接管", lambda: self._act(desk.take_over(me, tab)), "primary")
            return
        later = seat.state in IN_CALL or seat.state in (SeatState.OFFERED, SeatState.WRAP_UP)
        wanted = seat.next.state if later and seat.next else (SeatState.READY if later else seat.state)
        with box("switches") as group:
            group.props.update({"role": "group", "aria-label": "电话之后的状态" if later else "状态"})
            if later:
                text("之后", "note")
            self._switch("示闲", wanted is SeatState.READY, lambda: desk.ready(me, tab))
            self._switch("示忙", wanted is SeatState.BUSY, lambda: desk.busy(me, tab))
            self._pauses(seat, wanted, tab)
            self._switch("签出", wanted is SeatState.OFFLINE, lambda: desk.sign_out(me, tab))

    def _switch(self, words: str, on: bool, asked: Callable[[], Awaitable[object]]) -> None:
        made = button(words, lambda: self._act(asked()), "switch")
        made.props["aria-pressed"] = "true" if on else "false"

    def _pauses(self, seat: Seat, wanted: SeatState, tab: str) -> None:
        desk, me = self._visit.pages.desk, self._visit.seat
        on = wanted is SeatState.BREAK
        now = (seat.next.reason if seat.next and on else seat.reason) if on else ""
        made = Element("select").classes("switch pause")
        made.props.update({"aria-label": "小休", "data-on": "true" if on else "false"})
        with made:
            for value, words in [("", STATES[SeatState.BREAK]), *_reasons(self._visit)]:
                option = text(words, tag="option")
                option.props["value"] = value
                if value == now:
                    option.props["selected"] = True

        async def chosen(event: object) -> None:
            reason = str(getattr(event, "args", ""))
            if reason:
                await self._act(desk.pause(me, reason, tab))

        made.on("change", chosen, js_handler="(e) => emit(e.target.value)")

    def _check(self) -> None:
        dialog = Dialog("试耳机和麦克风")

        async def passed(_: object) -> None:
            dialog.close()

        with dialog.body:
            Check(passed)
        dialog.open()

    def _help(self, on: bool) -> None:
        dialog = Dialog("键盘")
        with dialog.body:
            with box("keys-help", "dl"):
                for key, words in KEYS:
                    text(key, tag="dt")
                    text(words, tag="dd")

            async def switch() -> None:
                dialog.close()
                await self._keys(not on)

            button("关掉快捷键" if on else "打开快捷键", switch, "small")
        dialog.open()


def _reasons(visit: SeatVisit) -> list[tuple[str, str]]:
    return [(each.reason, f"小休：{each.reason}") for each in visit.pages.rules().breaks]
