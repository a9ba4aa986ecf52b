"""What an author must know above the text: who else is at it, what was overtaken, what is not saved."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from voicebot.operations.content import Draft
from voicebot.operations.outcomes import compare_trial
from voicebot.web.flows.comparison import open_comparison
from voicebot.web.flows.diffs import open_diff
from voicebot.web.flows.elements import TextEditor
from voicebot.web.flows.sheets import Sheet, open_sheet
from voicebot.web.shell.widgets import Handler, box, button, link, text, when

if TYPE_CHECKING:
    from voicebot.web.flows.editor import Editor


class Banners:
    """Lines above the editor; each says what happened and what can be done."""

    def __init__(self, editor: "Editor") -> None:
        self._editor = editor
        self._shown: object = None
        with box("banners") as room:
            room.props["aria-live"] = "polite"
            self._unsaved = box("unsaved")
            self._state = box("state")

    def show(self, flow: Sheet, tests: Sheet) -> None:
        """What the store knows; drawn again only when it has changed."""
        now = self._editor.desk.clock.now()
        key = [
            (s.path, s.overtaken, s.number, s.trial, tuple((d.author, when(d.at, now)) for d in s.others))
            for s in (flow, tests)
        ]
        if key == self._shown:
            return
        self._shown = key
        self._state.clear()
        with self._state:
            if flow.trial:
                self._trial(flow)
            for sheet in (flow, tests):
                for draft in sheet.others:
                    self._other(sheet, draft, when(draft.at, now))
                if sheet.overtaken:
                    self._overtaken(sheet)

    def _trial(self, sheet: Sheet) -> None:
        with box("banner trial"):
            text(f"第 {sheet.trial} 版正在试用，只有一部分新来电用它。")
            button("效果怎么样", self._compare, "small", "试用的通话与其余的通话比较")
            button("全部使用…", lambda: self._editor.releaser.ask_end_trial(promote=True), "small")
            button("撤回试用…", lambda: self._editor.releaser.ask_end_trial(promote=False), "small")

    async def _compare(self) -> None:
        desk = self._editor.desk
        found = await compare_trial(desk.store, desk.outcomes)
        if found is not None:
            open_comparison(found)

    def _other(self, sheet: Sheet, draft: Draft, at: str) -> None:
        with box("banner other"):
            what = "测试通话" if sheet is self._editor.tests else "流程"
            text(
                f"{draft.author} 也在改这个{what}（{at}保存过草稿）。"
                "各改各的草稿，谁也不会覆盖谁；请先商量再发布。"
            )
            title = f"{draft.author} 的草稿（与正在使用的比）"
            button("看他改了什么", lambda: open_diff(title, sheet.live, draft.text), "small")

    def _overtaken(self, sheet: Sheet) -> None:
        with box("banner overtaken"):
            text(
                f"您的草稿从第 {sheet.base} 版开始，现在使用的已是第 {sheet.number} 版。"
                "您的文字都在，什么也没有覆盖。"
            )
            button("别人改了什么", lambda: self._theirs(sheet), "small")
            button("我已看过，接着改", lambda: self._go_on(sheet), "small", "以后发布时以现在的版本为准")

    async def _theirs(self, sheet: Sheet) -> None:
        history = await self._editor.desk.store.history(sheet.path)
        base = next((version.text for version in history if version.number == sheet.base), None)
        with self._state:
            open_diff(f"第 {sheet.base} 版 → 第 {sheet.number} 版", base, sheet.live)

    async def _go_on(self, sheet: Sheet) -> None:
        if await self._editor.visit.may_act():
            editor = (
                self._editor.tests_text if sheet.path == self._editor.tests.path else self._editor.flow_text
            )
            await editor.rebase(sheet.number)
            await self._editor.recheck()

    # ── trouble of the editors ──────────────────────────────────────────────────────────────

    def saved(self) -> None:
        self._unsaved.clear()

    async def trouble(self, editor: TextEditor, path: str, told: Mapping[str, Any]) -> None:
        """What an editor could not do; see ``parts/editor.js``."""
        match told.get("code"):
            case "draft.elsewhere":
                self._unsaved_line(
                    "这份草稿在您的另一个窗口里改过了，这里的修改还没有存。",
                    ("用那边的", lambda: self._take_stored(editor, path)),
                    ("用这里的", editor.overwrite),
                )
            case "draft.kept":
                kept = str(told["text"])
                self._unsaved_line(
                    "这个浏览器里有上次没存上的文字，和服务器上的草稿不同。",
                    ("看差异", lambda: self._kept(path, kept)),
                    ("用没存上的", lambda: self._take_kept(editor, kept)),
                    ("不要了", lambda: self._forget(editor)),
                )
            case "account.required":
                self._unsaved_line("登录已过期，没有存上。您写的内容保存在这个浏览器里，登录后接着改。")
                with self._unsaved:
                    link("重新登录", "/login?next=/flows/", "small")
            case _:
                self._unsaved_line(f"没有存上：{told.get('detail') or told.get('code')}")

    def _unsaved_line(self, words: str, *ways: tuple[str, Handler]) -> None:
        self._unsaved.clear()
        with self._unsaved, box("banner unsaved"):
            text(words)
            for verb, do in ways:
                button(verb, do, "small")

    async def _take_stored(self, editor: TextEditor, path: str) -> None:
        editor.load(await open_sheet(self._editor.desk.store, path, self._editor.visit.account.name))
        self.saved()
        await self._editor.recheck()

    async def _kept(self, path: str, kept: str) -> None:
        sheet = await open_sheet(self._editor.desk.store, path, self._editor.visit.account.name)
        with self._unsaved:
            open_diff("服务器上的 → 没存上的", sheet.text, kept)

    def _take_kept(self, editor: TextEditor, kept: str) -> None:
        self.saved()
        editor.replace(kept)

    def _forget(self, editor: TextEditor) -> None:
        self.saved()
        editor.run_method("forget")
