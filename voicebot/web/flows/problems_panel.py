"""The list of problems below the editor; a click leads to the line."""

from collections.abc import Callable, Sequence
from typing import Final

from voicebot.core.problem import Problem, Severity
from voicebot.web.flows.listing import page_of
from voicebot.web.shell.widgets import box, link, text

MOST: Final = 60


class ProblemsPanel:
    """Args: go: called with the path and line of a problem."""

    def __init__(self, go: Callable[[str, int], None]) -> None:
        self._go = go
        with box("problems", "section") as section:
            section.props.update({"aria-label": "问题", "aria-live": "polite"})
            self._list = box("problem-list", "ul")

    def show(self, problems: Sequence[Problem], own: Sequence[str]) -> None:
        """Args: own: paths that are open in this page."""
        self._list.clear()
        with self._list:
            if not problems:
                with box("fine", "li"):
                    text("✓ 没有发现问题，可以试打和发布")
            for problem in problems[:MOST]:
                self._row(problem, own)
            if len(problems) > MOST:
                with box("more", "li"):
                    text(f"还有 {len(problems) - MOST} 个问题，先改前面的")

    def _row(self, problem: Problem, own: Sequence[str]) -> None:
        kind = "warning" if problem.severity is Severity.WARNING else "error"
        with box(kind, "li"):
            file = "" if problem.path == own[0] else problem.path.rsplit("/", 1)[-1]
            place = (
                f"{file}:{problem.line}" if file else (f"第 {problem.line} 行" if problem.line else "全文")
            )
            if problem.path in own or not problem.path.startswith("ivr_flows/"):
                with box("place", "button") as go:
                    go.props["type"] = "button"
                    text(place)
                go.on("click", lambda: self._go(problem.path, problem.line))
            else:
                name = problem.path.split("/")[-1].split(".")[0]
                link(place, page_of(name), "place")
            with box("what"):
                text(problem.message)
                if problem.suggestion:
                    text(f"，{problem.suggestion}", "hint")
                text(problem.code, "code")
