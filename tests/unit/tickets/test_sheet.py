"""Tickets as rows, and rows as demands, with what is wrong in each."""

from datetime import datetime

import pytest

from tests.fakes.clocks import MORNING
from tests.fakes.lives import born
from voicebot.core.meaning import AppealType, Urgency
from voicebot.tickets.sheet import IN, OUT, Fault, read, written

HEADER = ["外部编号", "诉求类型", "标题", "内容", "电话", "保密", "紧急程度", "备注"]
LAMP = ["W-1", "求助", "路灯不亮", "云江路12号路灯坏了", "138 0000 8000", "是", "紧急", "不看这一列"]


def rows(*cells: list[str]) -> list[tuple[int, list[str]]]:
    return list(enumerate([HEADER, *cells], start=1))


def test_a_good_row() -> None:
    (row,), faults = read(rows(LAMP), "mail")
    assert faults == ()
    assert (row.row, row.number, row.demand.appeal_type) == (2, "W-1", AppealType.HELP)
    assert (row.demand.channel, row.demand.urgency, row.demand.confidential) == ("mail", Urgency.URGENT, True)
    assert row.demand.want_reply


def test_empty_rows_and_the_order_of_columns_do_not_matter() -> None:
    turned = [(n, cells[::-1]) for n, cells in rows(LAMP)]
    (row,), faults = read([turned[0], (2, ["", " "]), (3, turned[1][1])], "mail")
    assert (row.row, row.demand.title, faults) == (3, "路灯不亮", ())


@pytest.mark.parametrize(
    ("column", "text", "message"),
    [
        ("外部编号", "", "不能为空"),
        ("诉求类型", "骂人", "不是诉求类型"),
        ("标题", "长" * 31, "最多 30 字"),
        ("内容", "长" * 10_001, "最多 10000 字"),
        ("电话", "找我老婆要", "不是电话号码"),
        ("电话", "12", "不是电话号码"),
        ("电话", "1' OR '1'='1", "不是电话号码"),
        ("保密", "也许", "是或者否"),
        ("紧急程度", "马上", "不是紧急程度"),
    ],
)
def test_what_is_wrong_with_a_row(column: str, text: str, message: str) -> None:
    bad = list(LAMP)
    bad[HEADER.index(column)] = text
    good, (fault,) = read(rows(bad, ["W-2", *LAMP[1:]]), "mail")
    assert [row.number for row in good] == ["W-2"]
    assert (fault.row, fault.column) == (2, column)
    assert message in fault.message
    assert str(fault).startswith(f"第 2 行 {column}：")


def test_a_number_stands_for_one_row() -> None:
    good, faults = read(rows(LAMP, LAMP), "mail")
    assert len(good) == 1
    assert faults == (Fault(3, "外部编号", "和第 2 行重复"),)


def test_files_that_are_none() -> None:
    assert read([], "mail")[1] == (Fault(0, "", "文件里没有内容"),)
    (missing, *_) = read([(1, ["标题", "内容", "诉求类型"])], "mail")[1]
    assert (missing.column, missing.message) == ("外部编号", "缺少这一列")
    assert "两次" in read([(1, [*HEADER, "标题"])], "mail")[1][0].message


def test_a_ticket_as_a_row() -> None:
    ticket, _ = born()
    row = dict(zip(OUT, written(ticket, "green", MORNING.tzinfo), strict=True))
    assert (row["姓名"], row["电话"], row["状态"]) == ("王**", "138****8000", "已受理")
    accepted = row["受理时间"]
    assert isinstance(accepted, datetime)
    assert (accepted.tzinfo, accepted.hour) == (None, 9)


def test_every_column_has_a_field() -> None:
    assert len(set(IN.values())) == len(IN)
