"""A corpus of broken flows (``tests/flows/broken``), as people break them: each file says in its first lines
what must be found, word for word, and nothing else may be."""

import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from tests.flows.caller import ROOT, catalogue, shipped_texts
from voicebot.core.catalogue import Catalogue
from voicebot.core.problem import ContentError, Problem
from voicebot.dialogue import load_flows

BROKEN = sorted((ROOT / "tests/flows/broken").glob("*.yaml"))
EXPECT = re.compile(r"# expect (\S+) (.*)")
"""Line and column here, or the path of a shipped file (whose lines may move), and what is told."""
ENGLISH = re.compile(r"\b(?:while|could|mapping|token|should|did|expected|scanning|parsing|valid|found)\b")
"""Words of PyYAML's and pydantic's own messages."""


def city() -> Catalogue:
    """Operator's settings known, so that names in them are checked too."""
    shipped = catalogue()
    skilled = replace(shipped.city, skills=("税务", "社保"))
    return replace(shipped, city=skilled, notify_targets=("sms", "车主"), numbers=("12333", "12315"))


def problems(texts: Mapping[str, str]) -> tuple[Problem, ...]:
    try:
        return load_flows(texts, city()).warnings
    except ContentError as error:
        return error.problems


def expected(text: str) -> list[str]:
    lines = re.split(r"\r\n|\n", text.removeprefix("\ufeff"))
    return sorted(f"{match[1]} {match[2]}" for line in lines if (match := EXPECT.fullmatch(line)))


def told(problem: Problem, path: str) -> str:
    place, _, words = str(problem).partition(" ")
    return f"{place.removeprefix(path + ':') if problem.path == path else problem.path} {words}"


def test_there_are_enough() -> None:
    assert len(BROKEN) >= 60


@pytest.mark.parametrize("file", BROKEN, ids=lambda file: file.stem)
def test_each_mistake_is_told_as_expected_and_no_other(file: Path) -> None:
    path, text = f"ivr_flows/{file.name}", file.read_bytes().decode()
    wanted = expected(text)
    assert wanted, "nothing is expected"
    found = problems({**shipped_texts(), path: text})
    assert sorted(told(problem, path) for problem in found) == wanted, "\n".join(map(str, found))
    for problem in found:
        assert not ENGLISH.search(re.sub(r"「[^」]*」|可用：.*", "", problem.message + problem.suggestion))
