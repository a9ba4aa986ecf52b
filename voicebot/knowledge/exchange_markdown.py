"""Records as one Markdown document, for people who review articles in writing.

## KB001

- 标题：社保卡丢了怎么挂失补办
- 回答：先打12333挂失。

### 问法

- 社保卡丢了
"""

import re
from collections.abc import Iterable
from typing import Final

from voicebot.core.problem import ContentError, Problem
from voicebot.knowledge.exchange import LABELS, LISTS, NAMES, Record, Value, escaped, made, unescaped

TITLE: Final = "# 知识条目"
_FIELD: Final = re.compile(r"[-*] ([^：:]+)[：:](.*)")
_ENTRY: Final = re.compile(r"[-*] (.*)")
_BREAK: Final = re.compile(r"\r?\n")


def to_markdown(records: Iterable[Record]) -> str:
    lines = [TITLE]
    for record in records:
        lines += ["", f"## {escaped(record.id)}", ""]
        single = [name for name in LABELS if name not in LISTS and name != "id" and record.values.get(name)]
        lines += [f"- {LABELS[name]}：{escaped(record.text(name))}" for name in single]
        for name in LABELS:
            value = record.values.get(name, ())
            if name in LISTS and value:
                lines += ["", f"### {LABELS[name]}", "", *(f"- {escaped(entry)}" for entry in value)]
    return "\n".join(lines) + "\n"


def from_markdown(path: str, text: str) -> list[Record]:
    """Inverse of `to_markdown`.

    Raises:
        ContentError: every line that cannot be placed.
    """
    reader = _Reader(path)
    for number, line in enumerate(_BREAK.split(text.removeprefix("\ufeff")), 1):
        reader.take(number, line)
    reader.close()
    if reader.problems:
        raise ContentError(reader.problems)
    return reader.records


class _Reader:
    """Lines in, records out."""

    def __init__(self, path: str) -> None:
        self._path = path
        self.records: list[Record] = []
        self.problems: list[Problem] = []
        self._values: dict[str, Value | None] | None = None
        self._line = 0
        self._lines: dict[str, int] = {}
        self._list = ""

    def take(self, number: int, line: str) -> None:
        if line.startswith("### "):
            self._open_list(number, line[4:].strip())
        elif line.startswith("## "):
            self.close()
            self._values, self._line, self._lines, self._list = {"id": unescaped(line[3:])}, number, {}, ""
        elif not line.strip() or (self._values is None and line.startswith("# ")):
            return
        elif self._values is None:
            self._refuse(number, "这一行在第一个条目之前", "条目从「## 编号」开始")
        elif self._list and (entry := _ENTRY.fullmatch(line)):
            before = self._values.get(self._list) or ()
            self._values[self._list] = (*before, unescaped(entry[1]))
        elif found := _FIELD.fullmatch(line):
            self._set(number, found[1].strip(), found[2])
        else:
            self._refuse(number, f"看不懂这一行：「{line[:20]}」", "应写成「- 字段：内容」")

    def close(self) -> None:
        """The article so far is complete."""
        if self._values is not None:
            self.records.append(made(self._values, self._path, self._line, self._lines))

    def _open_list(self, number: int, label: str) -> None:
        name = NAMES.get(label, "")
        self._list = name if name in LISTS else ""
        if self._values is None or not self._list:
            self._refuse(number, f"不认识的小标题「{label[:20]}」", "可用：步骤、问法、相关条目")
        elif self._list in self._lines:
            self._refuse(number, f"「{label}」出现了两次", "")
        else:
            self._lines[self._list] = number

    def _set(self, number: int, label: str, text: str) -> None:
        name = NAMES.get(label, "")
        assert self._values is not None
        if not name or name in LISTS or name in self._values:
            why = (
                f"字段「{label[:20]}」出现了两次" if name in self._values else f"不认识的字段「{label[:20]}」"
            )
            self._refuse(number, why, "" if name in self._values else f"可用：{'、'.join(LABELS.values())}")
            return
        self._values[name] = unescaped(text)
        self._lines[name] = number

    def _refuse(self, number: int, message: str, hint: str) -> None:
        self.problems.append(Problem(self._path, number, 0, "kb.import_markdown", message, hint))
