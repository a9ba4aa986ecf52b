"""Rows in and out of XLSX (openpyxl): cells are texts, so that ids and phones stay as they are, or dates."""

import io
import zipfile
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, Final

from voicebot.core.errors import VoicebotError
from voicebot.core.problem import ContentError, Problem

LARGEST: Final = 20_000_000
"""Bytes of a file that is opened, and ten times that unpacked."""
LONGEST: Final = 32_767
"""Characters that a cell of the format holds."""
WIDTHS: Final = (10, 40)


def to_xlsx(rows: Sequence[Sequence[str | datetime]], title: str) -> bytes:
    """One sheet with a fixed header row; a moment (without zone) becomes a date that can be counted with.

    Raises:
        VoicebotError: ``kb.cell_too_long``.
    """
    from openpyxl import Workbook
    from openpyxl.styles import Alignment, Font
    from openpyxl.utils import get_column_letter

    book = Workbook()
    sheet: Any = book.active
    sheet.title = title
    sheet.freeze_panes = "A2"
    for number, row in enumerate(rows, 1):
        for column, text in enumerate(row, 1):
            cell = sheet.cell(number, column)
            cell.alignment = Alignment(wrap_text=True, vertical="top")
            if isinstance(text, datetime):
                cell.value, cell.number_format = text, "yyyy-mm-dd hh:mm"
                continue
            if len(text) > LONGEST:
                raise VoicebotError(
                    "kb.cell_too_long", f"第 {number} 行的内容太长，XLSX 放不下：请导出为 CSV"
                )
            if text:
                cell.value = text
                cell.data_type = "s"
            cell.number_format = "@"
            if number == 1:
                cell.font = Font(bold=True)
    for column in range(1, len(rows[0]) + 1):
        longest = max(len(str(row[column - 1])) for row in rows)
        sheet.column_dimensions[get_column_letter(column)].width = max(WIDTHS[0], min(longest * 2, WIDTHS[1]))
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def from_xlsx(path: str, content: bytes) -> list[tuple[int, list[str]]]:
    """(row number, cells) of the first sheet; dates as 2026-01-31, whole numbers without a point.

    Raises:
        ContentError: no XLSX, too large, or a formula in a cell.
    """
    from openpyxl import load_workbook

    try:
        _check_size(path, content)
        book = load_workbook(io.BytesIO(content), read_only=True)
        sheet: Any = book.worksheets[0]
        rows = [(number, list(row)) for number, row in enumerate(sheet.iter_rows(), 1)]
        book.close()
    except ContentError:
        raise
    except Exception as error:  # openpyxl and the XML below it raise whatever a damaged file provokes
        message = "不是能读的 XLSX 文件"
        raise ContentError(
            [Problem(path, 0, 0, "kb.import_xlsx", message, "在表格软件里另存为 .xlsx")]
        ) from error
    formulas = [
        Problem(path, number, 0, "kb.import_formula", f"格子 {cell.coordinate} 是公式", "改成文字")
        for number, row in rows
        for cell in row
        if cell.data_type == "f"
    ]
    if formulas:
        raise ContentError(formulas)
    return [(number, [_text(cell.value) for cell in row]) for number, row in rows]


def _check_size(path: str, content: bytes) -> None:
    with zipfile.ZipFile(io.BytesIO(content)) as packed:
        unpacked = sum(entry.file_size for entry in packed.infolist())
    if len(content) > LARGEST or unpacked > 10 * LARGEST:
        raise ContentError([Problem(path, 0, 0, "kb.import_xlsx", "文件太大")])


def _text(value: object) -> str:
    match value:
        case None:
            return ""
        case bool():
            return str(value).lower()
        case datetime():
            return value.date().isoformat()
        case date():
            return value.isoformat()
        case float() if value.is_integer():
            return str(int(value))
        case _:
            return str(value)
