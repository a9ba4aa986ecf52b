"""`voicebot ticket`: tickets in and out of real files, on a real database."""

import asyncio
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from openpyxl import load_workbook

from voicebot.adapters.db.callbacks import SqlCallbacks
from voicebot.adapters.db.database import FILE_NAME, Database
from voicebot.adapters.sheets.csv_text import from_csv
from voicebot.adapters.sheets.xlsx import to_xlsx
from voicebot.cli import main
from voicebot.tickets.callbacks import Over, Try, TryOutcome

pytestmark = pytest.mark.integration

HEADER = "外部编号,诉求类型,标题,内容,地址,电话,姓名\n"
LAMP = "W-1,求助,路灯不亮,云江路12号路灯坏了请打13912345678,云江路12号,13800008000,王小明\n"
COVER = "W-2,投诉,井盖丢了,=HYPERLINK(1),江南路3号,13911112222,李四\n"
BAD = "W-3,骂人,,没有标题,,,\n"


class Desk:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.data = folder / "data"
        made = self.run("account", "add", "admin", "--role", "admin", "--password", "12345678")
        assert made.exit_code == 0, made.output

    def run(self, *words: str) -> Result:
        return CliRunner().invoke(main, [*words, "--data", str(self.data)])

    def file(self, name: str, content: str | bytes, encoding: str = "utf-8-sig") -> str:
        path = self.folder / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode(encoding))
        return str(path)

    def listed(self) -> list[str]:
        found = json.loads(self.run("ticket", "list", "--json").output)
        return [item["title"] for item in found["items"]]


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def test_one_fault_keeps_everything_out_unless_asked_otherwise(desk: Desk) -> None:
    source, report = desk.file("in.csv", HEADER + LAMP + BAD + COVER), desk.folder / "bad.csv"
    refused = desk.run("ticket", "import", source, "--report", str(report))
    assert refused.exit_code == 1
    assert "第 3 行 诉求类型" in refused.output
    assert "没有写入 2 行" in refused.output
    assert desk.listed() == []
    header, row = from_csv("bad.csv", report.read_bytes())
    assert (header[1][-1], row[1][0]) == ("错误", "W-3")

    good = desk.run("ticket", "import", source, "--good", "--json")
    assert good.exit_code == 1
    body = json.loads(good.output)
    assert {key: body[key] for key in ("new", "same", "wrong", "left")} == {
        "new": 2,
        "same": 0,
        "wrong": 1,
        "left": 0,
    }
    assert desk.listed() == ["井盖丢了", "路灯不亮"]


def test_imported_again_it_is_the_same(desk: Desk) -> None:
    source = desk.file("in.csv", HEADER + LAMP + COVER, "gb18030")
    assert desk.run("ticket", "import", source, "--dry-run").exit_code == 0
    assert desk.listed() == []
    for said in ("新登记 2 件，已有 0 件", "新登记 0 件，已有 2 件"):
        done = desk.run("ticket", "import", source)
        assert (done.exit_code, said in done.output) == (0, True), done.output
    assert len(desk.listed()) == 2
    rows = [HEADER.strip().split(","), *(line.strip().split(",") for line in (LAMP, COVER))]
    again = desk.run("ticket", "import", desk.file("in.xlsx", to_xlsx(rows, "工单")))
    assert "新登记 0 件，已有 2 件" in again.output


def test_an_export_is_masked_and_opens_in_a_spreadsheet(desk: Desk) -> None:
    desk.run("ticket", "import", desk.file("in.csv", HEADER + LAMP + COVER))
    for name in ("out.csv", "out.xlsx"):
        done = desk.run("ticket", "export", str(desk.folder / name))
        assert done.exit_code == 0, done.output
    text = (desk.folder / "out.csv").read_text("utf-8-sig")
    assert "13800008000" not in text
    assert "13912345678" not in text
    assert "王小明" not in text
    assert "'=HYPERLINK" in text
    sheet = load_workbook(desk.folder / "out.xlsx").active
    assert sheet is not None
    header = [cell.value for cell in sheet[1]]
    row = dict(zip(header, sheet[2], strict=True))
    number, accepted, content = row["工单编号"], row["受理时间"], row["内容"]
    assert (number.data_type, len(str(number.value))) == ("s", 14)
    assert isinstance(accepted.value, datetime)
    assert (content.data_type, content.value) == ("s", "=HYPERLINK(1)")
    assert (desk.folder / "out.csv").stat().st_mode & 0o077 == 0


def test_one_ticket(desk: Desk) -> None:
    desk.run("ticket", "import", desk.file("in.csv", HEADER + LAMP))
    number = json.loads(desk.run("ticket", "list", "--json").output)["items"][0]["ticket_no"]
    shown = desk.run("ticket", "show", number)
    assert "138****8000" in shown.output
    assert "答复时限" in shown.output
    assert json.loads(desk.run("ticket", "show", number, "--json").output)["channel"] == "import"
    assert desk.run("ticket", "show", "20261124999999").exit_code == 1


@pytest.mark.parametrize(
    ("name", "content"),
    [("x.csv", b"\xff\xff\xff"), ("x.xlsx", b"no zip"), ("x.txt", b""), ("x.csv", b'a,"b')],
)
def test_files_that_are_none(desk: Desk, name: str, content: bytes) -> None:
    done = desk.run("ticket", "import", desk.file(name, content))
    assert done.exit_code in (1, 2)
    assert "Traceback" not in done.output
    assert isinstance(done.exception, SystemExit)


def test_accounts_that_may_not(desk: Desk) -> None:
    desk.run("account", "add", "bian", "--role", "editor", "--password", "12345678")
    target = str(desk.folder / "out.csv")
    assert desk.run("ticket", "export", target, "--as", "bian").exit_code == 1
    assert desk.run("ticket", "export", target, "--as", "nobody").exit_code == 1
    source = desk.file("in.csv", HEADER + LAMP)
    assert desk.run("ticket", "import", source, "--as", "bian").exit_code == 1


def test_people_not_reached_are_listed_and_looked_after(desk: Desk) -> None:
    async def missed() -> None:
        database, now = await Database.open(desk.data / FILE_NAME), datetime.now(UTC)
        owed = SqlCallbacks(database)
        for number in ("13800008000", "13800008001"):
            await owed.missed(number, now)
            due = await owed.claim(now, now + timedelta(minutes=2), "test")
            assert due is not None
            await owed.tried(due, Try(now, TryOutcome.NO_ANSWER), Over.UNREACHED, None)
        await database.close()

    asyncio.run(missed())
    first, second = json.loads(desk.run("ticket", "unreached", "--json").output)["items"]
    assert (first["phone"], first["reason"], first["tries"][0]["outcome"]) == (
        "138****8000",
        "unreached",
        "no_answer",
    )
    assert "多次未接通\t138****8001" in desk.run("ticket", "unreached").output
    words = ("ticket", "unreached", "--done", first["key"], "--again", second["key"])
    assert desk.run(*words).output == "没有\n"
    again = desk.run(*words)
    assert again.exit_code == 1
    assert f"{first['key']} 没有动：已经有人处理" in again.output
