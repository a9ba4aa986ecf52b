"""测试通话: runs the flow's test calls; what failed, and which ways no call has taken."""

from collections.abc import Callable, Sequence
from typing import Final

from voicebot.core.problem import Problem
from voicebot.dialogue.drawing import WORDS
from voicebot.dialogue.trying.coverage import Report, line_of
from voicebot.web.flows.places import Outline
from voicebot.web.shell.widgets import Handler, box, button, text

MOST: Final = 40
_WAYS: Final = {**WORDS, "next": "往下", "no_input": "不出声", "no_match": "没听懂", "flow": "进入流程"}


class TestsPanel:
    """Args: run: runs the calls; go: called with path and line."""

    __test__ = False

    def __init__(self, run: Handler, go: Callable[[str, int], None]) -> None:
        self._go = go
        with box("tests"):
            with box("bar"):
                button("运行测试通话", run, "primary", "Ctrl+Enter")
                self._summary = text("还没有运行", "note")
            self._list = box("result-list", "ul")

    def running(self) -> None:
        self._summary.set_text("正在打测试电话…")

    def impossible(self, why: str, problems: Sequence[Problem] = ()) -> None:
        """There is nothing to run, or it cannot be run."""
        self._summary.set_text(why)
        self._list.clear()
        with self._list:
            for problem in problems[:MOST]:
                self._failure(problem)

    def show(self, report: Report, path: str, outline: Outline) -> None:
        """Args: path: of the flow; its ways are shown at their lines."""
        covered = report.coverage[0]
        failed = {one.script.name for one in report.played if one.failures}
        good = len(report.played) - len(failed)
        calls = f"{len(report.played)} 通：{good} 通过" + (f"，{len(failed)} 没通过" if failed else "")
        taken = covered.ways - len(covered.missing)
        self._summary.set_text(f"{calls} · 走过 {taken}/{covered.ways} 条路（{covered.percent:.0f}%）")
        self._list.clear()
        with self._list:
            for problem in report.failures[:MOST]:
                self._failure(problem)
            for way in covered.missing[:MOST]:
                line = line_of(way, outline.document)
                field = " → ".join(_WAYS.get(str(part), str(part)) for part in way.field)
                self._row("uncovered", path, line, f"没有试过：{way.node} → {field}")
            if not report.failures and not covered.missing and report.played:
                with box("fine", "li"):
                    text("✓ 全部通过，每条路都走过")

    def _failure(self, problem: Problem) -> None:
        words = problem.message + (f"，{problem.suggestion}" if problem.suggestion else "")
        self._row("error", problem.path, problem.line, words)

    def _row(self, kind: str, path: str, line: int, words: str) -> None:
        with box(kind, "li"):
            button(f"第 {line} 行", lambda: self._go(path, line), "place")
            text(words, "what")
