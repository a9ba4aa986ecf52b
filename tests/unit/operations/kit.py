"""A toy content: each file is a list of names it needs; a whole is valid when all are there."""

from collections.abc import Mapping, Sequence
from typing import Final

from voicebot.core.problem import Problem, Severity

MAIN: Final = "ivr_flows/main.yaml"
TICKET: Final = "ivr_flows/ticket.yaml"
CAR: Final = "ivr_flows/挪车.yaml"
TESTS: Final = "ivr_flows/main.test.yaml"
TEXTS: Final = {MAIN: "greeting 1\nneeds ticket\n", TICKET: "questions 1\n"}


def needs(texts: Mapping[str, str]) -> Sequence[Problem]:
    """Implements `Check`: ``needs X`` wants ``ivr_flows/X.yaml``, ``odd`` is doubtful."""
    found = []
    for path, text in sorted(texts.items()):
        for line, words in enumerate(text.splitlines(), start=1):
            if words.startswith("needs ") and f"ivr_flows/{words[6:]}.yaml" not in texts:
                found.append(Problem(path, line, 1, "flow.unknown_flow", f"没有流程「{words[6:]}」"))
            if words == "odd":
                found.append(Problem(path, line, 1, "flow.odd", "少见", severity=Severity.WARNING))
    return found
