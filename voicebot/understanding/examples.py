"""Example sentences: what callers say, by what they mean. The system learns from them (see `learned`).

    examples:
      - intent: ticket
        department: 市城市管理局
        appeal: 投诉
        says:
          - 楼下烧烤摊天天半夜冒烟我家窗户都不敢开

One file or many below ``knowledge_base/examples/``; an administrator adds a sentence as callers say it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from voicebot.core.catalogue import Department
from voicebot.core.demand import TicketRequest
from voicebot.core.ids import DepartmentName
from voicebot.core.marked_yaml import Location, MarkedYaml, read_yaml, validate
from voicebot.core.meaning import AppealType, Intent, Urgency
from voicebot.core.problem import ContentError, Problem
from voicebot.understanding.reading import read


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


def load_examples(texts: Mapping[str, str], departments: Sequence[Department]) -> tuple[Example, ...]:
    """All sentences of all files, in order.

    Args:
        texts: path → text.

    Raises:
        ContentError: every mistake with file:line; a sentence that stands twice is one.
    """
    known = {str(department.name): department.name for department in departments}
    found: list[Example] = []
    problems: list[Problem] = []
    seen: dict[str, tuple[str, int]] = {}
    for path, text in sorted(texts.items()):
        try:
            document = read_yaml(path, text)
            groups = validate(document, ExampleFile).examples
        except ContentError as error:
            problems += error.problems
            continue
        for index, group in enumerate(groups):
            at: Location = ("examples", index)
            if group.department and group.department not in known:
                problems.append(
                    document.problem(
                        (*at, "department"),
                        "example.unknown_department",
                        f"部门目录里没有「{group.department}」",
                    )
                )
            found += _sentences(document, at, group, known, seen, problems)
    if problems:
        raise ContentError(problems)
    return tuple(found)


def _sentences(
    document: MarkedYaml,
    at: Location,
    group: ExampleGroup,
    known: Mapping[str, DepartmentName],
    seen: dict[str, tuple[str, int]],
    problems: list[Problem],
) -> list[Example]:
    examples = []
    for number, says in enumerate(group.says):
        place: Location = (*at, "says", number)
        line, _ = document.mark(place)
        if not len(read(says)):
            problems.append(document.problem(place, "example.empty", "例句里没有话"))
        elif says in seen:
            path, first = seen[says]
            problems.append(
                document.problem(place, "example.duplicate", f"例句「{says}」在 {path}:{first} 已有")
            )
        seen.setdefault(says, (document.path, line))
        examples.append(Example(says, group.intent, known.get(group.department), group.appeal, group.request))
    return examples
