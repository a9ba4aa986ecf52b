"""Reading labelled sets; the seal."""

import hashlib
import json
from pathlib import Path

import pytest

from voicebot.cli.evaluation.labels import SEAL, check_seal, read_set
from voicebot.core.errors import VoicebotError


def write(folder: Path, name: str, *rows: object) -> None:
    folder.mkdir(exist_ok=True)
    lines = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    (folder / f"{name}.jsonl").write_text(lines, encoding="utf-8")


def seal(folder: Path) -> None:
    lines = [f"{hashlib.sha256(f.read_bytes()).hexdigest()}  {f.name}\n" for f in folder.glob("*.jsonl")]
    (folder / SEAL).write_text("".join(lines), encoding="utf-8")


def test_labels(tmp_path: Path) -> None:
    full = {
        "id": 1,
        "text": "翠湖路的路灯坏了，匿名",
        "intent": "ticket",
        "appeal_type": "求助",
        "department": ["市城市管理局", "市公安局"],
        "urgency": "一般",
        "slots": {"address": "翠湖路", "anonymous": True, "confidential": False, "score": None},
        "secondary_intent": None,
        "tags": ["x"],
    }
    write(
        tmp_path,
        "utterances",
        full,
        {"id": "b", "text": "着火了", "intent": "emergency_119", "department": None},
    )
    write(tmp_path, "questions", {"id": "q", "text": "社保卡丢了", "article": "KB001|KB002"})
    write(tmp_path, "unanswerable", {"id": "u", "text": "月亮多重"})
    first, fire, question, none = read_set(tmp_path)
    assert first.departments == ("市城市管理局", "市公安局")
    assert first.slots == {"address": "翠湖路", "anonymous": "true"}
    assert (first.emergency, first.secondary, first.articles) == ("", "", None)
    assert (fire.emergency, fire.departments, fire.urgency, fire.slots) == ("119", (), None, None)
    assert (fire.secondary, fire.appeal_types) == (None, None)
    assert question.articles == ("KB001", "KB002")
    assert none.articles == ()


def test_tables(tmp_path: Path) -> None:
    (tmp_path / "a.tsv").write_text(
        "# labels\nticket\t-\t翠湖路\t路灯坏了\nfaq\t甲局|乙局\t0\t几点开门\n", "utf-8"
    )
    (tmp_path / "b.tsv").write_text("119!\t着火了\n-\t火车几点\n", "utf-8")
    (tmp_path / "c.tsv").write_text("chat\t你好\n", "utf-8")
    tables = [
        {"file": "a.tsv", "columns": ["intent", "department", "address", "text"]},
        {"file": "b.tsv", "columns": ["emergency", "text"]},
        {"file": "c.tsv", "columns": ["", "text"], "unanswerable": True},
    ]
    (tmp_path / "tables.json").write_text(json.dumps(tables), "utf-8")
    lamp, question, fire, train, hello = read_set(tmp_path)
    assert (lamp.id, lamp.intent, lamp.departments) == ("a-2", "ticket", None)
    assert lamp.slots == {"address": "翠湖路"}
    assert (question.departments, question.slots) == (("甲局", "乙局"), {})
    assert (fire.intent, fire.emergency) == ("emergency_119", "119")
    assert (train.intent, train.emergency) == (None, "")
    assert hello.articles == ()


def test_a_bad_line_is_named_but_not_shown(tmp_path: Path) -> None:
    write(tmp_path, "utterances", {"id": 1, "text": "好"}, {"id": 2, "words": "秘密"})
    with pytest.raises(VoicebotError, match=r"utterances\.jsonl:2") as caught:
        read_set(tmp_path)
    assert "秘密" not in str(caught.value)


def test_nothing_there(tmp_path: Path) -> None:
    with pytest.raises(VoicebotError, match=r"eval\.missing"):
        read_set(tmp_path / "nowhere")
    with pytest.raises(VoicebotError, match=r"eval\.missing"):
        read_set(tmp_path)


def test_a_seal_holds(tmp_path: Path) -> None:
    write(tmp_path, "utterances", {"id": 1, "text": "好"})
    with pytest.raises(VoicebotError, match="没有封存"):
        check_seal(tmp_path)
    seal(tmp_path)
    assert len(read_set(tmp_path)) == 1
    write(tmp_path, "questions", {"id": "q", "text": "好", "article": "KB001"})
    with pytest.raises(VoicebotError, match=r"不在 SHA256SUMS 里"):
        read_set(tmp_path)
    seal(tmp_path)
    write(tmp_path, "utterances", {"id": 1, "text": "坏"})
    with pytest.raises(VoicebotError, match="与封存时不同"):
        read_set(tmp_path)


def test_a_missing_file_breaks_the_seal(tmp_path: Path) -> None:
    write(tmp_path, "utterances", {"id": 1, "text": "好"})
    write(tmp_path, "questions", {"id": "q", "text": "好", "article": "KB001"})
    seal(tmp_path)
    (tmp_path / "questions.jsonl").unlink()
    with pytest.raises(VoicebotError, match=r"eval\.seal"):
        read_set(tmp_path)
