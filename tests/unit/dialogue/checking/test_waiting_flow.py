"""What the flow of a caller who waits for a person must have."""

from tests.flows.caller import catalogue, shipped_texts
from voicebot.core.problem import ContentError, Problem
from voicebot.dialogue import load_flows

PATH = "ivr_flows/waiting.yaml"


def problems(before: str, after: str) -> tuple[Problem, ...]:
    texts = shipped_texts()
    assert before in texts[PATH]
    try:
        return load_flows({**texts, PATH: texts[PATH].replace(before, after)}, catalogue()).warnings
    except ContentError as error:
        return error.problems


def test_it_has_anchors_of_its_own() -> None:
    text = shipped_texts()[PATH]
    block = text[text.index("anchors:") : text.index("steps:")]
    assert "flow.waiting_without_anchors" in {problem.code for problem in problems(block, "")}


def test_its_home_listens() -> None:
    (problem,) = problems("home: listen", "home: fine")
    assert (problem.code, problem.path) == ("flow.waiting_home", PATH)
