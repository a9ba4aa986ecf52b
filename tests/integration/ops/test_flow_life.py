"""`voicebot flow publish|history|rollback|diff|trial` on a database without a hotline."""

import asyncio
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner

from voicebot.adapters.db.content import SqlContentStore
from voicebot.adapters.db.database import FILE_NAME, Database
from voicebot.adapters.wall_clock import WallClock
from voicebot.bootstrap.brain import BrainMaker, user_shelf
from voicebot.bootstrap.content import content_keeper
from voicebot.cli import main
from voicebot.settings import ContentOptions

pytestmark = pytest.mark.integration

ROOT = Path(__file__).parents[3]
OLD, NEW = "您好，还在听吗？", "您好，听得到吗？"


class Office:
    """An administrator's terminal: a content folder, a data directory, a file elsewhere.

    Args:
        data: a data directory to begin with.
    """

    def __init__(self, folder: Path, data: Path | None = None) -> None:
        self.content = folder / "content"
        self.data = folder / "data"
        if data is not None:
            shutil.copytree(data, self.data)
        self.flow = self.content / "ivr_flows" / "ticket.yaml"
        for name in ("ivr_flows", "knowledge_base"):
            shutil.copytree(ROOT / name, self.content / name)
        self.elsewhere = folder / "ticket.yaml"
        self.elsewhere.write_text(self.text.replace(OLD, NEW), "utf-8")

    @property
    def text(self) -> str:
        return self.flow.read_text("utf-8")

    def run(self, *words: str) -> tuple[int, str]:
        env = {"VOICEBOT_CONTENT__ROOT": str(self.content), "VOICEBOT_DATA": str(self.data)}
        done = CliRunner().invoke(main, ["flow", *words], env=env)
        assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
        return done.exit_code, done.output

    def says(self, *words: str) -> str:
        code, said = self.run(*words)
        assert code == 0, said
        return said


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data directory whose store holds the shipped content."""
    office = Office(tmp_path_factory.mktemp("first"))
    assert "首次导入" in office.says("history"), "an empty store is filled from the files"
    return office.data


@pytest.fixture
def office(tmp_path: Path, filled: Path) -> Office:
    made = Office(tmp_path, filled)
    assert OLD in made.text
    return made


def test_publish_look_and_go_back(office: Office) -> None:
    said = office.says("publish", str(office.elsewhere), "--note", "换个说法", "--author", "li")
    assert "ticket.yaml 第 2 版（r2）" in said
    history = office.says("history", "ticket")
    assert "li  线上  换个说法" in history
    assert "目录里的文件与线上不同" in history
    said = office.says("diff", "ticket")
    assert f"+    - {NEW}" in said
    assert office.says("diff", "ticket", "2") == "没有差异\n"
    assert f"+    - {OLD}" in office.says("diff", "ticket", "live", "file")
    said = office.says("rollback", "ticket", "--note", "不行")
    assert "回滚 ivr_flows/ticket.yaml 第 1 版（r3）" in said
    assert "目录里的文件" not in office.says("history", "ticket")
    office.says("rollback", "ticket", "--to", "2")
    assert "第 2 版" in office.says("history").splitlines()[0]


async def test_a_published_file_of_the_folder_is_not_published_by_it_again(office: Office) -> None:
    office.flow.write_text(office.text.replace(OLD, NEW), "utf-8")
    await asyncio.to_thread(office.says, "publish", "ticket", "--note", "换个说法")
    await asyncio.to_thread(office.says, "rollback", "ticket")
    database = await Database.open(office.data / FILE_NAME)
    store = SqlContentStore(database, WallClock())
    looked = await content_keeper(
        ContentOptions(root=office.content), store, BrainMaker(shelf=user_shelf())
    ).look()
    assert (looked, await store.revision()) == (False, 3)
    await database.close()


def test_mistakes_are_told_and_nothing_changes(office: Office) -> None:
    office.elsewhere.write_text(office.text + "nonsense: 1\nmore: 2\n", "utf-8")
    code, said = office.run("publish", str(office.elsewhere))
    lines = office.text.count("\n")
    assert code == 1
    assert f"ivr_flows/ticket.yaml:{lines + 1}:1" in said
    assert f"ivr_flows/ticket.yaml:{lines + 2}:1" in said
    assert "线上的内容没有变" in said
    assert len(office.says("history").splitlines()) == 1, "the first import"


def test_a_new_service_and_its_end(office: Office) -> None:
    new = office.elsewhere.with_name("噪音.yaml")
    new.write_text(
        "flow: 噪音\ntitle: 噪音\nstart: done\nsteps:\n  done:\n    kind: end\n    then: home\n", "utf-8"
    )
    assert "噪音.yaml 第 1 版" in office.says("publish", str(new))
    assert "删除" in office.says("publish", "噪音", "--delete") + office.says("history", "噪音")
    assert "线上没有这个文件" in office.says("history", "噪音")


def test_a_trial(office: Office) -> None:
    assert office.says("trial") == "现在没有试用中的内容\n"
    said = office.says("publish", str(office.elsewhere), "--share", "0.1")
    assert "10% 的新来电试用" in said
    assert "正在试用" in office.says("history")
    compared = office.says("history", "ticket")
    assert "试用 10%" in compared
    assert compared.endswith("其余\t0\t0 (0%)\t0 (0%)\t0 (0%)\t0 (0%)\t0 (0%)\t0.0\t0.00\t—\n")
    code, said = office.run("rollback", "ticket")
    assert (code, "正在试用" in said) == (1, True)
    assert "所有新来电用回原来的内容" in office.says("publish", "ticket", "--drop")
    office.says("publish", str(office.elsewhere), "--share", "0.1")
    assert "试用转全量 ivr_flows/ticket.yaml 第 2 版" in office.says("publish", "--promote")
    code, said = office.run("publish", "--promote")
    assert (code, "没有试用" in said) == (1, True)


def test_what_makes_no_sense_is_said(office: Office) -> None:
    refused = {
        ("publish",): "文件或流程名",
        ("publish", "ticket", "--promote"): "没有在试用",
        ("publish", "--promote", "--drop"): "之一",
        ("publish", "nothing"): "读不到文件",
        ("publish", "ticket"): "完全相同",
        ("publish", "notes.tsv"): "读不到文件",
        ("history", "nothing"): "没有发布过",
        ("rollback", "ticket"): "没有更早的版本",
        ("rollback", "ticket", "--to", "7"): "没有第 7 版",
        ("diff", "ticket", "7"): "没有第 7 版",
    }
    for words, why in refused.items():
        code, said = office.run(*words)
        assert code != 0, words
        assert why in said, words


def test_a_base_that_is_not_live_any_more(office: Office) -> None:
    office.says("publish", str(office.elsewhere), "--author", "li", "--note", "李改的")
    code, said = office.run("publish", "ticket", "--base", "1", "--author", "wang")
    assert code == 1
    assert "李改的" in said
    assert f"+    - {NEW}" in said
