"""`voicebot eval` on tiny sets."""

import json
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from tests.unit.evaluation.test_labels import seal, write
from voicebot.bootstrap.brain import load_brain
from voicebot.cli import main
from voicebot.cli.evaluation.labels import read_set
from voicebot.cli.evaluation.run import unknown_labels

ROOT = Path(__file__).parents[3]
LAMP = {
    "id": "lamp",
    "text": "翠湖路18号门口的路灯坏了三天了没人修",
    "intent": "ticket",
    "appeal_type": "求助",
    "department": "市城市管理局",
    "urgency": "一般",
    "slots": {"address": "翠湖路十八号门口", "object": "路灯"},
    "secondary_intent": None,
}
STATUS = {"id": "status", "text": "帮我查一下工单办到哪一步了", "intent": "ticket_status", "slots": {}}
HERE = {
    "id": "here",
    "text": "在高新区云谷路这边路灯坏了",
    "intent": "ticket",
    "slots": {"district": "高新区"},
}
FIRE = {"id": "fire", "text": "我家着火了快来人", "intent": "emergency_119", "department": None}
WRONG = {"id": "wrong", "text": "我要转人工", "intent": "rating"}


shipped = cache(load_brain)


@pytest.fixture(autouse=True)
def loaded_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("voicebot.cli.eval.load_brain", shipped)


def evaluate(sets: Path, *options: str) -> Result:
    arguments = ["eval", "--sets", str(sets), "--content", str(ROOT), *options]
    return CliRunner().invoke(main, arguments, catch_exceptions=False)


def told(sets: Path, *options: str) -> dict[str, Any]:
    result = evaluate(sets, "--json", *options)
    assert result.exit_code == 0, result.output
    answer: dict[str, Any] = json.loads(result.output)
    return answer


@pytest.fixture
def sets(tmp_path: Path) -> Path:
    for split in ("dev", "test"):
        write(tmp_path / split, "utterances", LAMP, FIRE, WRONG)
        write(tmp_path / split, "questions", {"id": "q", "text": "社保卡丢了怎么补办", "article": "KB001"})
        write(tmp_path / split, "unanswerable", {"id": "u", "text": "给我讲个笑话吧"})
    seal(tmp_path / "test")
    return tmp_path


def test_figures(sets: Path) -> None:
    result = told(sets, "--noise", "20")
    assert result["labelled"] == {"utterances": 3, "questions": 1, "unanswerable": 1}
    assert not any(result["unknown_labels"].values())
    assert list(result["versions"]) == ["clean", "noise 20%"]
    clean = result["versions"]["clean"]
    assert (clean["intent"]["accuracy"]["right"], clean["intent"]["accuracy"]["n"]) == (2, 3)
    assert clean["emergency"]["recall"]["value"] == 1
    assert clean["emergency"]["false_alarms"]["n"] == 4
    assert clean["department"]["top1"]["value"] == 1
    assert clean["address"]["exact"]["value"] == 0
    assert clean["address"]["by_ear"]["value"] == 1
    assert clean["slots"]["object"]["f1"] == 1
    assert clean["faq"]["answered"]["value"] == clean["faq"]["ranked3"]["value"] == 1
    assert clean["false_answers"]["spoken"]["value"] == 0
    assert clean["as_understand"]["value"] == 1
    assert clean["calibration"]["n"] == 3
    assert 0 < clean["ms"]["median"] <= clean["ms"]["p95"]
    assert clean["errors"]["intent"]["confusions"] == {"rating→human": 1}
    assert clean["errors"]["slot"]["confusions"] == {"address 写法不同": 1}
    assert clean["errors"]["intent"]["examples"][0]["text"] == "我要转人工"
    assert 0.1 <= result["versions"]["noise 20%"]["character_errors"] <= 0.3


def test_what_is_concluded_is_not_judged(sets: Path) -> None:
    write(sets / "dev", "utterances", LAMP, HERE, STATUS, {**STATUS, "slots": {"request": "urge"}})
    slots = told(sets, "--noise", "0")["versions"]["clean"]["slots"]
    assert (slots["district"]["f1"], slots["district"]["exact"]["n"]) == (1, 1)
    assert (slots["request"]["recall"], slots["request"]["precision"]) == (0, None)


