"""What doctor concludes."""

import array
import math
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voicebot.cli.checkup import (
    SET_UP_CHECKS,
    Finding,
    State,
    check_set_up,
    data_directory,
    database,
    language_model,
    models,
)
from voicebot.cli.doctor import exit_code, line_of
from voicebot.cli.trial_call import level
from voicebot.settings import load_settings


@pytest.mark.parametrize(
    ("states", "code"),
    [
        ([], 0),
        ([State.OK, State.OK], 0),
        ([State.OK, State.DEGRADED], 1),
        ([State.FAILED, State.OK], 1),
        ([State.FAILED, State.IMPOSSIBLE], 2),
    ],
)
def test_exit_code(states: list[State], code: int) -> None:
    assert exit_code([Finding("x", state, "") for state in states]) == code


def test_a_remedy_stands_below_its_finding() -> None:
    finding = Finding("call.reply", State.FAILED, "没有听到回答", "检查识别进程", 12.6)
    assert line_of(finding) == "✗ call.reply            13 ms  没有听到回答\n    → 检查识别进程"


def test_every_failure_names_one_remedy(tmp_path: Path) -> None:
    settings = load_settings(data=tmp_path / "empty", content={"root": tmp_path})
    findings = check_set_up(settings)
    assert len(findings) == len(SET_UP_CHECKS)
    assert all(bool(f.remedy) == (f.state is not State.OK) for f in findings)
    by_name = {f.name: f for f in findings}
    assert by_name["models"].state is State.FAILED
    assert "voicebot models pull" in by_name["models"].remedy
    assert by_name["content"].state is State.FAILED
    assert by_name["data"].state is State.OK


def test_a_data_directory_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    finding = data_directory(load_settings(data=tmp_path / "file" / "data"))
    assert finding.state is State.FAILED


def test_a_language_model_is_no_need_but_no_stranger_either(tmp_path: Path) -> None:
    assert language_model(load_settings(data=tmp_path)).state is State.OK
    absent = load_settings(data=tmp_path, llm={"url": "http://127.0.0.1:9/v1", "model": "m"})
    assert language_model(absent).state is State.DEGRADED
    strange = load_settings(data=tmp_path, llm={"url": "https://8.8.8.8/v1", "model": "m"})
    finding = language_model(strange)
    assert finding.state is State.FAILED
    assert "llm.allow_remote" in finding.detail


def test_a_damaged_database(tmp_path: Path) -> None:
    (tmp_path / "hotline.sqlite3").write_bytes(b"no database at all, but long enough to be read" * 50)
    finding = database(load_settings(data=tmp_path))
    assert finding.state is State.FAILED
    assert "备份" in finding.remedy


def test_a_missing_operators_model_is_named(tmp_path: Path) -> None:
    finding = models(load_settings(data=tmp_path, stt={"vosk_model": str(tmp_path / "vosk")}))
    assert finding.state is State.FAILED
    assert str(tmp_path / "vosk") in finding.detail


@given(st.integers(1, 32767), st.integers(1, 400))
def test_level_of_a_square_wave(height: int, pairs: int) -> None:
    pcm = array.array("h", [height, -height] * pairs).tobytes()
    assert level(pcm) == pytest.approx(20 * math.log10(height / 32768))


def test_level_of_nothing() -> None:
    assert level(b"") == level(bytes(320)) == -100.0
