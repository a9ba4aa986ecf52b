"""Rows in and out of CSV that spreadsheets open: numbers stay texts, and no cell is a formula."""

import csv
import io
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Final

from voicebot.core.errors import VoicebotError

ENCODINGS: Final = ("utf-8-sig", "gb18030")
"""How files come: from editors, and from spreadsheets on Chinese Windows."""
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "'")
"""A cell that begins so would be calculated by a spreadsheet that opens the CSV."""
_LONG: Final = 11
"""Digits that a spreadsheet would write as 1.38E+10."""


def to_csv(rows: Iterable[Sequence[str | datetime]]) -> bytes:
    """UTF-8 with the mark that Excel knows it by."""
    made = io.StringIO()
    csv.writer(made, lineterminator="\r\n").writerows([_cell(cell) for cell in row] for row in rows)
    return made.getvalue().encode("utf-8-sig")


def from_csv(path: str, content: bytes) -> list[tuple[int, list[str]]]:
    """(line, cells); inverse of `to_csv`.

    Raises:
        VoicebotError: ``sheet.encoding``, ``sheet.csv``.
    """
    text = _decoded(path, content)
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    rows: list[tuple[int, list[str]]] = []
    line = 1
    try:
        for cells in reader:
            rows.append((line, [_plain(cell) for cell in cells]))
            line = reader.line_num + 1
    except csv.Error as error:
        raise VoicebotError(
            "sheet.csv", f"{path}:{line} 不是正确的 CSV（{error}）：检查引号是否成对"
        ) from error
    return rows


def _decoded(path: str, content: bytes) -> str:
    for encoding in ENCODINGS:
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise VoicebotError("sheet.encoding", f"{path} 的编码不认识：请存成 UTF-8")


def _cell(cell: str | datetime) -> str:
    if isinstance(cell, datetime):
        return cell.isoformat(" ", "seconds")
    if cell.isascii() and cell.isdigit() and len(cell) >= _LONG:
        return f"\t{cell}"
    return f"'{cell}" if cell.startswith(_FORMULA) else cell


def _plain(cell: str) -> str:
    if cell.startswith("\t") and cell[1:].isdigit():
        return cell[1:]
    return cell[1:] if cell.startswith("'") and cell[1:].startswith(_FORMULA) else cell
