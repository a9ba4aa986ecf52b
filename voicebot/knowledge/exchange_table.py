"""Records as rows of a table: CSV text, or the rows of a spreadsheet."""

import csv
import io
from collections.abc import Iterable, Sequence
from typing import Final

from voicebot.core.problem import ContentError, Problem
from voicebot.knowledge.exchange import LABELS, LISTS, NAMES, Record, Value, escaped, made, unescaped

_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "'")
"""A cell that begins so would be calculated by a spreadsheet that opens the CSV."""
csv.field_size_limit(1_000_000)


def to_rows(records: Iterable[Record]) -> list[list[str]]:
    """A header of Chinese names, then one row each; lists have an entry on each line of their cell."""
    return [list(LABELS.values()), *([_cell(r.values.get(name, "")) for name in LABELS] for r in records)]


def _cell(value: Value) -> str:
    return escaped(value) if isinstance(value, str) else "\n".join(map(escaped, value))


def from_rows(path: str, rows: Sequence[tuple[int, Sequence[str]]]) -> list[Record]:
    """Inverse of `to_rows`; columns in any order, by their Chinese or their short name.

    Args:
        rows: (line, cells), the header first; rows without a word are passed over.

    Raises:
        ContentError: every column that cannot be placed, by its line.
    """
    full = [(line, cells) for line, cells in rows if any(cell.strip() for cell in cells)]
    if not full:
        raise ContentError([Problem(path, 0, 0, "kb.import_empty", "文件里没有内容")])
    line, header = full[0]
    names = [NAMES.get(cell.strip(), "") for cell in header]
    problems = [
        Problem(
            path, line, 0, "kb.import_column", f"不认识的列「{cell}」", f"可用：{'、'.join(LABELS.values())}"
        )
        for cell, name in zip(header, names, strict=True)
        if cell.strip() and not name
    ]
    twice = {name for name in names if name and names.count(name) > 1}
    problems += [
        Problem(path, line, 0, "kb.import_column", f"列「{LABELS[name]}」出现了两次")
        for name in sorted(twice)
    ]
    if "id" not in names:
        problems.append(Problem(path, line, 0, "kb.import_column", "缺少列「编号」", "第一行应是列名"))
    extra = [at for at, cells in full[1:] if any(cell.strip() for cell in cells[len(names) :])]
    problems += [Problem(path, at, 0, "kb.import_column", "这一行的格子比列名多") for at in extra]
    if problems:
        raise ContentError(problems)
    return [
        made(
            {name: _value(name, cell) for name, cell in zip(names, cells, strict=False) if name},
            path,
            at,
            dict.fromkeys(LABELS, at),
        )
        for at, cells in full[1:]
    ]


def _value(name: str, cell: str) -> Value:
    if name not in LISTS:
        return unescaped(cell)
    return tuple(unescaped(entry) for entry in cell.replace("\r\n", "\n").split("\n") if entry.strip())


def to_csv(records: Iterable[Record]) -> str:
    """Spreadsheets take no cell of it for a formula."""
    made_text = io.StringIO()
    writer = csv.writer(made_text, lineterminator="\r\n")
    writer.writerows([_guarded(cell) for cell in row] for row in to_rows(records))
    return made_text.getvalue()


def from_csv(path: str, text: str) -> list[Record]:
    """Raises ContentError, as `from_rows`, and where the text is no CSV."""
    reader = csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline=""), strict=True)
    rows: list[tuple[int, Sequence[str]]] = []
    line = 1
    try:
        for cells in reader:
            rows.append((line, [_unguarded(cell) for cell in cells]))
            line = reader.line_num + 1
    except csv.Error as error:
        message = f"不是正确的 CSV：{error}"
        raise ContentError([Problem(path, line, 0, "kb.import_csv", message, "检查引号是否成对")]) from error
    return from_rows(path, rows)


def _guarded(cell: str) -> str:
    return f"'{cell}" if cell.startswith(_FORMULA) else cell


def _unguarded(cell: str) -> str:
    return cell[1:] if cell.startswith("'") and cell[1:].startswith(_FORMULA) else cell
