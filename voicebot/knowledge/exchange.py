"""Articles on their way in and out: one record each, the same in YAML, Markdown, CSV and XLSX.

A record holds what the author wrote, field by field; an empty field is not given. Whatever format it went
through, it comes back the same (tests/unit/knowledge/test_exchange.py).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final

from voicebot.core.marked_yaml import MarkedYaml, read_yaml
from voicebot.core.problem import ContentError, Problem

Value = str | tuple[str, ...]

LABELS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "id": "编号",
        "category": "分类",
        "title": "标题",
        "department": "部门",
        "owner": "负责人",
        "scope": "适用范围",
        "audience": "对象",
        "status": "状态",
        "valid_from": "生效日期",
        "valid_to": "失效日期",
        "reviewed": "核对日期",
        "answer": "回答",
        "more": "详细",
        "materials": "材料",
        "where": "地点",
        "cost": "费用",
        "time": "时间",
        "steps": "步骤",
        "basis": "依据",
        "questions": "问法",
        "related": "相关条目",
        "life_event": "一件事",
    }
)
"""Field → its name in tables and documents, in their order."""
LISTS: Final = frozenset({"steps", "questions", "related"})
NAMES: Final[Mapping[str, str]] = MappingProxyType(
    {label: name for name, label in LABELS.items()} | {name: name for name in LABELS}
)
"""What a column or heading may be called → field."""


@dataclass(frozen=True, slots=True)
class Record:
    """One article as written.

    Args:
        values: field → text, or texts for `LISTS`; fields without a value are left out.
        path, line: where it stands; `lines`: field → line, as far as it is known.
    """

    values: Mapping[str, Value]
    path: str = ""
    line: int = 0
    lines: Mapping[str, int] = field(default_factory=dict)

    @property
    def id(self) -> str:
        return self.text("id")

    def text(self, name: str) -> str:
        value = self.values.get(name, "")
        return value if isinstance(value, str) else ""

    def problem(self, name: str, code: str, message: str, hint: str = "") -> Problem:
        label = f"字段 {LABELS[name]}：" if name in LABELS else ""
        return Problem(self.path, self.lines.get(name, self.line), 0, code, f"{label}{message}", hint)


@dataclass(frozen=True, slots=True)
class Block:
    """A record where it stands in a YAML file.

    Args:
        record: with the `defaults` of its file.
        own: fields written in the article itself → (line, column), 1-based.
        start, end: its lines, `end` being the first one behind it.
    """

    record: Record
    own: Mapping[str, tuple[int, int]]
    start: int
    end: int


def made(values: Mapping[str, Value | None], path: str, line: int, lines: Mapping[str, int]) -> Record:
    """A record of the fields that have a value."""
    return Record({name: value for name, value in values.items() if value}, path, line, lines)


def records_in(path: str, text: str) -> list[Record]:
    """Records of a YAML file of articles.

    Raises:
        ContentError: it cannot be read as such.
    """
    return [block.record for block in blocks_in(path, text)]


def blocks_in(path: str, text: str) -> list[Block]:
    """The same with their places. Raises as `records_in`."""
    document = read_yaml(path, text)
    file = document.value if isinstance(document.value, dict) else {}
    articles, defaults = file.get("articles"), file.get("defaults") or {}
    if not isinstance(articles, list) or not isinstance(defaults, dict) or not file.get("category"):
        raise ContentError(
            [Problem(path, 1, 0, "kb.no_articles", "不是知识条目文件：缺少 category 或 articles")]
        )
    starts = [document.mark(("articles", i))[0] for i in range(len(articles))]
    ends = [*starts[1:], _end_of_articles(document, file, starts)]
    return [
        _block(document, {"category": str(file["category"]), **defaults}, i, article, starts[i], ends[i])
        for i, article in enumerate(articles)
    ]


def _end_of_articles(document: MarkedYaml, file: Mapping[str, object], starts: Sequence[int]) -> int:
    """The first line behind the list."""
    behind = [document.mark((key,))[0] for key in file if key != "articles"]
    return min((line for line in behind if starts and line > starts[-1]), default=len(document.lines) + 1)


def _block(
    document: MarkedYaml, shared: Mapping[str, object], index: int, article: object, start: int, end: int
) -> Block:
    if not isinstance(article, dict):
        raise ContentError([document.problem(("articles", index), "kb.no_articles", "这一条不是知识条目")])
    values = {name: _value(value) for name, value in {**shared, **article}.items()}
    own = {name: document.mark(("articles", index, name)) for name in article}
    lines = {name: line for name, (line, _) in own.items()}
    return Block(made(values, document.path, start, lines), own, start, end)


def _value(value: object) -> Value:
    if isinstance(value, list):
        return tuple(str(item) for item in value if item is not None)
    return "" if value is None else str(value)


def escaped(text: str) -> str:
    """On one line."""
    return text.replace("\\", "\\\\").replace("\n", "\\n").replace("\r", "\\r")


def unescaped(text: str) -> str:
    """Inverse of `escaped`; a backslash before anything else stays."""
    found: list[str] = []
    rest = iter(text)
    for char in rest:
        if char != "\\":
            found.append(char)
            continue
        following = next(rest, "")
        found.append({"n": "\n", "r": "\r", "\\": "\\"}.get(following, f"\\{following}"))
    return "".join(found)


def by_category(records: Iterable[Record]) -> dict[str, list[Record]]:
    found: dict[str, list[Record]] = {}
    for record in records:
        found.setdefault(record.text("category"), []).append(record)
    return found
