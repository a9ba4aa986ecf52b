"""The editor's window: its parts, and what happens when the author types, clicks or asks."""

import asyncio
from collections.abc import Mapping
from typing import Any, Final

from nicegui import ui

from voicebot.core.problem import ContentError, Problem
from voicebot.dialogue.trying.coverage import Report
from voicebot.dialogue.trying.script_file import load_scripts
from voicebot.operations.content_changes import merged
from voicebot.web.flows.banners import Banners
from voicebot.web.flows.desk import Verdict, judged, local_now, tried
from voicebot.web.flows.drawing_panel import DrawingPanel
from voicebot.web.flows.elements import PUBLISH, RUN, Mark, TextEditor, marks_of
from voicebot.web.flows.header import Header
from voicebot.web.flows.places import Outline, outline
from voicebot.web.flows.problems_panel import ProblemsPanel
from voicebot.web.flows.release import Releaser
from voicebot.web.flows.sheets import Sheet, open_sheet
from voicebot.web.flows.simulator_panel import SimulatorPanel
from voicebot.web.flows.tests_panel import TestsPanel
from voicebot.web.flows.versions_panel import VersionsPanel
from voicebot.web.flows.vocabulary import Vocabulary
from voicebot.web.flows.who import Visit
from voicebot.web.shell.tabs import Tabs
from voicebot.web.shell.widgets import box, tell

LOOK_AROUND: Final = 5.0
"""Seconds between looks for what others do."""


