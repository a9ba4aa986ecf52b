"""`voicebot flow test` on the shipped files, as an administrator runs it: all green, every way taken."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from voicebot.cli import main

ROOT = Path(__file__).parents[2]
FLOWS = sorted(p.stem for p in (ROOT / "ivr_flows").glob("*.yaml") if not p.name.endswith(".test.yaml"))
SLOWEST = 6.0
"""Seconds for all of them, on a machine that does other things too."""


@pytest.fixture(scope="module")
def report() -> Mapping[str, Any]:
    result = CliRunner().invoke(main, ["flow", "test", str(ROOT), "--json"])
    found: Mapping[str, Any] = json.loads(result.output)
    return found


def test_every_test_call_goes_as_written(report: Mapping[str, Any]) -> None:
    places = [f"{f['file']}:{f['line']} {f['message']}" for f in report["failures"]]
    assert not places, "\n".join(places)
    assert report["calls"] >= len(FLOWS)
    assert report["seconds"] < SLOWEST


@pytest.mark.parametrize("flow", FLOWS)
def test_every_way_of_a_shipped_flow_is_walked(report: Mapping[str, Any], flow: str) -> None:
    found = report["coverage"][flow]
    missing = [f"{gap['file']}:{gap['line']} {gap['node']} → {gap['field']}" for gap in found["missing"]]
    assert found["percent"] == 100, "\n".join(missing)


def test_every_flow_of_the_city_has_a_file(report: Mapping[str, Any]) -> None:
    assert sorted(report["coverage"]) == FLOWS
