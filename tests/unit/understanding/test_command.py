"""`voicebot understand`: one line in, one line out, whatever the line."""

import io
import json
from datetime import datetime
from pathlib import Path

import pytest

from voicebot.bootstrap.brain import load_brain
from voicebot.calls.brain import Brain
from voicebot.cli import understand as program

ROOT = Path(__file__).parents[3]
FIELDS = [
    "id",
    "intent",
    "article",
    "article_title",
    "appeal_type",
    "department",
    "urgency",
    "slots",
    "secondary_intent",
    "confidence",
]


@pytest.fixture(scope="module")
def brain() -> Brain:
    return load_brain(ROOT)


def run(brain: Brain, text: str) -> list[dict[str, object]]:
    sink = io.StringIO()
    at = datetime(2026, 11, 24, 10, 0)
    program.run(io.StringIO(text), sink, lambda said: program.understand(brain, said, at))
    return [json.loads(line) for line in sink.getvalue().splitlines()]


def test_fields_and_order(brain: Brain) -> None:
    lines = [json.dumps({"id": i, "text": text}) for i, text in enumerate(["社保卡丢了怎么补办", "我打五分"])]
    results = run(brain, "\n".join(lines))
    assert [result["id"] for result in results] == [0, 1]
    assert all(list(result) == FIELDS for result in results)
    assert results[0]["article"] == "KB001"
    assert results[0]["appeal_type"] == "咨询"
    assert results[1]["slots"] == {"score": 5}


def test_slots_are_spans(brain: Brain) -> None:
    text = "翠湖路18号门口的路灯坏了三天了，我电话13800138000，匿名"
    (result,) = run(brain, json.dumps({"id": "a", "text": text}))
    assert result["slots"] == {
        "time": "三天",
        "phone": "13800138000",
        "anonymous": "匿名",
        "address": "翠湖路18号门口",
        "district": "云湖区",
        "object": "路灯",
    }
    assert result["department"] == "市城市管理局"


@pytest.mark.parametrize(
    ("line", "identity"),
    [("not json", None), ("[1]", None), ('{"id": 7}', 7), ('{"id": 8, "text": 5}', 8), ("[" * 9000, None)],
)
def test_a_bad_line_does_not_end_the_run(brain: Brain, line: str, identity: object) -> None:
    bad, good = run(brain, line + '\n\n{"id": 1, "text": "转人工"}\n')
    assert bad["id"] == identity
    assert bad["error"]
    assert good["intent"] == "human"
