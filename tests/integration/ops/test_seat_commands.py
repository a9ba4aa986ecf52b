"""`voicebot seat`."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from voicebot.cli import main

pytestmark = pytest.mark.integration


def run(data: Path, *words: str) -> tuple[int, str]:
    done = CliRunner().invoke(main, [*words, "--data", str(data)])
    return done.exit_code, done.output


def test_a_seat_is_set_and_listed(tmp_path: Path) -> None:
    code, text = run(tmp_path, "seat", "set", "li")
    assert (code, "没有账号 li" in text) == (1, True)
    run(tmp_path, "account", "add", "li", "--role", "seat", "--password", "longenough")
    run(tmp_path, "account", "add", "ed", "--role", "editor", "--password", "longenough")
    assert run(tmp_path, "seat", "set", "ed")[0] == 1
    assert "还没有坐席" in run(tmp_path, "seat", "list")[1]
    code, text = run(
        tmp_path,
        "seat",
        "set",
        "li",
        "--skill",
        "综合:4",
        "--skill",
        "en",
        "--team",
        "一班",
        "--phone",
        "sip:1@pbx",
    )
    assert (code, text) == (0, "坐席 li：en:3 综合:4，班组 一班，sip:1@pbx\n")
    assert run(tmp_path, "seat", "set", "li", "--phone", "")[1].endswith("在浏览器里接听\n")
    for wrong in ("综合:6", "综合:x", ":3"):
        assert run(tmp_path, "seat", "set", "li", "--skill", wrong)[0] == 2
    (seat,) = json.loads(run(tmp_path, "seat", "list", "--json")[1])
    assert (seat["name"], seat["state"], seat["skills"]) == ("li", "offline", {"综合": 4, "en": 3})
    assert "签出" in run(tmp_path, "seat", "list")[1]
