"""Articles in the content store: versions, differences, the way back, and the commands on what is live."""

import asyncio
import json
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner

from voicebot.adapters.db.calls import SqlJournal
from voicebot.adapters.db.database import FILE_NAME, Database
from voicebot.adapters.wall_clock import WallClock
from voicebot.cli import main
from voicebot.core.answer import Gap
from voicebot.core.ids import ArticleId, CallId
from voicebot.dialogue.effects import NoteUnanswered

pytestmark = pytest.mark.integration

ROOT = Path(__file__).parents[3]
PATH = "knowledge_base/articles/社保.yaml"
BEFORE, AFTER = "先打12333", "请先打12333"


class City:
    """A content folder with a store of its own."""

    def __init__(self, folder: Path) -> None:
        for name in ("ivr_flows", "knowledge_base"):
            shutil.copytree(ROOT / name, folder / "content" / name)
        self.data = folder / "data"
        self.content = folder / "content"
        self._config = folder / "hotline.toml"
        self._config.write_text(f'[content]\nroot = "{self.content}"\n', encoding="utf-8")

    def run(self, *words: str, code: int = 0) -> str:
        where = ["--data", str(self.data), "--config", str(self._config)]
        result = CliRunner().invoke(main, [*words, *where])
        assert result.exit_code == code, result.output
        return result.output


@pytest.fixture
def city(tmp_path: Path) -> City:
    return City(tmp_path)


def test_an_article_has_versions_differences_and_a_way_back(city: City, tmp_path: Path) -> None:
    file = city.content / PATH
    text = file.read_text(encoding="utf-8")
    assert text.count(BEFORE) >= 1
    draft = tmp_path / "draft/knowledge_base/articles/社保.yaml"  # outside of the watched folder
    draft.parent.mkdir(parents=True)
    draft.write_text(text.replace(BEFORE, AFTER, 1), encoding="utf-8")
    city.run("flow", "publish", str(draft), "--note", "说得客气些", "--author", "李四")
    history = city.run("flow", "history", PATH)
    assert "说得客气些" in history
    assert "李四" in history
    difference = city.run("flow", "diff", PATH)
    assert f"+    answer: {AFTER}" in difference
    assert f"-    answer: {BEFORE}" in difference
    sheet = tmp_path / "live.md"
    city.run("kb", "export", str(sheet), "--live", "--id", "KB001")
    assert AFTER in sheet.read_text(encoding="utf-8")
    city.run("flow", "rollback", PATH)
    city.run("kb", "export", str(sheet), "--live", "--id", "KB001")
    assert AFTER not in sheet.read_text(encoding="utf-8")
    assert file.read_text(encoding="utf-8") == text


def test_an_article_with_a_mistake_does_not_go_live(city: City, tmp_path: Path) -> None:
    city.run("flow", "history")
    draft = tmp_path / "draft/knowledge_base/articles/社保.yaml"
    draft.parent.mkdir(parents=True)
    text = (city.content / PATH).read_text(encoding="utf-8")
    draft.write_text(text.replace("    answer: ", "    anwser: ", 1), encoding="utf-8")
    assert f"{PATH}:" in city.run("flow", "publish", str(draft), code=1)


def test_lint_of_what_is_live(city: City) -> None:
    city.run("flow", "history")  # fills the store
    (city.content / PATH).write_text("category: [", encoding="utf-8")
    output = city.run("kb", "lint", "--live", "--on", "2026-11-24")
    assert "0 个错误" in output
    assert "knowledge_base/articles/" in output


async def _asked(path: Path, question: str, times: int) -> None:
    database = await Database.open(path)
    try:
        journal = SqlJournal(database, WallClock())
        for number in range(times):
            noted = NoteUnanswered(question, Gap.NO_ANSWER, ArticleId("KB001"), 0.12)
            await journal.unanswered(CallId(f"c{number}"), noted)
    finally:
        await database.close()


def test_unanswered_by_command(tmp_path: Path) -> None:
    def kb(*words: str, code: int = 0) -> str:
        result = CliRunner().invoke(main, ["kb", "unanswered", "--data", str(tmp_path), *words])
        assert result.exit_code == code, result.output
        return result.output

    assert "没有未答的问题" in kb()
    asyncio.run(_asked(tmp_path / FILE_NAME, "养蜜蜂要办证吗", 2))
    asyncio.run(_asked(tmp_path / FILE_NAME, "无人机在哪里能飞", 1))
    lines = kb().splitlines()
    assert ["养蜜蜂" in lines[0], "2 次" in lines[0], "KB001（0.12）" in lines[1]] == [True] * 3
    items = json.loads(kb("--json"))["items"]
    assert [(one["times"], one["standing"], one["gap"]) for one in items] == [
        (2, "new", "no_answer"),
        (1, "new", "no_answer"),
    ]
    assert "已写条目" in kb("--made", str(items[0]["id"]), "--ignore", str(items[1]["id"]))
    assert "没有未答的问题" in kb()
    assert "不处理" in kb("--all")
    assert "没有编号为 99" in kb("--made", "99", code=1)
