"""Commands of the command line, in one process."""

import asyncio
import json
import shutil
from datetime import datetime
from pathlib import Path

import pytest
from click.testing import CliRunner

from tests.virtual_time import SHANGHAI_MORNING
from voicebot.adapters.db.calls import SqlJournal
from voicebot.adapters.db.database import FILE_NAME, Database
from voicebot.calls.ports import LineInfo
from voicebot.calls.records import TurnRecord
from voicebot.cli import main
from voicebot.core.ids import CallId

pytestmark = pytest.mark.integration

ROOT = Path(__file__).parents[3]
CALL = CallId("20261124-093000-7f3a")


class Morning:
    def now(self) -> datetime:
        return SHANGHAI_MORNING

    def monotonic(self) -> float:
        return 0.0


@pytest.fixture
def content(tmp_path: Path) -> Path:
    """A copy of what ships."""
    for name in ("ivr_flows", "knowledge_base"):
        shutil.copytree(ROOT / name, tmp_path / name)
    return tmp_path


def test_check_accepts_what_ships(content: Path) -> None:
    result = CliRunner().invoke(main, ["check", "--content", str(content)])
    assert result.exit_code == 0, result.output
    assert "配置：没有错误" in result.output
    assert "0 个错误" in result.output


@pytest.mark.parametrize(
    ("url", "code", "said"),
    [
        ("http://127.0.0.1:8000/v1", 0, "语言模型：qwen，http://127.0.0.1:8000/v1（在本机或内网）"),
        ("https://8.8.8.8/v1", 1, "llm.allow_remote"),
        ("127.0.0.1:8000", 1, "llm"),
    ],
)
def test_check_tells_where_words_go(
    content: Path, monkeypatch: pytest.MonkeyPatch, url: str, code: int, said: str
) -> None:
    monkeypatch.setenv("VOICEBOT_LLM__URL", url)
    monkeypatch.setenv("VOICEBOT_LLM__MODEL", "qwen")
    result = CliRunner().invoke(main, ["check", "--content", str(content)])
    assert bool(result.exit_code) is bool(code), result.output
    assert said in result.output


def test_check_names_file_and_line(content: Path) -> None:
    flow = content / "ivr_flows" / "rating.yaml"
    text = flow.read_text(encoding="utf-8")
    line = text.count("\n") + 1
    flow.write_text(text.rstrip("\n") + "\n  lost: {kind: nothing}\n", encoding="utf-8")
    article = content / "knowledge_base" / "articles" / "社保.yaml"
    article.write_text("articles: [\n", encoding="utf-8")
    result = CliRunner().invoke(main, ["check", "--content", str(content)])
    assert result.exit_code == 1
    assert f"ivr_flows/rating.yaml:{line}:" in result.output
    assert "knowledge_base/articles/社保.yaml:2:" in result.output


def test_check_names_a_wrong_setting(content: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VOICEBOT_SIP__LISTEN", "nowhere")
    result = CliRunner().invoke(main, ["check", "--content", str(content)])
    assert result.exit_code == 1
    assert "sip.listen" in result.output
    assert "Traceback" not in result.output


def test_doctor_reports_a_wrong_setting_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VOICEBOT_SIP__LISTEN", "nowhere")
    result = CliRunner().invoke(main, ["doctor", "--json"])
    assert result.exit_code == 2
    (finding,) = json.loads(result.stdout)["findings"]
    assert (finding["name"], finding["state"]) == ("config", "impossible")
    assert finding["remedy"]


def test_a_settings_file_that_is_not_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VOICEBOT_CONFIG", "")
    result = CliRunner().invoke(main, ["serve", "--config", str(tmp_path / "none.toml")])
    assert result.exit_code == 1
    assert "config.missing" in result.output


async def _store(data: Path) -> None:
    database = await Database.open(data / FILE_NAME)
    journal = SqlJournal(database, Morning())
    await journal.opened(LineInfo(CALL, "13800138000", "12345", "phone", 8000), "main")
    turn = TurnRecord(
        index=1,
        said="社保卡丢了怎么补办",
        confidence=0.9,
        engine="whisper-base",
        keys="",
        meaning="faq",
        action="answer",
        article="KB001",
        ticket_no=None,
        reply="带身份证到社保网点补办。",
        heard="带身份证到社保网点补办。",
        started=4.0,
        ended=6.0,
        replied=6.8,
        interrupted=False,
        stages=(("recognise", 400.0),),
    )
    await journal.turn(CALL, turn)
    await journal.closed(CALL, "caller", "answered", None)
    await database.close()


def test_call_show(tmp_path: Path) -> None:
    asyncio.run(_store(tmp_path))
    shown = CliRunner().invoke(main, ["call", "show", CALL, "--data", str(tmp_path)])
    assert shown.exit_code == 0, shown.output
    assert "138****8000 → 12345" in shown.output
    assert "市民：社保卡丢了怎么补办" in shown.output
    plain = CliRunner().invoke(main, ["call", "show", CALL, "--data", str(tmp_path), "--json"])
    view = json.loads(plain.output)
    assert view["caller"] == "138****8000"
    assert view["turns"][0]["stages"] == [["recognise", 400.0]]
    assert view["started"] == SHANGHAI_MORNING.isoformat()


def test_a_call_that_is_not_there(tmp_path: Path) -> None:
    none = CliRunner().invoke(main, ["call", "show", CALL, "--data", str(tmp_path)])
    assert (none.exit_code, "call.no_database" in none.output) == (1, True)
    asyncio.run(_store(tmp_path))
    unknown = CliRunner().invoke(main, ["call", "show", "20260101-000000-0000", "--data", str(tmp_path)])
    assert (unknown.exit_code, "call.unknown" in unknown.output) == (1, True)
