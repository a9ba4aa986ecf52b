"""The JSON Schema of test calls: committed as it is, true of the shipped files, and it sees mistakes."""

from typing import Any

import pytest
import yaml
from click.testing import CliRunner
from jsonschema import Draft202012Validator

from tests.flows.caller import ROOT
from tests.unit.dialogue.test_json_schema import _Core
from tests.unit.dialogue.trying.test_scripts import BROKEN, CALLS, WRONG
from voicebot.cli import main
from voicebot.dialogue.trying.script_schema import FILE_NAME, HINTS, script_schema, script_schema_text

CHECKER = Draft202012Validator(script_schema())
FILES = sorted((ROOT / "ivr_flows").glob("*.test.yaml"))
UNSEEN = ("指错", "没有写做什么")
"""Calls whose mistakes a schema does not see: names that are not there, a step that does nothing."""


def read(text: str) -> Any:
    return yaml.load(text, Loader=_Core)


def test_the_committed_schema_is_this_one() -> None:
    assert (ROOT / "ivr_flows" / FILE_NAME).read_text(encoding="utf-8") == script_schema_text()
    assert CliRunner().invoke(main, ["flow", "schema", "--tests"]).stdout == script_schema_text()


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.name))
def test_shipped_test_calls_are_right_in_an_editor(path: Any) -> None:
    text = path.read_text(encoding="utf-8")
    assert text.startswith(f"# yaml-language-server: $schema={FILE_NAME}\n")
    assert [error.message for error in CHECKER.iter_errors(read(text))] == []


@pytest.mark.parametrize("text", [WRONG, CALLS])
def test_what_the_loader_takes_is_taken(text: str) -> None:
    assert CHECKER.is_valid(read(text))


@pytest.mark.parametrize("text", [text for text in BROKEN if not any(word in text for word in UNSEEN)])
def test_mistakes_are_seen_in_an_editor(text: str) -> None:
    assert not CHECKER.is_valid(read(text))


def test_every_key_is_explained() -> None:
    shapes = {name: part for name, part in script_schema()["$defs"].items() if name.endswith("Shape")}
    keys = {key for part in shapes.values() for key in part.get("properties", {})}
    facts = set(shapes["FactsShape"]["properties"])
    assert keys - facts <= set(HINTS)
