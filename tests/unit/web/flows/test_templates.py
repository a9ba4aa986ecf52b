"""Templates of new flows pass the checker as they stand, whatever they are called."""

from functools import cache
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from voicebot.adapters.files.content import read_texts
from voicebot.bootstrap.brain import BrainMaker, user_shelf
from voicebot.core.marked_yaml import read_yaml
from voicebot.web.flows.new_flow import why_not
from voicebot.web.flows.templates import TEMPLATES, filled

ROOT = Path(__file__).parents[4]


@cache
def maker() -> BrainMaker:
    return BrainMaker(shelf=user_shelf())


@pytest.mark.parametrize("key", TEMPLATES)
def test_a_template_is_a_valid_flow_without_warnings(key: str) -> None:
    path = "ivr_flows/fresh.yaml"
    brain = maker().from_texts({**read_texts(ROOT), path: filled(key, "fresh", "新的服务")})
    assert "fresh" in brain.flows.flows
    assert [problem for problem in brain.flows.warnings if problem.path == path] == []


@given(st.text(max_size=20))
@settings(max_examples=200)
def test_any_title_leaves_readable_yaml(title: str) -> None:
    document = read_yaml("x.yaml", filled("notice", "fresh", title))
    assert isinstance(document.value, dict)
    assert document.value["title"]


def test_names_of_new_flows() -> None:
    assert why_not("move_car", {"main"}) == ""
    assert "已经有" in why_not("main", {"main"})
    for bad in ("", "挪车", "Move", "a b", "../x", "x" * 40, "1st"):
        assert "小写英文" in why_not(bad, set())
