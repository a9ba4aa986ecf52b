"""版本记录: every version of the file, what changed, and the way back."""

from collections.abc import Awaitable, Callable, Sequence

from voicebot.operations.content import Release, Version
from voicebot.web.flows.desk import FlowDesk
from voicebot.web.flows.diffs import open_diff
from voicebot.web.flows.publish_dialog import ask_note
from voicebot.web.flows.sheets import Sheet
from voicebot.web.flows.words import CHANGES, author_words
from voicebot.web.shell.widgets import Choice, box, button, text, when

GoBack = Callable[[str, int, str], Awaitable[None]]
"""Path, version number, note."""


class VersionsPanel:
    """Args: go_back: makes an older version live again."""

    def __init__(self, desk: FlowDesk, go_back: GoBack) -> None:
        self._desk = desk
        self._go_back = go_back
        self._sheets: tuple[Sheet, ...] = ()
        with box("versions"):
            with box("bar"):
                files = [("flow", "流程的版本"), ("tests", "测试通话的版本")]
                self._which = Choice("哪个文件", files, self._show)
            self._list = box("version-list", "ol")

    async def show(self, flow: Sheet, tests: Sheet) -> None:
        self._sheets = (flow, tests)
        await self._show()

    async def _show(self) -> None:
        sheet = self._sheets[self._which.value == "tests"]
        history = await self._desk.store.history(sheet.path)
        releases = await self._desk.store.releases(sheet.path, limit=200)
        self._list.clear()
        with self._list:
            if not history:
                text("还没有发布过", "note", "li")
            for place, version in enumerate(history):
                before = history[place + 1] if place + 1 < len(history) else None
                self._row(sheet, version, before, releases)

    def _row(
        self, sheet: Sheet, version: Version, before: Version | None, releases: Sequence[Release]
    ) -> None:
        live = version.number == sheet.number
        with box("live" if live else "", "li"):
            with box("head"):
                text(f"第 {version.number} 版", "number")
                text("正在使用", "badge good") if live else None
                text("试用中", "badge trial") if version.number == sheet.trial else None
                text("文件被删除", "badge") if version.text is None else None
                text(author_words(version.author), "author")
                text(when(version.at, self._desk.clock.now()), "at")
            text(version.note or "（没有说明）", "note", "div")
            later = [release for release in releases if release.versions[version.path] == version.number]
            for release in later[:-1]:  # the first one made the version
                at = when(release.at, self._desk.clock.now())
                note = f"：{release.note}" if release.note else ""
                did = f"{author_words(release.author)} {CHANGES[release.change]}"
                text(f"{at} {did}{note}", "later", "div")
            with box("actions"):
                if before is not None:
                    title = f"第 {before.number} 版 → 第 {version.number} 版"
                    button("改了什么", lambda: open_diff(title, before.text, version.text), "small")
                if not live:
                    title = f"第 {version.number} 版 → 正在使用的第 {sheet.number} 版"
                    button("与正在使用的比", lambda: open_diff(title, version.text, sheet.live), "small")
                    button("退回这一版", lambda: self._ask(version), "small", "马上让新来电用这一版")
                if sheet.draft:
                    title = f"第 {version.number} 版 → 我的草稿"
                    button("与我的草稿比", lambda: open_diff(title, version.text, sheet.text), "small")

    def _ask(self, version: Version) -> None:
        async def confirmed(note: str) -> None:
            await self._go_back(version.path, version.number, note)

        ask_note(
            f"退回第 {version.number} 版",
            "新来电马上用这一版；正在进行的通话不受影响。您的草稿不会丢。",
            "退回",
            confirmed,
            f"退回第 {version.number} 版",
        )
