"""`voicebot flow check`: for people and, as JSON, for editors and CI."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from tests.flows.caller import ROOT
from voicebot.cli import main

BROKEN = """flow: park
title: 公园
start: tell
steps:
  tell:
    kind: say
    prompt: 公园六点开门。
    next: doen
  done:
    kind: end
"""


@pytest.fixture
def city(tmp_path: Path) -> Path:
    shutil.copytree(ROOT / "ivr_flows", tmp_path / "ivr_flows")
    base = tmp_path / "knowledge_base"
    (base / "articles").mkdir(parents=True)
    for name in ("city.yaml", "departments.tsv", "synonyms.yaml"):
        shutil.copy(ROOT / "knowledge_base" / name, base / name)
    return tmp_path


def check(*arguments: str | Path) -> tuple[int, str]:
    result = CliRunner().invoke(main, ["flow", "check", *map(str, arguments)])
    return result.exit_code, result.output


def as_json(*arguments: str | Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(check("--json", *arguments)[1])
    return found


def write(city: Path, name: str, text: str, encoding: str = "utf-8") -> Path:
    file = city / "ivr_flows" / name
    file.write_text(text, encoding=encoding)
    return file


def test_shipped_flows(city: Path) -> None:
    code, output = check(city)
    assert code == 0, output
    assert output.endswith("个流程文件：0 个错误，0 个警告\n")


def test_a_mistake_has_its_place_and_a_suggestion(city: Path) -> None:
    write(city, "park.yaml", BROKEN)
    code, output = check(city)
    told = "节点 tell → 字段 next：找不到节点「doen」，是否指 done？"
    assert code == 1
    assert output.splitlines()[0] == f"ivr_flows/park.yaml:8:5 [flow.unknown_target] {told}"


def test_json(city: Path) -> None:
    write(city, "park.yaml", BROKEN)
    found = as_json(city)
    assert (found["errors"], found["warnings"]) == (1, 0)
    assert found["files"] == len([f for f in (city / "ivr_flows").glob("*.yaml") if ".test." not in f.name])
    assert found["problems"] == [
        {
            "path": "ivr_flows/park.yaml",
            "line": 8,
            "column": 5,
            "code": "flow.unknown_target",
            "message": "节点 tell → 字段 next：找不到节点「doen」",
            "suggestion": "是否指 done？",
            "severity": "error",
        }
    ]


def test_one_file_alone(city: Path) -> None:
    park = write(city, "park.yaml", BROKEN)
    write(city, "garden.yaml", BROKEN.replace("park", "garden").replace("doen", "dnoe"))
    assert [p["path"] for p in as_json(park)["problems"]] == ["ivr_flows/park.yaml"]
    assert len(as_json(city / "ivr_flows")["problems"]) == 2


def test_a_file_in_another_encoding_hides_nothing(city: Path) -> None:
    write(city, "park.yaml", BROKEN)
    write(city, "old.yaml", BROKEN.replace("flow: park", "flow: old"), encoding="gb18030")
    found = as_json(city)["problems"]
    assert [(p["path"], p["line"], p["code"]) for p in found] == [
        ("ivr_flows/old.yaml", 2, "content.encoding"),
        ("ivr_flows/park.yaml", 8, "flow.unknown_target"),
    ]


def test_a_broken_knowledge_base_makes_no_article_unknown(city: Path) -> None:
    articles = city / "knowledge_base" / "articles" / "x.yaml"
    articles.write_text("articles:\n  - id: KB777\n    tilte: 公园\n", encoding="utf-8")
    branch = "  look:\n    kind: branch\n    on: article\n    cases:\n      - {is: KB777, next: tell}\n"
    flow = BROKEN.replace("doen", "done").replace("start: tell", "start: look")
    write(city, "park.yaml", flow.replace("steps:\n", f"steps:\n{branch}    otherwise: done\n"))
    assert [p["code"] for p in as_json(city)["problems"]] == ["kb.invalid"]


@pytest.mark.parametrize(
    ("name", "text", "code"),
    [("city.yaml", "nmae: 云江市\n", "schema"), ("departments.tsv", "name\n错\n", "departments.columns")],
)
def test_a_broken_city_hides_no_mistake_and_causes_none(city: Path, name: str, text: str, code: str) -> None:
    (city / "knowledge_base" / name).write_text(text, encoding="utf-8")
    write(city, "park.yaml", BROKEN)
    found = as_json(city)["problems"]
    flows = [p for p in found if p["path"].startswith("ivr_flows") and p["severity"] == "error"]
    assert [(p["path"], p["code"]) for p in flows] == [("ivr_flows/park.yaml", "flow.unknown_target")]
    assert any(p["path"] == f"knowledge_base/{name}" and p["code"].startswith(code) for p in found)


def test_nothing_to_check(tmp_path: Path) -> None:
    code, output = check(tmp_path)
    assert code == 1
    assert "缺少" in output
