"""Reads what administrators write, as text; the pure rooms parse it."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from voicebot.core.errors import VoicebotError
from voicebot.core.problem import ContentError, Problem

FLOWS = "ivr_flows"
KNOWLEDGE = "knowledge_base"


@dataclass(frozen=True, slots=True)
class Content:
    """Texts by their path relative to the content root.

    Args:
        flows: ``ivr_flows/*.yaml``.
        articles: ``knowledge_base/articles/**/*.yaml`` and ``knowledge_base/synonyms.yaml``.
        lexicons: ``knowledge_base/lexicons/*.yaml`` and ``knowledge_base/gazetteer.yaml``.
        city: (path, text) of ``knowledge_base/city.yaml``.
        departments: (path, text) of ``knowledge_base/departments.tsv``.
    """

    flows: Mapping[str, str]
    articles: Mapping[str, str]
    lexicons: Mapping[str, str]
    city: tuple[str, str]
    departments: tuple[str, str]

    @property
    def digest(self) -> str:
        """Changes with any text."""
        sha = hashlib.sha256()
        for group in (self.flows, self.articles, self.lexicons, dict([self.city, self.departments])):
            for path, text in sorted(group.items()):
                sha.update(f"{path}\0{text}\0".encode())
        return sha.hexdigest()


def read_content(root: Path) -> Content:
    """Everything below `root` (the folder that holds ``ivr_flows/`` and ``knowledge_base/``).

    Raises:
        VoicebotError: ``content.missing``: the folder holds no flows.
        ContentError: a file is not UTF-8.
    """
    problems: list[Problem] = []

    def read(path: Path) -> str:
        try:
            return path.read_text(encoding="utf-8-sig")
        except UnicodeDecodeError as error:
            name = path.relative_to(root).as_posix()
            line = path.read_bytes()[: error.start].count(b"\n") + 1
            problems.append(
                Problem(name, line, 0, "content.encoding", "文件不是 UTF-8 编码", "请另存为 UTF-8")
            )
            return ""

    def group(*patterns: str) -> dict[str, str]:
        paths = sorted({path for pattern in patterns for path in root.glob(pattern)})
        return {path.relative_to(root).as_posix(): read(path) for path in paths}

    def single(name: str) -> tuple[str, str]:
        if not (root / name).is_file():
            raise VoicebotError("content.missing", f"{root / name} not found")
        return name, read(root / name)

    content = Content(
        flows=group(f"{FLOWS}/*.yaml"),
        articles=group(f"{KNOWLEDGE}/articles/**/*.yaml", f"{KNOWLEDGE}/synonyms.yaml"),
        lexicons=group(f"{KNOWLEDGE}/lexicons/*.yaml", f"{KNOWLEDGE}/gazetteer.yaml"),
        city=single(f"{KNOWLEDGE}/city.yaml"),
        departments=single(f"{KNOWLEDGE}/departments.tsv"),
    )
    if not content.flows:
        raise VoicebotError("content.missing", f"no flow files in {root / FLOWS}")
    if problems:
        raise ContentError(problems)
    return content
