"""`/flows/`: all flows and their state; the way into each; a new one."""

from nicegui import ui
from nicegui.element import Element
from starlette.requests import Request

from voicebot.web.flows.listing import Listing, Row, listing, page_of
from voicebot.web.flows.live_tests import Tried
from voicebot.web.flows.new_flow import ask_new
from voicebot.web.flows.who import Visit
from voicebot.web.flows.words import author_words
from voicebot.web.shell.widgets import box, button, link, page_style, tell_of_faults, text, when

LOOK_AGAIN = 10.0
"""Seconds between looks at what has changed."""
HEADS = ("流程", "状态", "现在的版本", "改的人", "时间", "测试覆盖", "通话中")


def register() -> None:
    ui.page("/flows/", title="流程 · 12345 热线")(_page)


async def _page(request: Request) -> None:
    page_style()
    tell_of_faults()
    page = ListPage(Visit.of(request))
    await ui.context.client.connected()
    await page.refresh()
    await page.try_tests()


class ListPage:
    """A table that is drawn anew when something has changed."""

    def __init__(self, visit: Visit) -> None:
        self._visit = visit
        self._listing: Listing | None = None
        self._tried: Tried | None = None
        with box("flows list-page"):
            with box("head", "header"):
                link("← 工作台", "/", "back")
                text("流程", tag="h1")
                self._summary = text("", "note")
                with box("actions"):
                    button("运行全部测试", lambda: self.try_tests(again=True))
                    button("新建流程…", lambda: ask_new(visit, self._listing), "primary")
            self._notes = box("banners")
            with box("table", "table"):
                with box("", "thead"), box("", "tr"):
                    for words in HEADS:
                        text(words, tag="th").props["scope"] = "col"
                self._body = box("", "tbody")
                with self._body, box("", "tr"):
                    text("正在读取…", "note", "td")
        ui.timer(LOOK_AGAIN, self.refresh, immediate=False)

    async def refresh(self) -> None:
        found = await listing(self._visit.desk)
        if found == self._listing:
            return
        self._listing = found
        self._show()

    async def try_tests(self, *, again: bool = False) -> None:
        """Shows how much of each flow the test calls cover; runs them when they were not run, or `again`."""
        self._summary.set_text("正在运行测试通话…")
        self._tried = await self._visit.tests.result(again=again)
        self._show()

    def _show(self) -> None:
        assert self._listing is not None
        self._show_summary(self._listing)
        self._notes.clear()
        with self._notes:
            for refusal in self._listing.refusals:
                with box("banner refused"):
                    text(
                        f"文件夹里保存的修改有错误，没有使用（{'、'.join(refusal.files)}）。原来的版本照常接电话。"
                    )
                    for problem in refusal.problems[:5]:
                        text(str(problem), "reason", "div")
        self._body.clear()
        with self._body:
            for row in self._listing.rows:
                self._row(row)

    def _show_summary(self, found: Listing) -> None:
        words = f"{len(found.rows)} 个流程，{sum(found.running.values())} 通电话"
        tried = self._tried
        if tried is not None and tried.report is not None:
            failed = sum(bool(one.failures) for one in tried.report.played)
            result = f"{failed} 通没通过" if failed else "全部通过"
            words += f" · 测试通话 {len(tried.report.played)} 通，{result}，覆盖 {tried.report.percent:.0f}%"
        elif tried is not None:
            words += f" · 测试通话有错误：{tried.why}"
        self._summary.set_text(words)

    def _row(self, row: Row) -> None:
        now = self._visit.desk.clock.now()
        with box("", "tr"):
            with box("", "td"):
                link(row.title, page_of(row.name), "title")
                text(row.name, "name")
            with box("", "td"):
                self._states(row)
            version = row.version
            text(f"第 {version.number} 版" if version else "—", tag="td")
            text(author_words(version.author) if version else "—", tag="td")
            cell = text(when(version.at, now) if version else "—", tag="td")
            if version is not None and version.note:
                cell.props["title"] = version.note
            self._coverage(row)
            running = self._listing.running.get(row.flow, 0) if self._listing else 0
            text(str(running) if running else "", "number", "td")

    def _states(self, row: Row) -> None:
        text("使用中", "badge good") if row.version else text("未发布", "badge")
        if row.trial:
            text(f"试用第 {row.trial} 版 · {row.share:.0%}", "badge trial")
        for author in dict.fromkeys(draft.author for draft in row.drafts):
            text(f"{author} 有草稿", "badge draft")
        if row.refused:
            _hinted("文件有错误，没有使用", "badge bad", row.refused)
        elif row.differs:
            _hinted(
                "文件和使用中的不同",
                "badge doubtful",
                "文件夹里的文件和现在使用的文字不一样，例如退回旧版以后",
            )

    def _coverage(self, row: Row) -> None:
        report = self._tried.report if self._tried else None
        covered = next((c for c in report.coverage if c.flow == row.flow), None) if report else None
        with box("coverage", "td"):
            if report is not None and covered is not None:
                kind = "good" if covered.percent == 100 else "doubtful"
                text(f"{covered.percent:.0f}%", f"percent {kind}")
                if covered.missing:
                    text(f"{len(covered.missing)} 条路没试过", "note")
                failed = sum(bool(p.failures) for p in report.played if p.script.flow == row.flow)
                if failed:
                    text(f"{failed} 通没通过", "badge bad")


def _hinted(words: str, classes: str, hint: str) -> Element:
    made = text(words, classes)
    made.props["title"] = hint
    return made
