"""States, prompts and drawings."""

from dataclasses import replace

import pytest
from click.testing import CliRunner
from pydantic import ValidationError

from tests.flows.caller import ROOT, TICKET, Caller, meaning, shipped_flows
from voicebot.cli.flow import command
from voicebot.core.ids import FlowName
from voicebot.dialogue import from_json, to_json
from voicebot.dialogue.drawing import mermaid
from voicebot.dialogue.run import variant
from voicebot.dialogue.schema import STEP_MODELS

FLOWS = shipped_flows()


def test_variants_take_turns_after_the_first() -> None:
    assert [variant(("a", "b", "c"), n) for n in range(6)] == ["a", "b", "c", "b", "c", "b"]
    assert [variant(("a",), n) for n in range(3)] == ["a", "a", "a"]


def test_a_state_is_one_json_object() -> None:
    state = Caller(FLOWS).says("路灯坏了", meaning(TICKET)).state
    assert from_json(to_json(state)) == state
    with pytest.raises(ValidationError):
        from_json('{"base": 1}')


def test_slots_for_the_flows_own_use_are_not_shown() -> None:
    state = (
        Caller(FLOWS)
        .says("楼道有烟味", meaning(next(i for i in meaning().intent.__class__ if "119" in i)))
        .state
    )
    assert state.slot("danger_words") == "楼道有烟味"
    assert dict(state.slot_values()) == {"emergency": "119"}
    assert replace(state, slots=()).slot_values() == {}


def test_every_step_is_drawn() -> None:
    for flow in FLOWS.flows.values():
        drawing = mermaid(flow)
        assert drawing.splitlines()[1] == "flowchart TD"
        for name in flow.nodes:
            assert name in drawing


def test_every_kind_is_used_by_the_shipped_flows() -> None:
    kinds = {getattr(step, "kind", "") for flow in FLOWS.flows.values() for step in flow.nodes.values()}
    assert kinds == set(STEP_MODELS)


def test_flow_check_is_content_with_the_shipped_flows() -> None:
    result = CliRunner().invoke(command, ["check", str(ROOT)])
    assert result.exit_code == 0, result.output
    assert "0 个错误" in result.output


def test_flow_check_refuses_with_place_and_exit_code(tmp_path_factory: pytest.TempPathFactory) -> None:
    root = tmp_path_factory.mktemp("city")
    for name in ("knowledge_base", "ivr_flows"):
        (root / name).mkdir()
    for path in [*(ROOT / "ivr_flows").glob("*.yaml"), ROOT / "knowledge_base/city.yaml"]:
        (root / path.parent.name / path.name).write_text(path.read_text("utf-8"), "utf-8")
    source = ROOT / "knowledge_base/departments.tsv"
    (root / "knowledge_base/departments.tsv").write_text(source.read_text("utf-8"), "utf-8")
    broken = root / "ivr_flows/rating.yaml"
    broken.write_text(broken.read_text("utf-8").replace("next: bye", "next: by", 1), "utf-8")
    for path in (root, root / "ivr_flows", broken):
        result = CliRunner().invoke(command, ["check", str(path)])
        assert result.exit_code == 1
        assert "ivr_flows/rating.yaml" in result.output
        assert "是否指 bye？" in result.output
    result = CliRunner().invoke(command, ["check", str(root / "ivr_flows/main.yaml")])
    assert "0 个错误" in result.output


def test_flow_draw() -> None:
    result = CliRunner().invoke(command, ["draw", "rating", str(ROOT)])
    assert result.output == mermaid(FLOWS.flows[FlowName("rating")]) + "\n"
    assert CliRunner().invoke(command, ["draw", "nope", str(ROOT)]).exit_code == 1
