"""Our own elements: the text editor and the drawing (their other halves are in ``parts/``)."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from nicegui.element import Element
from nicegui.elements import codemirror, mermaid
from nicegui.events import GenericEventArguments

from voicebot.core.problem import Problem, Severity
from voicebot.web.flows.line_ends import plain
from voicebot.web.flows.sheets import Sheet
from voicebot.web.flows.vocabulary import Vocabulary

SAVE: Final = "Mod-s"
RUN: Final = "Mod-Enter"
PUBLISH: Final = "Mod-Shift-Enter"
_LONGEST_REMARK: Final = 60
_PARTS: Final = Path(__file__).parent / "parts"
_BUNDLES: Final = (codemirror, mermaid)
"""Their bundles are what our own elements import; importing the modules registers them."""

Listener = Callable[[Mapping[str, Any]], Any]


@dataclass(frozen=True, slots=True)
class Mark:
    """A coloured line; `kind`: error, warning, uncovered."""

    line: int
    kind: str
    text: str = ""


class TextEditor(Element, component=_PARTS / "editor.js"):
    """Edits a sheet; saves by itself to `draft_api`.

    Args:
        words: what is completed and explained; None: nothing.
    """

    def __init__(self, sheet: Sheet, label: str, words: Vocabulary | None) -> None:
        super().__init__()
        self.props.update(
            {
                "path": sheet.path,
                "text": plain(sheet.text),
                "seen": sheet.seen,
                "base": sheet.base,
                "url": "/flows/draft",
                "keys": [SAVE, RUN, PUBLISH],
                "label": label,
                "words": words,
            }
        )

    def listen(self, name: str, listener: Listener) -> None:
        """`name`: ``saved``, ``cursor`` {line}, ``key`` {key}, ``trouble`` {code, …}."""

        async def heard(event: GenericEventArguments) -> None:
            await listener(event.args)

        self.on(name, heard)

    async def flush(self) -> bool:
        """Saves what is typed; False when that was not possible."""
        return bool(await self.run_method("flush", timeout=10))

    async def overwrite(self) -> None:
        await self.run_method("overwrite", timeout=10)

    async def rebase(self, base: int) -> None:
        await self.run_method("rebase", base, timeout=10)

    def load(self, sheet: Sheet) -> None:
        """Shows another text instead."""
        self.run_method("load", plain(sheet.text), sheet.seen, sheet.base)

    def follow(self, sheet: Sheet) -> None:
        """Shows another text unless something is typed that is not saved yet."""
        self.run_method("follow", plain(sheet.text), sheet.seen, sheet.base)

    def replace(self, text: str) -> None:
        """Goes on with another text, as if it had been typed."""
        self.run_method("replace", plain(text))

    def reveal(self, line: int) -> None:
        self.run_method("reveal", line)

    def show_marks(self, marks: Sequence[Mark]) -> None:
        self.run_method("setMarks", [{"line": m.line, "kind": m.kind, "text": m.text} for m in marks])


class DrawingElement(Element, component=_PARTS / "drawing.js"):
    """A Mermaid picture whose nodes are called n0, n1 …"""

    def __init__(self, content: str, label: str) -> None:
        super().__init__()
        self.props.update({"content": content, "label": label})


def marks_of(problems: Sequence[Problem], path: str) -> list[Mark]:
    """The first problem of each line of a file."""
    found: dict[int, Mark] = {}
    for problem in problems:
        if problem.path == path and problem.line and problem.line not in found:
            kind = "warning" if problem.severity is Severity.WARNING else "error"
            words = (
                problem.message.rsplit("：", 1)[-1]
                if len(problem.message) > _LONGEST_REMARK
                else problem.message
            )
            found[problem.line] = Mark(problem.line, kind, words)
    return list(found.values())