def test_the_report_names_bars_and_errors(sets: Path) -> None:
    output = evaluate(sets, "--noise", "0", "--kinds", "intent").output
    assert "目标 intent ≥ 0.93：0.667 未达到" in output
    assert "wrong “我要转人工”：应为 rating，得 human" in output
    assert "错误 slot" not in output


@pytest.mark.parametrize("options", [("--json",), ()])
def test_nothing_of_the_sealed_split_is_shown(sets: Path, options: tuple[str, ...]) -> None:
    output = evaluate(sets, "--split", "test", "--noise", "0", "--errors", "99", *options).output
    assert "rating→human" in output
    for row in (LAMP, FIRE, WRONG):
        assert str(row["text"]) not in output
        assert str(row["id"]) not in output.replace("wrong_answer", "")


def test_a_changed_sealed_split_is_refused(sets: Path) -> None:
    write(sets / "test", "questions", {"id": "q", "text": "别的", "article": "KB001"})
    result = evaluate(sets, "--split", "test")
    assert result.exit_code == 1
    assert "与封存时不同" in result.output
    (sets / "test" / "SHA256SUMS").unlink()
    assert "没有封存" in evaluate(sets, "--split", "test").output


def test_labels_that_do_not_exist_are_counted(sets: Path) -> None:
    write(sets / "dev", "utterances", {**LAMP, "department": "市路灯局", "intent": "lamp"})
    assert told(sets, "--noise", "0")["unknown_labels"]["department"] == 1
    assert "intent 1，department 1" in evaluate(sets, "--noise", "0").output


@pytest.mark.parametrize(
    "options",
    [
        ("--noise", "x"),
        ("--noise", "200"),
        ("--kinds", "x"),
        ("--now", "x"),
        ("--split", "x"),
        ("--sample", "3"),
    ],
)
def test_wrong_options(sets: Path, options: tuple[str, str]) -> None:
    assert evaluate(sets, *options).exit_code == 2


def test_repeats(sets: Path) -> None:
    told_twice = {
        "content": "翠湖路18号门口的路灯坏了",
        "address": "翠湖路18号",
        "object": "路灯",
        "occurred": "昨天",
        "district": "",
        "appeal_type": "求助",
        "accepted_at": "2026-11-24T10:00:00+08:00",
    }
    pair = {"id": "p", "kind": "retold", "same": True, "same_caller": False, "a": told_twice, "b": told_twice}
    for name in ("dev", "test"):
        write(sets / "repeats", name, pair, {**pair, "id": "secret", "kind": "other_matter", "same": False})
    figures = told(sets, "--split", "repeats")["files"]["test"]
    assert (figures["same_event"]["recall"]["value"], figures["same_event"]["precision"]["value"]) == (1, 0.5)
    assert figures["errors"] == {"other_matter": {"wrong": 1, "n": 1}, "retold": {"wrong": 0, "n": 1}}
    assert figures["examples"] == []
    output = evaluate(sets, "--split", "repeats").output
    assert "错误 other_matter：1 / 1" in output
    assert output.count("secret") == 1  # of dev; errors of test are only counted
    (sets / "repeats" / "dev.jsonl").write_text("{}", encoding="utf-8")
    assert "dev.jsonl:1" in evaluate(sets, "--split", "repeats").output
    (sets / "repeats" / "dev.jsonl").unlink()
    assert "没有标注集" in evaluate(sets, "--split", "repeats").output


def test_no_sets(tmp_path: Path) -> None:
    result = evaluate(tmp_path)
    assert result.exit_code == 1
    assert "没有标注集目录" in result.output


def test_the_shipped_development_set_is_large_enough() -> None:
    items = read_set(ROOT / "tests" / "eval" / "dev")
    assert sum(item.intent is not None for item in items) >= 600
    assert sum(bool(item.articles) for item in items) >= 300
    assert not any(unknown_labels(items, shipped(ROOT)).values())
