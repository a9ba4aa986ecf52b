"""`voicebot chat`: for people with the state shown, for programs one JSON line each; tickets are stored."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from voicebot.cli import main

ROOT = Path(__file__).parents[3]
FIELDS = {"reply", "action", "article", "ticket_no", "queue", "state", "slots", "ended"}

pytestmark = pytest.mark.integration


def chat(data: Path, text: str, *options: str) -> Result:
    arguments = ["chat", "--content", str(ROOT), "--data", str(data), "--now", "2026-11-24T09:30:00"]
    return CliRunner().invoke(main, [*arguments, *options], input=text)


def test_a_person_sees_where_the_call_stands_and_what_it_knows(tmp_path: Path) -> None:
    lines = chat(tmp_path, "幸福小区的路灯坏了\n昨天\n对\n转人工\n").stdout.splitlines()
    assert "本次通话录音" in lines[0]
    assert "main.greet greeting" in lines[1]
    assert "ticket.when collecting" in lines[3]
    assert "address=幸福小区" in lines[3]
    assert "ticket_no=20261124000001" in lines[7]
    assert "human.transfer" in lines[9]
    assert "转综合" in lines[9]
    assert lines[-1] == "（通话结束）"


def test_keys_and_silence_are_typed_too(tmp_path: Path) -> None:
    lines = chat(tmp_path, "/键 3\n/等 6\n/挂\n", "--flow", "main").stdout.splitlines()
    assert any("status." in line or "main.anything_else" in line for line in lines)
    assert lines[-1] == "（通话结束）"


def test_a_program_reads_the_fields_of_the_contract_and_no_others(tmp_path: Path) -> None:
    given = '{"say": "社保卡丢了怎么补办"}\n{"keys": "x"}\n{"silence": 6}\n{"hangup": true}\n'
    replies = [json.loads(line) for line in chat(tmp_path, given, "--jsonl").stdout.splitlines()]
    wrong = replies.pop(2)
    assert set(wrong) == {"error"}
    assert all(set(reply) == FIELDS for reply in replies)
    assert [reply["action"] for reply in replies[:2]] == ["greet", "answer"]
    assert replies[-1]["ended"] is True


def test_a_flow_that_is_not_there_is_named(tmp_path: Path) -> None:
    result = chat(tmp_path, "", "--flow", "nowhere")
    assert result.exit_code == 1
    assert "没有流程「nowhere」，现有：" in result.output
