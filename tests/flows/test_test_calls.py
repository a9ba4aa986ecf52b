"""`voicebot flow test` on the shipped files, as an administrator runs it: all green, every way taken."""

import json
import shutil
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from voicebot.cli import main

ROOT = Path(__file__).parents[2]
FLOWS = sorted(p.stem for p in (ROOT / "ivr_flows").glob("*.yaml") if not p.name.endswith(".test.yaml"))
SLOWEST = 6.0
"""Seconds of CPU for all of them, reading everything included."""


@pytest.fixture(scope="module")
def report() -> Mapping[str, Any]:
    began = time.process_time()
    result = CliRunner().invoke(main, ["flow", "test", str(ROOT), "--json", "--coverage", "100"])
    found: Mapping[str, Any] = json.loads(result.output)
    return {**found, "cpu": time.process_time() - began, "exit_code": result.exit_code}


def test_every_test_call_goes_as_written(report: Mapping[str, Any]) -> None:
    places = [f"{f['file']}:{f['line']} {f['message']}" for f in report["failures"]]
    assert not places, "\n".join(places)
    assert report["calls"] >= len(FLOWS)
    assert report["cpu"] < SLOWEST


@pytest.mark.parametrize("flow", FLOWS)
def test_every_way_of_a_shipped_flow_is_walked(report: Mapping[str, Any], flow: str) -> None:
    found = report["coverage"][flow]
    missing = [f"{gap['file']}:{gap['line']} {gap['node']} → {gap['field']}" for gap in found["missing"]]
    assert found["percent"] == 100, "\n".join(missing)


def test_every_flow_of_the_city_is_among_them(report: Mapping[str, Any]) -> None:
    assert sorted(report["coverage"]) == FLOWS
    assert report["percent"] == 100
    assert report["exit_code"] == 0


def copied(folder: Path) -> Path:
    """The shipped content, to be spoilt."""
    for name in ("ivr_flows", "knowledge_base"):
        shutil.copytree(ROOT / name, folder / name)
    return folder


UNMET = """\
- name: 直接按五分
  flow: rating
  steps:
    - keys: "5"
      says: 晚安
"""


def test_a_failure_is_told_with_file_line_and_what_was_said(tmp_path: Path) -> None:
    path = copied(tmp_path) / "ivr_flows" / "rating.test.yaml"
    path.write_text(UNMET, encoding="utf-8")
    result = CliRunner().invoke(main, ["flow", "test", str(tmp_path), "--flow", "rating"])
    assert result.exit_code == 1
    lines = result.output.splitlines()
    said = "[test.says] 直接按五分：应说「晚安」；说的是「谢谢您，再见。」"
    assert lines[0] == f"ivr_flows/rating.test.yaml:5:7 {said}"
    assert lines[1].split() == ["rating", "分支", "2/6", "33.3%"]
    written = (ROOT / "ivr_flows" / "rating.yaml").read_text(encoding="utf-8").splitlines()
    line = written.index("  rate:") + 1
    assert lines[2].strip() == f"没有走到 ivr_flows/rating.yaml:{line} 节点 rate → no_input"
    assert lines[-1].startswith("1 通试打：1 通不对")


def test_too_little_coverage_is_a_failure_only_when_asked_for(tmp_path: Path) -> None:
    path = copied(tmp_path) / "ivr_flows" / "rating.test.yaml"
    path.write_text("- name: 五分\n  flow: rating\n  steps: [{keys: '5'}]\n", encoding="utf-8")
    arguments = ["flow", "test", str(tmp_path / "ivr_flows"), "--flow", "rating"]
    assert CliRunner().invoke(main, arguments).exit_code == 0
    assert CliRunner().invoke(main, ["flow", "test", str(path)]).output.startswith("rating")
    assert CliRunner().invoke(main, [*arguments, "--coverage", "100"]).exit_code == 1
    assert CliRunner().invoke(main, [*arguments, "--coverage", "30"]).exit_code == 0


@pytest.mark.parametrize("command", ["test", "check"])
def test_a_mistake_in_a_test_call_is_told(tmp_path: Path, command: str) -> None:
    path = copied(tmp_path) / "ivr_flows" / "rating.test.yaml"
    path.write_text("- name: 五分\n  steps: [{key: '5'}]\n", encoding="utf-8")
    result = CliRunner().invoke(main, ["flow", command, str(tmp_path)])
    assert result.exit_code == 1
    assert "ivr_flows/rating.test.yaml:2:" in result.output
    assert "是否指 keys？" in result.output


def test_a_flow_that_is_not_there(tmp_path: Path) -> None:
    result = CliRunner().invoke(main, ["flow", "test", str(ROOT), "--flow", "nowhere"])
    assert result.exit_code == 2
    assert "没有流程「nowhere」" in result.output
