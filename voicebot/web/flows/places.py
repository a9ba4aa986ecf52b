"""Where the steps of a flow stand in its text."""

from bisect import bisect_right
from dataclasses import dataclass
from itertools import pairwise

from voicebot.core.marked_yaml import Location, MarkedYaml, read_yaml
from voicebot.core.problem import ContentError


@dataclass(frozen=True)
class Outline:
    """Lines are 1-based.

    Args:
        document: the text, read.
        steps: (first line, step) in the order of the text.
        end: first line behind the steps.
    """

    document: MarkedYaml
    steps: tuple[tuple[int, str], ...]
    end: int

    def line_of(self, step: str, field: Location = ()) -> int:
        """Where a step (or a field of it) stands; 0 for a step that is not there."""
        known = any(name == step for _, name in self.steps)
        return self.document.mark(("steps", step, *field))[0] if known else 0

    def step_at(self, line: int) -> str:
        """The step that a line belongs to, "" for none."""
        if line >= self.end:
            return ""
        place = bisect_right([first for first, _ in self.steps], line)
        return self.steps[place - 1][1] if place else ""


def outline(path: str, text: str) -> Outline | None:
    """None for a text that cannot be read, or has no steps yet."""
    try:
        document = read_yaml(path, text)
    except ContentError:
        return None
    found = [
        (line, str(place[1]))
        for place, (line, _) in document.marks.items()
        if len(place) == 2 and place[0] == "steps"
    ]
    if not found:
        return None
    roots = sorted((line, place[0]) for place, (line, _) in document.marks.items() if len(place) == 1)
    after = [(name, following) for (_, name), (following, _) in pairwise(roots)]
    end = next((line for name, line in after if name == "steps"), text.count("\n") + 2)
    return Outline(document, tuple(sorted(found)), end)
