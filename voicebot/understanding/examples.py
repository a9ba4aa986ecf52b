"""Example sentences: what callers say, by what they mean. The system learns from them (see `learned`).

    examples:
      - intent: ticket
        department: 市城市管理局
        appeal: 投诉
        says:
          - 楼下烧烤摊天天半夜冒烟我家窗户都不敢开

One file or many below ``knowledge_base/examples/``; an administrator adds a sentence as callers say it.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from pydantic import BaseModel, ConfigDict, Field

from voicebot.core.catalogue import Department
from voicebot.core.demand import TicketRequest
from voicebot.core.ids import DepartmentName
from voicebot.core.marked_yaml import Location, MarkedYaml, read_yaml, validate
from voicebot.core.meaning import AppealType, Intent, Urgency
from voicebot.core.problem import ContentError, Problem
from voicebot.core.shelf import NOTHING_KEPT, Shelf
from voicebot.understanding.reading import read

VERSION: Final = "examples-1"
"""Part of the key of what is kept: changes with `_Said` and with what the checks let pass."""


class ExampleGroup(BaseModel):
    """Sentences with the same labels.

    Args:
        second: a further purpose in the same breath.
        request: what is asked of an existing ticket.
        article: a question that this article answers.
        unanswered: a question that no article answers.
    """

    model_config = ConfigDict(extra="forbid")

    intent: Intent
    department: str = ""
    appeal: AppealType | None = None
    urgency: Urgency = Urgency.NORMAL
    second: Literal["faq", "ticket", "ticket_status", "human", ""] = ""
    request: TicketRequest | None = None
    article: str = ""
    unanswered: bool = False
    says: list[str] = Field(min_length=1)


class ExampleFile(BaseModel):
    model_config = ConfigDict(extra="forbid")

    examples: list[ExampleGroup]


@dataclass(frozen=True, slots=True)
class Example:
    """One sentence and what it means.

    Args:
        department: None where nobody has to act.
        request: what is asked of an existing ticket; None for its state.
    """

    text: str
    intent: Intent
    department: DepartmentName | None = None
    appeal: AppealType | None = None
    request: TicketRequest | None = None


@dataclass(frozen=True, slots=True)
class _Said:
    """A sentence and where it stands; the department as it is written."""

    line: int
    column: int
    text: str
    intent: Intent
    department: str
    appeal: AppealType | None
    request: TicketRequest | None


def load_examples(
    texts: Mapping[str, str], departments: Sequence[Department], shelf: Shelf = NOTHING_KEPT
) -> tuple[Example, ...]:
    """All sentences of all files, in order.

    Args:
        texts: path → text.
        shelf: where files without a mistake are kept as read: YAML takes seconds for ten thousand sentences.

    Raises:
        ContentError: every mistake with file:line; a sentence that stands twice is one.
    """
    known = {str(department.name): department.name for department in departments}
    found: list[Example] = []
    problems: list[Problem] = []
    seen: dict[str, tuple[str, int]] = {}
    for path, text in sorted(texts.items()):
        try:
            sentences = _file(path, text, frozenset(known), shelf)
        except ContentError as error:
            problems += error.problems
            continue
        for said in sentences:
            if said.text in seen:
                other, first = seen[said.text]
                message = f"例句「{said.text}」在 {other}:{first} 已有"
                problems.append(Problem(path, said.line, said.column, "example.duplicate", message))
            seen.setdefault(said.text, (path, said.line))
            found.append(
                Example(said.text, said.intent, known.get(said.department), said.appeal, said.request)
            )
    if problems:
        raise ContentError(problems)
    return tuple(found)


def _file(path: str, text: str, departments: frozenset[str], shelf: Shelf) -> tuple[_Said, ...]:
    """Sentences of a file, kept or read.

    Raises:
        ContentError: every mistake that shows in this file alone.
    """
    digest = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
    key = f"{VERSION} {path} {digest}"
    kept = _unpacked(key, shelf.get(key))
    if kept is not None and departments.issuperset(said.department for said in kept if said.department):
        return kept
    document = read_yaml(path, text)
    groups = validate(document, ExampleFile).examples
    problems: list[Problem] = []
    sentences: list[_Said] = []
    for index, group in enumerate(groups):
        at: Location = ("examples", index)
        if group.department and group.department not in departments:
            message = f"部门目录里没有「{group.department}」"
            problems.append(document.problem((*at, "department"), "example.unknown_department", message))
        sentences += _sentences(document, at, group, problems)
    if problems:
        raise ContentError(problems)
    shelf.put(key, _packed(key, sentences))
    return tuple(sentences)


def _sentences(
    document: MarkedYaml, at: Location, group: ExampleGroup, problems: list[Problem]
) -> list[_Said]:
    sentences = []
    for number, says in enumerate(group.says):
        place: Location = (*at, "says", number)
        if not len(read(says)):
            problems.append(document.problem(place, "example.empty", "例句里没有话"))
        line, column = document.mark(place)
        sentences.append(
            _Said(line, column, says, group.intent, group.department, group.appeal, group.request)
        )
    return sentences


def _packed(key: str, sentences: Sequence[_Said]) -> bytes:
    """With the key they are kept under, so that nothing else is taken for them."""
    rows = [(s.line, s.column, s.text, s.intent, s.department, s.appeal, s.request) for s in sentences]
    return json.dumps([key, rows], ensure_ascii=False).encode("utf-8", "surrogatepass")


def _unpacked(key: str, value: bytes | None) -> tuple[_Said, ...] | None:
    """What `_packed` packed under that key; None when it is not that."""
    if value is None:
        return None
    try:
        kept, rows = json.loads(value.decode("utf-8", "surrogatepass"))
        if kept != key:
            return None
        return tuple(
            _Said(
                line,
                column,
                text,
                Intent(intent),
                department,
                AppealType(appeal) if appeal else None,
                TicketRequest(request) if request else None,
            )
            for line, column, text, intent, department, appeal, request in rows
        )
    except (ValueError, TypeError):
        return None
