"""`voicebot kb dispatch`: a sentence, and a labelled set, with the real understanding."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from tests.fakes.directories import shipped
from voicebot.cli import main

pytestmark = pytest.mark.integration

ROOT = Path(__file__).parents[3]


def run(*arguments: str) -> str:
    result = CliRunner().invoke(main, ["kb", "dispatch", "--content", str(ROOT), *arguments])
    assert result.exit_code == 0, result.output
    return result.output


def test_a_sentence_is_told_where_it_would_go_and_why() -> None:
    (told,) = json.loads(run("--json", "小区电梯停运三天没人修"))
    assert told["automatic"]
    assert told["category"] == "住房建设/物业管理/小区电梯"
    assert told["suggestions"][0]["department"] == "市住房和城乡建设局"
    assert told["suggestions"][0]["helpers"] == ["市市场监督管理局"]
    shown = run("我想反映点事情")
    assert "由派单员定" in shown


@pytest.mark.parametrize("name", ["blind", "dev"])
def test_what_goes_out_by_itself_is_right(name: str) -> None:
    report = json.loads(run("--json", "--set", str(ROOT / "tests" / "eval" / name)))
    (now,) = [step for step in report["steps"] if step["automatic"] == shipped().automatic]
    assert now["precision"] >= 0.95
    assert now["share"] >= 0.6
    assert report["first_three"] >= 0.93


def test_something_to_look_at_is_needed() -> None:
    result = CliRunner().invoke(main, ["kb", "dispatch"])
    assert result.exit_code == 2
    assert "--set" in result.output