class Editor:
    """One open page. What it shows is read from the store; `flow` and `tests` are what was read last."""

    def __init__(self, visit: Visit, flow: Sheet, tests: Sheet, words: Vocabulary) -> None:
        self.visit = visit
        self.desk = visit.desk
        self.flow, self.tests = flow, tests
        self.verdict: Verdict | None = None
        self.report: Report | None = None
        self._outline: Outline | None = outline(flow.path, flow.text)
        self._test_problems: tuple[Problem, ...] = ()
        self._checks = asyncio.Lock()
        self._wishes = self._granted = 0
        self._tried: tuple[str, str] | None = None
        self._known: object = None
        self._words = words
        self.releaser = Releaser(self)
        with box("flows editor") as page:
            self.header = Header(self)
            self.banners = Banners(self)
            with box("desk"):
                with box("left"):
                    self._build_texts()
                    self.problems = ProblemsPanel(self.go)
                with box("right"):
                    self.drawing = DrawingPanel(self._to_step)
                    self._build_tools()
        page.on("keydown.ctrl.s.prevent", self._save, args=[])
        page.on("keydown.meta.s.prevent", self._save, args=[])
        page.on("keydown.ctrl.enter.prevent", self.run_tests, args=[])
        self._timer = ui.timer(LOOK_AROUND, self._look_around, immediate=False)

    def _build_texts(self) -> None:
        self.texts = Tabs("文字")
        with self.texts.add("flow", "流程"):
            self.flow_text = self._text(self.flow, "流程的文字（YAML）", self._words)
            self.flow_text.listen("cursor", self._on_cursor)
        with self.texts.add("tests", "测试通话"):
            self.tests_text = self._text(self.tests, "测试通话的文字（YAML）")

    def _text(self, sheet: Sheet, label: str, words: Vocabulary | None = None) -> TextEditor:
        made = TextEditor(sheet, label, words).classes("text")
        made.listen("saved", self._on_saved)
        made.listen("trouble", lambda told: self.banners.trouble(made, sheet.path, told))
        made.listen("key", self._on_key)
        return made

    def _build_tools(self) -> None:
        self.tools = Tabs("工具")
        with self.tools.add("call", "试打电话"):
            self.simulator = SimulatorPanel(self.desk, self.drawing.walked)
        with self.tools.add("tests", "运行测试"):
            self.results = TestsPanel(self.run_tests, self.go)
        with self.tools.add("versions", "版本记录"):
            self.versions = VersionsPanel(self.desk, self.releaser.go_back)

    # ── what happens ────────────────────────────────────────────────────────────────────────

    async def began(self) -> None:
        """The page is in the browser: now what takes time."""
        await self.recheck()
        if self.verdict is not None and self.verdict.flow is None and self.flow.live is not None:
            self.drawing.show((await judged(self.desk, self.flow.path, {})).flow)  # the draft has errors
            self.drawing.show(None)
        await self.versions.show(self.flow, self.tests)

    async def _on_saved(self, _told: Mapping[str, Any]) -> None:
        if await self.visit.may_act():
            self.banners.saved()
            await self.recheck()

    async def _on_cursor(self, told: Mapping[str, Any]) -> None:
        if self._outline is not None:
            self.drawing.highlight(self._outline.step_at(int(told["line"])))

    async def _on_key(self, told: Mapping[str, Any]) -> None:
        match told["key"]:
            case key if key == RUN:
                await self.run_tests()
            case key if key == PUBLISH:
                await self.releaser.ask()
            case _:
                await self._save()

    async def _save(self) -> None:
        """Saves at once; the check follows from it."""
        if await self.flush():
            await self.recheck()
            tell("已保存草稿并检查", "positive")

    async def flush(self) -> bool:
        """Everything typed is stored; False (and a banner) when it is not."""
        return await self.flow_text.flush() and await self.tests_text.flush()

    def go(self, path: str, line: int) -> None:
        """Shows a line of one of the two texts."""
        tests = path == self.tests.path
        self.texts.show("tests" if tests else "flow")
        (self.tests_text if tests else self.flow_text).reveal(max(line, 1))

    def _to_step(self, step: str) -> None:
        if self._outline is not None and (line := self._outline.line_of(step)):
            self.go(self.flow.path, line)

    async def _look_around(self) -> None:
        """Others edit and publish meanwhile."""
        if await self._news() == self._known:
            return
        flow, tests = self.flow, self.tests
        await self.read()
        for was, now, shown in ((flow, self.flow, self.flow_text), (tests, self.tests, self.tests_text)):
            if not was.draft and not now.draft and was.live != now.live:
                shown.follow(now)
        if _live_of(self.flow, self.tests) != _live_of(flow, tests):
            await self.versions.show(self.flow, self.tests)
            await self.recheck()
        self._show_state()

    # ── reading and checking ────────────────────────────────────────────────────────────────

    async def _news(self) -> object:
        """Changes with whatever may have changed in the store."""
        store = self.desk.store
        return await store.revision(), await store.drafts(self.flow.path), await store.drafts(self.tests.path)

    async def read(self) -> None:
        store, author = self.desk.store, self.visit.account.name
        self._known = await self._news()
        self.flow = await open_sheet(store, self.flow.path, author)
        self.tests = await open_sheet(store, self.tests.path, author)

    async def recheck(self) -> None:
        """Checks the texts as stored; while one check runs, any number of wishes make one more."""
        self._wishes += 1
        mine = self._wishes
        async with self._checks:
            if self._granted < mine:
                self._granted = self._wishes
                await self._check()

    async def _check(self) -> None:
        await self.read()
        self.verdict = await judged(self.desk, self.flow.path, {self.flow.path: self.flow.text})
        self._outline = await asyncio.to_thread(outline, self.flow.path, self.flow.text) or self._outline
        self._test_problems = await asyncio.to_thread(_test_problems, self.verdict, self.tests)
        if self._tried != (self.flow.text, self.tests.text):
            self.report = None
        self._show_verdict(self.verdict)
        if self.verdict.brain is not None and (flow := self.verdict.flow) is not None:
            await self.simulator.show(self.verdict.brain, flow.name)

    def _show_verdict(self, verdict: Verdict) -> None:
        problems = (*verdict.problems, *self._test_problems)
        self.problems.show(problems, (self.flow.path, self.tests.path))
        self.mark()
        self.drawing.show(verdict.flow)
        self._show_state()

    def mark(self) -> None:
        """Colours lines: problems, and ways no test call has taken."""
        assert self.verdict is not None
        marks = marks_of(self.verdict.problems, self.flow.path)
        failed = marks_of(self.report.failures, self.tests.path) if self.report else []
        if self.report and self._outline:
            lines = {self._outline.line_of(way.node, way.field) for way in self.report.coverage[0].missing}
            marks += [Mark(line, "uncovered") for line in sorted(lines - {mark.line for mark in marks})]
        self.flow_text.show_marks(marks)
        self.tests_text.show_marks([*marks_of(self._test_problems, self.tests.path), *failed])

    def _show_state(self) -> None:
        self.header.show(self.flow, self.tests, self.verdict, len(self._test_problems))
        self.banners.show(self.flow, self.tests)

    # ── test calls ──────────────────────────────────────────────────────────────────────────

    async def run_tests(self) -> None:
        """Makes the test calls on the text as it is typed."""
        if not await self.visit.may_act() or not await self.flush():
            return
        self.tools.show("tests")
        self.results.running()
        await self.recheck()
        verdict = self.verdict
        if verdict is None or verdict.brain is None or (flow := verdict.flow) is None:
            self.results.impossible("流程有错误，改好后才能打测试电话")
            return
        live = await self.desk.store.live()
        texts = merged(live.texts, {self.tests.path: self.tests.text})
        at = local_now(self.desk, verdict.brain)
        try:
            self._tried = (self.flow.text, self.tests.text)
            self.report = await asyncio.to_thread(tried, verdict.brain, texts, at, flow.name)
        except ContentError as error:
            self.results.impossible("测试通话有错误", error.problems)
            return
        if self._outline is not None:
            self.results.show(self.report, self.flow.path, self._outline)
        self.mark()


def _live_of(*sheets: Sheet) -> list[tuple[int, int]]:
    return [(sheet.number, sheet.trial) for sheet in sheets]


def _test_problems(verdict: Verdict, tests: Sheet) -> tuple[Problem, ...]:
    """Of the test calls; they are judged by flows without errors."""
    if verdict.brain is None:
        return ()
    try:
        load_scripts({tests.path: tests.text}, verdict.brain.flows)
    except ContentError as error:
        return error.problems
    return ()
