"""Reads what administrators write, as text; the pure rooms parse it."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from voicebot.core.errors import VoicebotError
from voicebot.core.problem import ContentError, Problem
from voicebot.operations.content_kinds import CITY, DEPARTMENTS, FLOWS, KNOWLEDGE, Kind, kind_of

PATTERNS: Final = (
    f"{FLOWS}/*.yaml",
    f"{KNOWLEDGE}/articles/**/*.yaml",
    f"{KNOWLEDGE}/lexicons/*.yaml",
    f"{KNOWLEDGE}/examples/*.yaml",
    f"{KNOWLEDGE}/*.yaml",
    f"{KNOWLEDGE}/*.tsv",
)
"""Where content may be; `kind_of` decides."""


@dataclass(frozen=True, slots=True)
class Content:
    """Texts by their path relative to the content root.

    Args:
        flows: ``ivr_flows/*.yaml``.
        articles: ``knowledge_base/articles/**/*.yaml`` and ``knowledge_base/synonyms.yaml``.
        lexicons: ``knowledge_base/lexicons/*.yaml`` and ``knowledge_base/gazetteer.yaml``.
        examples: ``knowledge_base/examples/*.yaml``.
        city: (path, text) of ``knowledge_base/city.yaml``.
        departments: (path, text) of ``knowledge_base/departments.tsv``.
        tests: ``ivr_flows/*.test.yaml``, test calls of flows.
        deadlines: ``knowledge_base/deadlines.yaml``, when there.
        seats: ``knowledge_base/seats.yaml``, when there.
        dispatch: ``knowledge_base/dispatch.yaml`` and ``knowledge_base/categories.yaml``, when there.
    """

    flows: Mapping[str, str]
    articles: Mapping[str, str]
    lexicons: Mapping[str, str]
    city: tuple[str, str]
    departments: tuple[str, str]
    tests: Mapping[str, str] = field(default_factory=dict)
    examples: Mapping[str, str] = field(default_factory=dict)
    dispatch: Mapping[str, str] = field(default_factory=dict)
    deadlines: Mapping[str, str] = field(default_factory=dict)
    seats: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, texts: Mapping[str, str]) -> "Content":
        """Sorts texts by what they hold; those of other places are left out.

        Raises:
            VoicebotError: ``content.missing``: no flows, no city or no departments.
        """
        groups: dict[Kind, dict[str, str]] = {kind: {} for kind in Kind}
        for path, text in sorted(texts.items()):
            if (kind := kind_of(path)) is not None:
                groups[kind][path] = text
        for kind, where in ((Kind.CITY, CITY), (Kind.DEPARTMENTS, DEPARTMENTS), (Kind.FLOW, FLOWS)):
            if not groups[kind]:
                raise VoicebotError("content.missing", f"缺少 {where}")
        return cls(
            flows=groups[Kind.FLOW],
            articles=groups[Kind.ARTICLES],
            lexicons=groups[Kind.LEXICON],
            city=(CITY, groups[Kind.CITY][CITY]),
            departments=(DEPARTMENTS, groups[Kind.DEPARTMENTS][DEPARTMENTS]),
            tests=groups[Kind.TESTS],
            examples=groups[Kind.EXAMPLES],
            dispatch=groups[Kind.DISPATCH],
            deadlines=groups[Kind.DEADLINES],
            seats=groups[Kind.SEATS],
        )

    @property
    def texts(self) -> Mapping[str, str]:
        """All of them."""
        return {path: text for group in (*self._served, self.tests) for path, text in group.items()}

    @property
    def digest(self) -> str:
        """Changes with any text that a call is served with."""
        sha = hashlib.sha256()
        for group in self._served:
            for path, text in sorted(group.items()):
                sha.update(f"{path}\0{text}\0".encode())
        return sha.hexdigest()

    @property
    def _served(self) -> tuple[Mapping[str, str], ...]:
        """What calls and tickets are served with, by kind."""
        single = dict([self.city, self.departments])
        parts = (self.flows, self.articles, self.lexicons, self.examples)
        return (*parts, self.dispatch, self.deadlines, self.seats, single)


def content_files(root: Path) -> Mapping[str, Path]:
    """Path relative to `root` → file, for every content file there is."""
    found = (file for pattern in PATTERNS for file in root.glob(pattern))
    named = {file.relative_to(root).as_posix(): file for file in found}
    return {path: named[path] for path in sorted(named) if kind_of(path) is not None}


def read_texts(root: Path) -> Mapping[str, str]:
    """All content files, whether they make up a whole or not.

    Raises:
        ContentError: a file is not UTF-8.
        OSError: a file cannot be read, or went away meanwhile.
    """
    texts, problems = readable_texts(root)
    if problems:
        raise ContentError(problems)
    return texts


def readable_texts(root: Path) -> tuple[Mapping[str, str], tuple[Problem, ...]]:
    """The content files that are UTF-8, and what is wrong with the others.

    Raises:
        OSError: a file cannot be read, or went away meanwhile.
    """
    problems: list[Problem] = []
    texts: dict[str, str] = {}
    for path, file in content_files(root).items():
        try:
            texts[path] = (raw := file.read_bytes()).decode("utf-8-sig")  # line ends are the author's
        except UnicodeDecodeError as error:
            line = raw[: error.start].count(b"\n") + 1
            problems.append(
                Problem(path, line, 1, "content.encoding", "文件不是 UTF-8 编码", "请另存为 UTF-8")
            )
    return texts, tuple(problems)


def read_content(root: Path) -> Content:
    """Everything below `root` (the folder that holds ``ivr_flows/`` and ``knowledge_base/``).

    Raises:
        VoicebotError: ``content.missing``: city, departments or flows are not there.
        ContentError: a file is not UTF-8.
    """
    try:
        return Content.of(read_texts(root))
    except ContentError:
        raise
    except VoicebotError as error:
        raise VoicebotError(error.code, f"{root}：{error.message}") from error
