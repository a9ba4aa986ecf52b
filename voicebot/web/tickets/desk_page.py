"""`/tickets/`: work lists by exception, the list, search and filters."""

from collections.abc import Mapping
from typing import Any, Final

from nicegui import ui
from starlette.requests import Request

from voicebot.core.errors import VoicebotError
from voicebot.tickets.listing import Page
from voicebot.web.shell.lasting import button
from voicebot.web.shell.widgets import able, box, link, tell, tell_of_faults, text
from voicebot.web.tickets import asking
from voicebot.web.tickets.alarms import Alarms
from voicebot.web.tickets.choices import selects
from voicebot.web.tickets.elements import Finder, Rows, page_style
from voicebot.web.tickets.help import LIST_KEYS, Keys
from voicebot.web.tickets.lists_panel import ListsPanel
from voicebot.web.tickets.rows import row
from voicebot.web.tickets.watching import Watch
from voicebot.web.tickets.who import Visit

ROWS: Final = 50
"""Tickets a page."""


def register() -> None:
    ui.page("/tickets/", title="工单 · 12345 热线")(_page)


async def _page(request: Request) -> None:
    visit = Visit.of(request)
    page_style()
    tell_of_faults()
    page = DeskPage(visit, asking.wish(request.query_params), request.query_params.get("after", "")[:80])
    page.build(await visit.keys_on())
    await ui.context.client.connected()
    await page.begin()


class DeskPage:
    """One open list. It is drawn anew when tickets change, never what somebody types."""

    def __init__(self, visit: Visit, wanted: dict[str, str], after: str) -> None:
        self._visit = visit
        self._wanted = wanted
        if not wanted.get("list") and not wanted.get("q"):
            self._wanted = {"list": "all"} | wanted
        self._cursors = ["", after] if after else [""]
        """Where the pages up to this one begin."""
        self._following: str | None = None

    def build(self, keys_on: bool) -> None:
        visit = self._visit
        with box("flows tickets desk-page"):
            with box("head", "header"):
                link("← 工作台", "/", "back")
                text("工单", tag="h1")
                self._summary = text("", "note summary")
                self._summary.props["role"] = "status"
                with box("actions"):
                    text(visit.account.department or visit.account.name, "note")
                    button("键盘 ?", lambda: self._keys.open(), "small")
            self._alarms = Alarms(visit)
            with box("desk-body"):
                self._lists = ListsPanel(visit, self._open_list, self._open_saved)
                with box("main", "main"):
                    self._finder = Finder(self._wanted, selects(visit), found=self._found, kept=self._kept)
                    self._instead = box("instead")
                    with box("table-room"):
                        self._rows = Rows("工单", self._turned)
                    with box("pager", "nav") as pager:
                        pager.props["aria-label"] = "翻页"
                        self._back = button("上一页", lambda: self._turn(-1), "small", "[")
                        self._place = text("第 1 页", "note")
                        self._on = button("下一页", lambda: self._turn(1), "small", "]")
            self._keys = Keys(visit, keys_on, LIST_KEYS)

    async def begin(self) -> None:
        await self.refresh()
        Watch(self._visit, self.refresh)

    async def refresh(self) -> None:
        """Lists, counts and rows as they are now."""
        if not await self._visit.still():
            return
        await self._alarms.refresh()
        await self._lists.refresh(self._wanted.get("list", ""))
        await self._show()

    async def _show(self) -> None:
        try:
            page, how = await self._asked()
        except VoicebotError as error:
            if error.retryable:
                raise
            page, how = Page(()), error.message
        now = self._visit.desk.clock.now()
        self._following = page.following
        address = asking.address(self._wanted, self._cursors[-1])
        self._rows.show([row(ticket, now) for ticket in page.tickets], how or "没有工单", address)
        self._summary.set_text(self._told(len(page.tickets), how))
        able(self._back, len(self._cursors) > 1)
        able(self._on, page.following is not None)
        self._place.set_text(f"第 {len(self._cursors)} 页")

    async def _asked(self) -> tuple[Page, str]:
        """What passes, and in words by what it was found."""
        work, account = self._visit.desk.work, self._visit.account
        after = self._cursors[-1] or None
        tried = asking.filters(self._wanted)
        for wanted in tried:
            page = await work.page(account, wanted, limit=ROWS, after=after)
            if page.tickets or wanted is tried[-1]:
                return page, _how(wanted.number, wanted.phone, wanted.text, found=bool(page.tickets))
        return Page(()), "这个列表里没有这种状态的工单"

    def _told(self, shown: int, how: str) -> str:
        words = f"{shown} 件" if self._following is None and len(self._cursors) == 1 else f"本页 {shown} 件"
        return f"{words} · {how}" if how and shown else words

    # ── what people do ─────────────────────────────────────────────────────────────────────

    async def _open_list(self, name: str) -> None:
        await self._go({"list": name})
        self._finder.load(self._wanted)

    async def _open_saved(self, values: Mapping[str, str]) -> None:
        await self._go(asking.wish(values))
        self._finder.load(self._wanted)

    async def _found(self, event: Mapping[str, Any]) -> None:
        wanted = asking.wish(event.get("values") or {})
        wanted["list"] = self._wanted.get("list", asking.ALL)
        if wanted.get("q") and wanted.get("q") != self._wanted.get("q"):
            wanted["list"] = asking.ALL  # who looks for a number does not ask in which list it is
        await self._go(wanted)

    async def _kept(self, event: Mapping[str, Any]) -> None:
        if not await self._visit.may_act():
            return
        values = asking.wish(event.get("values") or {}) | {"list": self._wanted.get("list", asking.ALL)}
        name = str(event.get("name", "")).strip()[:20]
        try:
            await self._lists.keep(name, values)
        except VoicebotError as error:
            tell(error.message, "warning")
            return
        tell(f"已保存筛选「{name}」", "positive")

    async def _go(self, wanted: dict[str, str]) -> None:
        if not await self._visit.may_act():
            return
        self._wanted = wanted
        self._cursors = [""]
        await self._lists.refresh(wanted.get("list", ""))
        await self._moved()

    async def _turned(self, event: Mapping[str, Any]) -> None:
        await self._turn(-1 if event.get("by") == -1 else 1)

    async def _turn(self, by: int) -> None:
        if not await self._visit.may_act():
            return
        if by > 0 and self._following is not None:
            self._cursors.append(self._following)
        elif by < 0 and len(self._cursors) > 1:
            self._cursors.pop()
        else:
            return
        await self._moved()

    async def _moved(self) -> None:
        address = asking.address(self._wanted, self._cursors[-1])  # percent-encoded: no quote is in it
        ui.run_javascript(f"history.replaceState(null, '', '{address}')")
        await self._show()


def _how(number: str, phone: str, words: str, *, found: bool) -> str:
    if number or phone:
        kind = "工单号" if number else "电话"
        return f"按{kind}找到" if found else "没有找到这个号码的工单"
    if words:
        return "按字词找到" if found else "没有找到含有这些字词的工单"
    return ""
