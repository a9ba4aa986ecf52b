"""A flow file on its way through the checker."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from rapidfuzz import fuzz, process

from voicebot.core.marked_yaml import Location, MarkedYaml
from voicebot.core.problem import Problem, Severity
from voicebot.core.schema_words import field_name
from voicebot.dialogue.flow_file import FlowFile
from voicebot.dialogue.schema import Step


@dataclass(frozen=True)
class Source:
    """A file as far as its shape is right.

    Args:
        nodes: the steps whose shape is right.
        whole: all steps are among them; if not, what follows from the graph is not judged.
        partial: what is right of the other steps; what they lack is not judged.
        unsure: keys of the file that hold a mistake of their own and less than the author wrote; what
            they lack is not judged.
        astray: names of steps that stand where none may; what leads to them is right.
    """

    document: MarkedYaml
    file: FlowFile
    nodes: dict[str, Step]
    whole: bool
    partial: Mapping[str, Step] = field(default_factory=lambda: MappingProxyType({}))
    unsure: frozenset[str] = frozenset()
    astray: frozenset[str] = frozenset()

    @property
    def clean(self) -> bool:
        """Nothing is wrong with its shape."""
        return self.whole and not self.unsure and not self.document.problems

    def sure(self, *keys: str) -> bool:
        """These keys hold all that the author wrote."""
        return self.unsure.isdisjoint(keys)

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
            return f"节点 {shown(name)}："
        case ("steps", name, *rest):
            return f"节点 {shown(name)} → 字段 {field_name(tuple(rest))}："
        case ():
            return ""
        case _:
            return f"字段 {field_name(place)}："


def item_of(source: Source, place: Location, index: int) -> Location:
    """The place of one word, which may be written without the list it stands in."""
    return (*place, index) if (*place, index) in source.document.marks else place


LONGEST_SHOWN = 30
LEAST_LIKE = 68.0
LEAST_LIKE_HANZI = 50.0
"""Percent: adress and address 92, nmae and name 75, fone and owner 67; 税物 and 税务 50."""


def shown(text: object) -> str:
    """A word of the author's for a message, cut where it is long."""
    word = str(text)
    return word if len(word) <= LONGEST_SHOWN else word[:LONGEST_SHOWN] + "…"


def nearest(word: str, known: Iterable[str]) -> str:
    """A suggestion, "" when nothing is near."""
    if not 0 < len(word) <= 3 * LONGEST_SHOWN:
        return ""
    least = LEAST_LIKE if word.isascii() else LEAST_LIKE_HANZI
    found = process.extractOne(word, sorted(known), scorer=fuzz.ratio, score_cutoff=least)
    return f"是否指 {found[0]}？" if found else ""
