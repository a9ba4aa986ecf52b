"""Records as YAML: whole files, and the lines of one article or field."""

import re
from collections.abc import Iterable, Mapping
from typing import Final

import yaml

from voicebot.knowledge.exchange import LABELS, Record, Value

_PLAIN: Final = re.compile(
    r"[\u4e00-\u9fffA-Z][\u4e00-\u9fffA-Za-z0-9，。；、！？（）《》“”]*|[12][0-9]{3}-[01][0-9]-[0-3][0-9]"
)
"""Texts that need no quotes."""
INDENT: Final = 4
"""Column of an article's fields, from 0, in the files that we write."""


def scalar(text: str) -> str:
    """A text as one line of YAML."""
    if _PLAIN.fullmatch(text):
        return text
    dumped: str = yaml.safe_dump(text, allow_unicode=True, default_style='"', width=2**30)
    return dumped.removesuffix("\n")


def field_lines(name: str, value: Value, indent: int) -> list[str]:
    """One field; a list as one line for each entry."""
    space = " " * indent
    if isinstance(value, str):
        return [f"{space}{name}: {scalar(value)}"]
    if name == "related":
        return [f"{space}{name}: [{', '.join(map(scalar, value))}]"]
    return [f"{space}{name}:", *(f"{space}  - {scalar(entry)}" for entry in value)]


def article_lines(
    record: Record, indent: int = INDENT, without: Mapping[str, str] | None = None
) -> list[tuple[str, str]]:
    """(line, field) of an article that begins a list entry.

    Args:
        without: defaults of the file; fields that say the same are left out.
    """
    shared = without or {}
    lines: list[tuple[str, str]] = []
    for name in LABELS:
        value = record.values.get(name)
        if value and name != "category" and shared.get(name) != value:
            lines += [(line, name) for line in field_lines(name, value, indent)]
    first, name = lines[0]
    return [(f"{' ' * (indent - 2)}- {first[indent:]}", name), *lines[1:]]


def to_yaml(category: str, records: Iterable[Record]) -> str:
    """A file of one category."""
    lines = [f"category: {scalar(category)}", "articles:"]
    for record in records:
        lines += [line for line, _ in article_lines(record)]
    return "\n".join(lines) + "\n"
