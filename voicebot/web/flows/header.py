"""The head of the editor: which flow, in what state, and what may be done with it."""

import re
from typing import TYPE_CHECKING, Final

from voicebot.web.flows.diffs import open_diff
from voicebot.web.flows.publish_dialog import ask_note
from voicebot.web.flows.sheets import Sheet
from voicebot.web.shell.widgets import able, box, button, link, tell, text

if TYPE_CHECKING:
    from voicebot.web.flows.desk import Verdict
    from voicebot.web.flows.editor import Editor

_TITLE: Final = re.compile(r"^title:[ \t]*(.+?)[ \t]*(?:#.*)?$", re.MULTILINE)


def title_of(content: str) -> str:
    """What people call a flow, read from its text even while that has mistakes; "" when it says none."""
    found = _TITLE.search(content)
    return found[1].strip("\"' ") if found else ""


class Header:
    def __init__(self, editor: "Editor") -> None:
        self._editor = editor
        self._shown: object = None
        with box("head", "header"):
            link("← 流程列表", "/flows/", "back")
            self._title = text("", tag="h1")
            self._name = text("", "name")
            self._badges = box("badges")
            self._check = text("正在检查…", "check")
            self._check.props["role"] = "status"
            with box("actions"):
                self._diff = button("草稿改了什么", self._show_changes, hint="与正在使用的版本比较")
                self._drop = button("放弃草稿", self._ask_drop)
                self._publish = button("发布…", editor.releaser.ask, "primary", "Ctrl+Shift+Enter")

    def show(self, flow: Sheet, tests: Sheet, verdict: "Verdict | None", wrong_tests: int) -> None:
        if (shown := (flow, tests, verdict, wrong_tests)) == self._shown:
            return
        self._shown = shown
        name = flow.path.rsplit("/", 1)[-1].removesuffix(".yaml")
        self._title.set_text(title_of(flow.text) or name)
        self._name.set_text(name)
        self._badges.clear()
        with self._badges:
            text(f"第 {flow.number} 版" if flow.live is not None else "还没有发布", "badge")
            if flow.trial:
                text("试用中", "badge trial")
            if flow.draft or tests.draft:
                text("有未发布的草稿", "badge draft")
        self._show_check(verdict, wrong_tests)
        changed = flow.draft or tests.draft
        able(self._diff, changed)
        able(self._drop, changed)
        able(self._publish, changed and verdict is not None and not verdict.errors)

    def _show_check(self, verdict: "Verdict | None", wrong_tests: int) -> None:
        if verdict is None:
            return
        errors = verdict.errors + wrong_tests
        parts = [f"{errors} 个错误"] if errors else []
        parts += [f"{verdict.warnings} 个警告"] if verdict.warnings else []
        self._check.set_text("，".join(parts) if parts else "没有错误")
        self._check.classes(replace="check " + ("bad" if errors else "doubtful" if parts else "good"))

    def _show_changes(self) -> None:
        flow, tests = self._editor.flow, self._editor.tests
        if flow.draft:
            open_diff(f"{flow.path}：正在使用的第 {flow.number} 版 → 我的草稿", flow.live, flow.text)
        if tests.draft:
            open_diff(f"{tests.path}：正在使用的第 {tests.number} 版 → 我的草稿", tests.live, tests.text)

    def _ask_drop(self) -> None:
        ask_note(
            "放弃草稿",
            "您没有发布的修改会删除，回到正在使用的版本。",
            "放弃",
            self._drop_drafts,
            "放弃草稿",
        )

    async def _drop_drafts(self, _note: str) -> None:
        editor = self._editor
        if not await editor.visit.may_act():
            return
        for sheet in (editor.flow, editor.tests):
            await editor.desk.store.drop_draft(sheet.path, sheet.author)
        await editor.read()
        editor.flow_text.load(editor.flow)
        editor.tests_text.load(editor.tests)
        await editor.recheck()
        tell("草稿已放弃", "info")
