"""YAML that remembers where each value stands.

Every scalar is read as text (YAML 1.1 would turn ``no``, ``0110`` or ``8:30`` into something
else) and converted later by a schema; duplicate keys and aliases are refused. Uses
``yaml.compose`` with the C loader: 200 files of 123 lines in 0.22 s (findings.md).
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final, TypeVar

import yaml
from pydantic import BaseModel, ValidationError

from voicebot.core.problem import ContentError, Problem
from voicebot.core.schema_words import Location as Location
from voicebot.core.schema_words import field_name, in_chinese
from voicebot.core.yaml_advice import BREAK, advise

M = TypeVar("M", bound=BaseModel)
LARGEST: Final = 4_000_000
"""Characters; what people write by hand is a hundred times smaller."""
DEEPEST: Final = 40
"""Levels of nesting; libyaml's composer recurses in C and takes the process down at some 100,000."""
MOST_MENDED: Final = 30
_LOADER: Final[Any] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_UNSEEN: Final = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff\ud800-\udfff]"
)
"""What no editor shows; some of it YAML refuses, some it takes for the end of a line."""
_WIDE_INDENT: Final = re.compile(
    r"^(?P<lead> *[\u00a0\u3000][ \u00a0\u3000]*)(?=(?:- +)?[A-Za-z_]\w*:)", re.MULTILINE
)
_LEAD: Final = re.compile(r"[ \-?:]{100}")
"""Without it lines cannot nest deeper than some 200 levels."""
_PLAIN_TAGS: Final = frozenset(
    f"tag:yaml.org,2002:{name}"
    for name in ("str", "int", "float", "bool", "null", "timestamp", "merge", "value", "seq", "map")
)


@dataclass(frozen=True)
class MarkedYaml:
    """A parsed file.

    Args:
        path: shown in findings.
        value: nested dict/list/str/None.
        marks: location (keys and indexes from the root) → (line, column), 1-based; a mapping's
            member is marked at its key.
        text: as it was read.
        problems: mistakes of the YAML itself.
        readable: the value holds what the author wrote, apart from what `problems` name.
        refused: places whose value is None because of a problem.
    """

    path: str
    value: object
    marks: dict[Location, tuple[int, int]]
    text: str = ""
    problems: tuple[Problem, ...] = ()
    readable: bool = True
    refused: frozenset[Location] = frozenset()

    def mark(self, location: Location) -> tuple[int, int]:
        """Nearest known place: the location itself or the closest parent that exists."""
        return self.marks.get(self.known(location), (1, 1))

    def known(self, location: Location) -> Location:
        """As far as the author wrote it; parts that only the schema knows are passed over."""
        known: Location = ()
        for part in location:
            if (*known, part) in self.marks:
                known = (*known, part)
        return known

    @cached_property
    def lines(self) -> list[str]:
        return BREAK.split(self.text)

    def problem(self, location: Location, code: str, message: str, suggestion: str = "") -> Problem:
        """A finding at `location`."""
        line, column = self.mark(location)
        return Problem(self.path, line, column, code, message, suggestion)


def read_yaml(path: str, text: str) -> MarkedYaml:
    """Parses one document.

    Raises:
        ContentError: syntax error, duplicate key, alias or more than one document.
    """
    document = read_marked(path, text)
    if document.problems:
        raise ContentError(document.problems)
    return document


def read_marked(path: str, text: str) -> MarkedYaml:
    """Parses one document as far as it goes; never raises. Behind a mistake of one line (a colon, a
    quote) it reads on as if that line were mended, so that all mistakes are told at once."""
    if refused := _unfit(path, text.removeprefix("\ufeff")):
        return MarkedYaml(path, None, {}, text, (refused,), readable=False)
    text = text.removeprefix("\ufeff")
    problems: list[Problem] = []
    for wide in _WIDE_INDENT.finditer(text):
        message, hint = "YAML 语法错误：缩进用了全角空格", "请改用半角空格，每层两个"
        problems.append(Problem(path, *_place(text, wide.start()), "yaml.syntax", message, hint))
    mended = _WIDE_INDENT.sub(lambda m: m["lead"].replace("\u3000", "  ").replace("\u00a0", " "), text)
    last = (0, 0)
    for _ in range(MOST_MENDED):
        try:
            root = yaml.compose(mended, Loader=_LOADER)
        except yaml.MarkedYAMLError as error:
            advice = advise(mended, error)
            place = (advice.line, advice.column)
            if place <= last:
                break  # mending made it worse
            last = place
            message = f"YAML 语法错误：{advice.message}"
            problems.append(Problem(path, *place, "yaml.syntax", message, advice.suggestion))
            if advice.mended is None:
                break
            mended = _with_line(mended, advice.line - 1, advice.mended)
        except RecursionError:  # only where PyYAML was built without libyaml
            problems.append(Problem(path, 1, 1, "yaml.too_deep", f"嵌套超过 {DEEPEST} 层"))
            break
        else:
            reader = _Reader(path)
            value = reader.plain(root, ()) if root is not None else None
            problems += reader.problems
            places = frozenset(reader.refused)
            return MarkedYaml(path, value, reader.marks, text, tuple(problems), refused=places)
    return MarkedYaml(path, None, {}, text, tuple(problems), readable=False)


def _with_line(text: str, number: int, line: str) -> str:
    start = 0
    for _ in range(number):
        found = BREAK.search(text, start)
        assert found is not None  # the parser counted the same lines
        start = found.end()
    end = BREAK.search(text, start)
    return text[:start] + line + (text[end.start() :] if end else "")


