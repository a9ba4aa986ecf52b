"""`voicebot kb dispatch`: a sentence, and a labelled set, with the real understanding."""

import json
import shutil
from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner

from tests.fakes.directories import shipped
from voicebot.bootstrap.brain import NOT_KNOWN
from voicebot.cli import main
from voicebot.cli.check import findings

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


def test_check_names_the_line_of_a_mistake(tmp_path: Path) -> None:
    for name in ("ivr_flows", "knowledge_base"):
        shutil.copytree(ROOT / name, tmp_path / name)
    file = tmp_path / "knowledge_base" / "dispatch.yaml"
    lines = file.read_text(encoding="utf-8").splitlines()
    wrong = next(i for i, line in enumerate(lines) if line.startswith("    main: "))
    lines[wrong] = "    main: 没有这个局"
    file.write_text("\n".join(lines), encoding="utf-8")
    found = findings(tmp_path, date(2026, 11, 24), NOT_KNOWN)
    place = ("knowledge_base/dispatch.yaml", wrong + 1, "dispatch.unknown_department")
    assert place in [(problem.path, problem.line, problem.code) for problem in found]
