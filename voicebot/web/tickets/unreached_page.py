"""`/tickets/unreached`: people whom the hotline could not reach, for somebody to look after."""

from collections.abc import Awaitable, Callable, Collection, Sequence
from datetime import datetime
from typing import Final

from nicegui import ui
from nicegui.element import Element
from nicegui.events import GenericEventArguments
from starlette.requests import Request

from voicebot.core.errors import VoicebotError
from voicebot.operations.unreached import MOST, Looked, NotReached
from voicebot.tickets.callbacks import CallbackKind
from voicebot.web.shell.lasting import button
from voicebot.web.shell.widgets import able, box, link, tell, tell_of_faults, text
from voicebot.web.tickets.elements import page_style
from voicebot.web.tickets.lists_panel import ADDRESS
from voicebot.web.tickets.rows import NO_TITLE
from voicebot.web.tickets.watching import Watch
from voicebot.web.tickets.who import Visit
from voicebot.web.tickets.words import moment

KINDS: Final = {
    CallbackKind.REVISIT: "回访",
    CallbackKind.PROMISED: "答应的回电",
    CallbackKind.MISSED: "没接上的来电",
}
_COLUMNS: Final = ("什么事", "电话", "为什么", "打过的电话", "不再打是从")


def register() -> None:
    ui.page(ADDRESS, title="未接通名单 · 12345 热线")(_page)


async def _page(request: Request) -> None:
    page_style()
    tell_of_faults()
    page = UnreachedPage(Visit.of(request))
    page.build()
    await ui.context.client.connected()
    await page.begin()


class UnreachedPage:
    """One open list; drawn anew when somebody has looked after one."""

    def __init__(self, visit: Visit) -> None:
        self._visit = visit
        self._people: Sequence[NotReached] = ()
        self._chosen: set[str] = set()
        self._drawn: object = None

    def build(self) -> None:
        with box("flows tickets desk-page"):
            with box("head", "header"):
                link("← 工单", "/tickets/", "back")
                text("未接通名单", tag="h1")
                self._summary = text("正在读取…", "note summary")
                self._summary.props["role"] = "status"
                with box("actions"):
                    self._again = button("再打一次", self._ring_again, "", "在可以打的时段里，重新打起")
                    self._done = button("已处理", self._handled, "primary", "有人联系过了，从名单里去掉")
            self._room = box("table-room", "main")

    async def begin(self) -> None:
        await self.refresh()
        Watch(self._visit, self.refresh)

    async def refresh(self) -> None:
        """The list as it is now; what is chosen stays so."""
        if not await self._visit.still():
            return
        try:
            self._people = await self._visit.desk.unreached.people(self._visit.account)
        except VoicebotError as error:
            if error.retryable:
                raise
            self._summary.set_text(error.message)
            return
        self._chosen &= {each.key for each in self._people}
        self._draw()

    # ── what is shown ──────────────────────────────────────────────────────────────────────

    def _draw(self) -> None:
        now = self._visit.desk.clock.now()
        more = "以上" if len(self._people) == MOST else ""
        chosen = f"，选中 {len(self._chosen)} 条" if self._chosen else ""
        self._summary.set_text(f"{len(self._people)} 条{more}{chosen}")
        for each in (self._again, self._done):
            able(each, bool(self._chosen))
        drawn = (tuple(self._people), frozenset(self._chosen), now.date())
        if drawn == self._drawn:
            return
        self._drawn = drawn
        self._room.clear()
        with self._room:
            if not self._people:
                text("没有人等着联系。打了几次没接通的、号码不对的、过期没打的，都会列在这里。", "none", "p")
                return
            with box("people", "table"):
                self._head()
                with box("", "tbody"):
                    for one in self._people:
                        self._row(one, now)

    def _head(self) -> None:
        everybody = {each.key for each in self._people}
        with box("", "thead"), box("", "tr"):
            with box("", "th"):
                self._box("全选", everybody <= self._chosen, everybody)
            for words in _COLUMNS:
                text(words, tag="th")

    def _row(self, one: NotReached, now: datetime) -> None:
        title = one.title or (NO_TITLE if one.ticket_no else "打进来没有接上")
        with box("", "tr") as row:
            row.props["data-key"] = one.key
            with box("", "td"):
                self._box(f"选中 {title}", one.key in self._chosen, {one.key})
            with box("", "td"):
                text(KINDS[one.kind], "mark")
                if one.ticket_no:
                    link(title, f"/tickets/{one.ticket_no}", "row-link")
                else:
                    text(title)
            text(one.mask or "没有号码", tag="td")
            text(one.over.label, tag="td")
            text(tries(one, now), "tries", "td")
            text(moment(one.at, now), tag="td")

    def _box(self, label: str, on: bool, keys: Collection[str]) -> Element:
        made = box("", "input")
        made.props.update({"type": "checkbox", "checked": on, "aria-label": label})
        page = ui.context.client.content

        async def ticked(event: GenericEventArguments) -> None:
            with page:
                self._chosen = self._chosen | set(keys) if event.args["on"] else self._chosen - set(keys)
                self._draw()

        return made.on("change", ticked, js_handler="(e) => emit({on: e.target.checked})")

    # ── what people do ─────────────────────────────────────────────────────────────────────

    async def _handled(self) -> None:
        await self._act(self._visit.desk.unreached.handled, "已处理")

    async def _ring_again(self) -> None:
        await self._act(self._visit.desk.unreached.ring_again, "安排再打")

    async def _act(self, act: Callable[..., Awaitable[Looked]], words: str) -> None:
        if not self._chosen or not await self._visit.may_act():
            return
        try:
            looked = await act(self._visit.account, sorted(self._chosen))
        except VoicebotError as error:
            tell(error.message, "negative")
            return
        if looked.done:
            tell(f"{words} {looked.done} 条", "positive")
        for why in sorted({why for _, why in looked.refused}):
            count = sum(why == each for _, each in looked.refused)
            tell(f"{count} 条没有动：{why}", "warning")
        self._chosen.clear()
        await self.refresh()


def tries(one: NotReached, now: datetime) -> str:
    """Each ring with what came of it."""
    told = "；".join(f"{moment(each.at, now)} {each.outcome.label}" for each in one.tries)
    return f"{len(one.tries)} 次：{told}" if told else "没有打过"