def _unfit(path: str, text: str) -> Problem | None:
    """What must not even be parsed."""
    if len(text) > LARGEST:
        return Problem(path, 1, 1, "yaml.too_large", f"文件太大（{len(text)} 个字符）", "请拆成几个文件")
    if found := _UNSEEN.search(text):
        code = f"U+{ord(found[0]):04X}"
        place = _place(text, found.start())
        return Problem(path, *place, "yaml.character", f"有看不见的字符（{code}）", "请删除后重新输入这一处")
    if place_of_depth := _too_deep(text):
        return Problem(path, *place_of_depth, "yaml.too_deep", f"嵌套超过 {DEEPEST} 层")
    return None


def _place(text: str, offset: int) -> tuple[int, int]:
    line, start = 1, 0
    for found in BREAK.finditer(text, 0, offset):
        line, start = line + 1, found.end()
    return line, offset - start + 1


def _too_deep(text: str) -> tuple[int, int] | None:
    """Where nesting goes too deep, found without recursion; most texts cannot and are not parsed."""
    if text.count("[") + text.count("{") < 1000 and not _LEAD.search(text):
        return None
    depth = 0
    try:
        for event in yaml.parse(text, Loader=_LOADER):
            depth += isinstance(event, yaml.CollectionStartEvent)
            depth -= isinstance(event, yaml.CollectionEndEvent)
            if depth > DEEPEST and event.start_mark:
                return event.start_mark.line + 1, event.start_mark.column + 1
    except yaml.YAMLError:
        return None  # composing stops at the same place
    return None


class _Reader:
    """Turns composed nodes into plain values and notes where each one stands."""

    def __init__(self, path: str) -> None:
        self.path = path
        self.marks: dict[Location, tuple[int, int]] = {}
        self.problems: list[Problem] = []
        self.refused: list[Location] = []
        self._seen: dict[int, bool] = {}

    def plain(self, node: yaml.Node, at: Location) -> object:
        self.marks.setdefault(at, (node.start_mark.line + 1, node.start_mark.column + 1))
        if id(node) in self._seen:  # the composer hands out one node for an anchor and its aliases
            if not self._seen[id(node)]:
                self._refuse(node, "yaml.alias", "不支持 YAML 锚点和别名（& 和 *）", "请把内容再写一遍")
            self._seen[id(node)] = True
            self.refused.append(at)
            return None
        self._seen[id(node)] = False
        if len(at) > DEEPEST:
            self._refuse(node, "yaml.too_deep", f"嵌套超过 {DEEPEST} 层")
            self.refused.append(at)
            return None
        if node.tag not in _PLAIN_TAGS:
            self._refuse(node, "yaml.tag", "不支持「!」开头的标签", "句子以「!」开头时请加引号")
            self.refused.append(at)
            return None
        match node:
            case yaml.ScalarNode(value=text, style=style):
                return None if not style and text in ("", "~", "null") else text
            case yaml.SequenceNode(value=items):
                return [self.plain(item, (*at, i)) for i, item in enumerate(items)]
            case yaml.MappingNode(value=pairs):
                return self._mapping(pairs, at)
            case _:
                self._refuse(node, "yaml.node", "无法识别的 YAML 内容")
                return None

    def _mapping(self, pairs: list[tuple[yaml.Node, yaml.Node]], at: Location) -> dict[str, object]:
        result: dict[str, object] = {}
        for key, member in pairs:
            if not isinstance(key, yaml.ScalarNode):
                hint = "句子以「{」或「[」开头时请加引号"
                self._refuse(key, "yaml.key", "键必须是文字", hint)
            elif key.value in result:
                line = self.marks[(*at, key.value)][0]
                message = f"键「{key.value[:40]}」重复，第 {line} 行已经有了"
                self._refuse(key, "yaml.duplicate_key", message, "请改名，或删除其中一个")
            else:
                self.marks[(*at, key.value)] = (key.start_mark.line + 1, key.start_mark.column + 1)
                result[key.value] = self.plain(member, (*at, key.value))
        return result

    def _refuse(self, node: yaml.Node, code: str, message: str, suggestion: str = "") -> None:
        mark = node.start_mark
        self.problems.append(Problem(self.path, mark.line + 1, mark.column + 1, code, message, suggestion))


def validate(document: MarkedYaml, model: type[M], at: Location = ()) -> M:
    """Converts (a part of) a document into a pydantic model.

    Raises:
        ContentError: every violation, each at its line.
    """
    value: object = document.value
    for step in at:
        value = value[step]  # type: ignore[index]
    try:
        return model.model_validate(value)
    except ValidationError as error:
        raise ContentError(p for _, p in violations(document, at, error)) from error


def violations(
    document: MarkedYaml, at: Location, error: ValidationError
) -> Iterator[tuple[Location, Problem]]:
    """Every violation with the place of the value, as pydantic names it below `at`."""
    for item in error.errors(include_url=False):
        within: Location = item["loc"]
        written = document.known((*at, *within))[len(at) :]
        field = field_name((*written, within[-1]) if item["type"] == "missing" else written) or "文件"
        code, message, suggestion = in_chinese(
            item["type"], item["msg"], item.get("ctx", {}), item["input"] if within else ""
        )
        yield within, document.problem((*at, *within), code, f"字段 {field}：{message}", suggestion)
