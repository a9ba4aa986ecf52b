"""A flow file on its way through the checker."""

from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches

from voicebot.core.marked_yaml import Location, MarkedYaml
from voicebot.core.problem import Problem, Severity
from voicebot.dialogue.flow_file import FlowFile
from voicebot.dialogue.schema import Step


@dataclass(frozen=True)
class Source:
    """A file whose shape is right.

    Args:
        nodes: the steps whose shape is right.
        whole: all steps are among them; if not, what follows from the graph is not judged.
    """

    document: MarkedYaml
    file: FlowFile
    nodes: dict[str, Step]
    whole: bool

    @property
    def path(self) -> str:
        return self.document.path

    def error(self, place: Location, code: str, message: str, suggestion: str = "") -> Problem:
        """A finding; places inside a step are named in the message as authors know them."""
        return self.document.problem(place, code, _where(place) + message, suggestion)

    def warning(self, place: Location, code: str, message: str, suggestion: str = "") -> Problem:
        line, column = self.document.mark(place)
        text = _where(place) + message
        return Problem(self.path, line, column, code, text, suggestion, Severity.WARNING)


def _where(place: Location) -> str:
    match place:
        case ("steps", name):
            return f"节点 {name}："
        case ("steps", name, *rest):
            return f"节点 {name} → 字段 {'.'.join(str(part) for part in rest)}："
        case ():
            return ""
        case _:
            return f"字段 {'.'.join(str(part) for part in place)}："


def nearest(word: str, known: Iterable[str]) -> str:
    """A suggestion, "" when nothing is near."""
    close = get_close_matches(word, list(known), n=1, cutoff=0.5)
    return f"是否指 {close[0]}？" if close else ""
