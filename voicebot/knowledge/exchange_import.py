"""Imported records become edits of the files of articles: what a person wrote there stays.

New articles are put behind the others of their category. An article that is there already and says something
else is left alone, unless an update is asked for; then the lines of the fields that differ are replaced and
nothing else, comments and order stay. An empty field changes nothing. Every edit is read back before it
counts.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from voicebot.core.problem import ContentError, Problem, Severity
from voicebot.knowledge.exchange import LABELS, Block, Record, blocks_in, by_category
from voicebot.knowledge.exchange_yaml import INDENT, article_lines, field_lines, scalar
from voicebot.knowledge.loading import SYNONYMS, load_knowledge

FOLDER: Final = "knowledge_base/articles"
_UNFIT: Final = frozenset('/\\:*?"<>|. ')

Line = tuple[str, Record | None, str]
"""A line of a file, and the record and field it was imported from."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What an import does.

    Args:
        texts: files that change, whole.
        added, updated, same: ids. kept: articles that say something else and stay (one finding each).
    """

    texts: Mapping[str, str] = field(default_factory=dict)
    added: tuple[str, ...] = ()
    updated: tuple[str, ...] = ()
    same: tuple[str, ...] = ()
    kept: tuple[Problem, ...] = ()


def plan_import(
    texts: Mapping[str, str], records: Iterable[Record], *, update: bool = False, folder: str = FOLDER
) -> Plan:
    """Args: texts: path → text of all files of the knowledge base as they are.

    Raises:
        ContentError: every mistake, at the line of the imported file; nothing is to be written then.
    """
    importer = _Importer(texts, folder)
    importer.take(_distinct(records), update)
    return importer.result()


def _distinct(records: Iterable[Record]) -> list[Record]:
    """Raises ContentError for records without an id, and for ids that come twice."""
    problems: list[Problem] = []
    first: dict[str, Record] = {}
    for record in records:
        if not record.id.strip():
            problems.append(record.problem("id", "kb.import_id", "没有编号"))
        elif (other := first.setdefault(record.id, record)) is not record:
            where = f"{other.path}:{other.line}"
            problems.append(record.problem("id", "kb.import_id", f"编号 {record.id} 已在 {where} 出现"))
    if problems:
        raise ContentError(problems)
    return list(first.values())


class _Importer:
    def __init__(self, texts: Mapping[str, str], folder: str) -> None:
        self._before = texts
        self._folder = folder
        self._files = {path: text for path, text in texts.items() if not path.endswith(SYNONYMS)}
        self._lines: dict[str, list[Line]] = {}
        self._expected: dict[str, dict[str, Record]] = {}
        self._blocks: dict[str, tuple[str, Block]] = {}
        for path, text in self._files.items():
            for block in blocks_in(path, text):
                self._blocks[block.record.id] = (path, block)
                self._expected.setdefault(path, {})[block.record.id] = block.record
        self.added: list[str] = []
        self.updated: list[str] = []
        self.same: list[str] = []
        self.kept: list[Problem] = []

    def take(self, records: list[Record], update: bool) -> None:
        changes: list[tuple[str, Block, Record, list[str]]] = []
        new: list[Record] = []
        for record in records:
            if record.id not in self._blocks:
                new.append(record)
                continue
            path, block = self._blocks[record.id]
            differs = [
                name for name, value in record.values.items() if block.record.values.get(name) != value
            ]
            if not differs:
                self.same.append(record.id)
            elif not update or "category" in differs:
                self.kept.append(_left_alone(record, block.record, differs))
            else:
                changes.append((path, block, record, differs))
        for path, block, record, differs in sorted(changes, key=lambda c: -c[1].start):
            self._update(path, block, record, differs)
        for category, fresh in by_category(new).items():
            self._add(category, fresh)

    def result(self) -> Plan:
        whole = {path: "".join(text for text, _, _ in lines) for path, lines in self._lines.items()}
        texts = {path: _like(self._files.get(path, ""), text) for path, text in whole.items()}
        self._read_back(texts)
        try:
            load_knowledge({**self._before, **texts})
        except ContentError as error:
            raise ContentError([self._at_source(problem) for problem in error.problems]) from error
        return Plan(texts, tuple(self.added), tuple(self.updated), tuple(self.same), tuple(self.kept))

    # ── edits ───────────────────────────────────────────────────────────────────────────────────

    def _open(self, path: str) -> list[Line]:
        if path not in self._lines:
            whole = self._files.get(path, "").replace("\r\n", "\n").splitlines(keepends=True)
            if whole and not whole[-1].endswith("\n"):
                whole[-1] += "\n"
            self._lines[path] = [(line, None, "") for line in whole]
        return self._lines[path]

    def _update(self, path: str, block: Block, record: Record, names: list[str]) -> None:
        lines, indent = self._open(path), min(column for _, column in block.own.values()) - 1
        edits: list[tuple[int, int, list[Line]]] = []
        for name in names:
            if name in block.own:
                start, column = block.own[name]
                end = _end_of_field(block, start, lines)
                made = field_lines(name, record.values[name], column - 1)
                made[0] = lines[start - 1][0][: column - 1] + made[0][column - 1 :]
            else:
                start = end = _trimmed(block.end, lines)
                made = field_lines(name, record.values[name], indent)
            edits.append((start, end, [(f"{line}\n", record, name) for line in made]))
        for start, end, new in sorted(edits, key=lambda edit: -edit[0]):  # lines above keep their numbers
            lines[start - 1 : end - 1] = new
        merged = replace(block.record, values={**block.record.values, **record.values})
        self._expected[path][record.id] = merged
        self.updated.append(record.id)

    def _add(self, category: str, records: list[Record]) -> None:
        path, indent, end = self._place_for(category, records[0])
        lines = self._open(path)
        if not lines:
            lines += [(f"category: {scalar(category)}\n", records[0], "category"), ("articles:\n", None, "")]
            end = len(lines) + 1
        made = [
            (f"{line}\n", record, name) for record in records for line, name in article_lines(record, indent)
        ]
        at = end - 1 if end else len(lines)
        lines[at:at] = made
        self._expected.setdefault(path, {}).update({record.id: record for record in records})
        self.added += [record.id for record in records]

    def _place_for(self, category: str, record: Record) -> tuple[str, int, int]:
        """(file, column of fields from 0, line to insert before or 0 for the end) for a category."""
        if not category.strip() or _UNFIT & set(category):
            what = "没有分类" if not category.strip() else f"分类「{category}」不能作文件名"
            raise ContentError([record.problem("category", "kb.import_category", what)])
        for path in self._files:
            held = [block for there, block in self._blocks.values() if there == path]
            if held and held[0].record.text("category") == category:
                last = max(held, key=lambda block: block.start)
                column = min(column for _, column in last.own.values())
                shift = len(self._open(path)) - len(self._files[path].splitlines())
                return path, column - 1, _trimmed(last.end + shift, self._open(path))
        return f"{self._folder}/{category}.yaml", INDENT, 0

    # ── checks ──────────────────────────────────────────────────────────────────────────────────

    def _read_back(self, texts: Mapping[str, str]) -> None:
        """Raises ContentError where an edited file does not say what it should."""
        for path, text in texts.items():
            try:
                found = {block.record.id: block.record.values for block in blocks_in(path, text)}
            except ContentError as error:
                raise ContentError([self._at_source(problem) for problem in error.problems]) from error
            wrong = [
                record
                for key, record in self._expected[path].items()
                if found.get(key) != {**(found.get(key, {}) if key in self.added else {}), **record.values}
            ]
            if wrong or len(found) != len(self._expected[path]):
                message = f"{path} 的写法不能自动改（{'、'.join(r.id for r in wrong)}），没有写入"
                raise ContentError([Problem(path, 0, 0, "kb.import_unsafe", message, "请手工修改这个文件")])

    def _at_source(self, problem: Problem) -> Problem:
        """A mistake at the line of the imported file it came from, where it did."""
        lines = self._lines.get(problem.path, [])
        if not 0 < problem.line <= len(lines):
            return problem
        _, record, name = lines[problem.line - 1]
        if record is None:
            return problem
        line = record.lines.get(name, record.line)
        label = f"{record.id} {LABELS.get(name, name)}：" if name != "id" else f"{record.id} "
        message = problem.message
        for field_name, chinese in LABELS.items():
            message = message.replace(f"字段 {field_name}：", "" if field_name == name else f"{chinese}：")
        return replace(problem, path=record.path, line=line, column=0, message=f"{label}{message}")


def _left_alone(record: Record, known: Record, differs: list[str]) -> Problem:
    what = "、".join(LABELS[name] for name in LABELS if name in differs)
    where = f"{known.path}:{known.line}"
    hint = "分类不能用导入来改" if "category" in differs else "要用导入的内容，请加 --update"
    message = f"{record.id} 与 {where} 的{what}不同，原文没有改动"
    return Problem(record.path, record.line, 0, "kb.import_kept", message, hint, Severity.WARNING)


def _end_of_field(block: Block, start: int, lines: list[Line]) -> int:
    """The first line behind a field; comments and blank lines before the next one stay with that."""
    behind = [line for line, _ in block.own.values() if line > start]
    return _trimmed(min(behind, default=block.end), lines)


def _trimmed(end: int, lines: list[Line]) -> int:
    end = min(end, len(lines) + 1)
    while end > 2 and (not (text := lines[end - 2][0].strip()) or text.startswith("#")):
        end -= 1
    return end


def _like(before: str, text: str) -> str:
    """With the line ends of the file as it was."""
    return text.replace("\r\n", "\n").replace("\n", "\r\n") if "\r\n" in before else text
