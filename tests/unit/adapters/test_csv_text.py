"""CSV that spreadsheets open: no formula, no number in powers of ten, both encodings."""

from datetime import datetime

import pytest

from voicebot.adapters.sheets.csv_text import from_csv, to_csv
from voicebot.core.errors import VoicebotError

NASTY = ["=1+1", "+86", "-1", "@SUM(A1)", "\tx", "'x", '说"好"，换\n行', "20261124000072", "13800008000", ""]


def test_it_comes_back_as_it_was() -> None:
    written = to_csv([["编号", *NASTY[1:]], NASTY])
    assert written.startswith(b"\xef\xbb\xbf")
    assert [cells for _, cells in from_csv("x.csv", written)] == [["编号", *NASTY[1:]], NASTY]


def test_no_cell_is_a_formula() -> None:
    for line in to_csv([[cell] for cell in NASTY[:4]]).decode("utf-8-sig").splitlines():
        assert line.lstrip('"')[0] in "'\t"


def test_moments_are_written_as_spreadsheets_read_them() -> None:
    assert b"2026-11-24 09:30:00" in to_csv([[datetime(2026, 11, 24, 9, 30)]])


def test_files_of_chinese_windows() -> None:
    assert from_csv("x.csv", "标题\r\n路灯\r\n".encode("gb18030")) == [(1, ["标题"]), (2, ["路灯"])]


@pytest.mark.parametrize(("content", "code"), [(b"\xff\xff\xff", "sheet.encoding"), (b'a\n"b', "sheet.csv")])
def test_files_that_are_none(content: bytes, code: str) -> None:
    with pytest.raises(VoicebotError, match=code):
        from_csv("x.csv", content)
