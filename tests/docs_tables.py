"""Writes the tables of docs/configuration.md from the settings and their docstrings.

    python -m tests.docs_tables

tests/test_docs.py fails while the file says something else.
"""

import dataclasses
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from pydantic import SecretStr

from voicebot.settings import Settings

PAGE: Final = Path(__file__).parents[1] / "docs" / "configuration.md"
BEGIN: Final = "<!-- tables: written by python -m tests.docs_tables -->\n"
END: Final = "<!-- end of tables -->\n"


@dataclasses.dataclass(frozen=True, slots=True)
class Row:
    """A setting; `meaning` is empty when its docstring says nothing."""

    name: str
    default: str
    meaning: str

    def __str__(self) -> str:
        default = f"`{self.default}`" if self.default else "(empty)"
        return f"| `{self.name}` | {default} | {self.meaning.replace('``', '`').replace('|', '/')} |"


def tables() -> str:
    """All settings, a table per section."""
    parts = []
    for title, about, rows in sections():
        head = f"### `{title}`\n\n{about}\n" if title else "### General\n"
        lines = "\n".join(str(row) for row in rows)
        parts.append(f"{head}\n| setting | default | meaning |\n|---|---|---|\n{lines}\n")
    return "\n".join(parts)


def sections() -> Iterator[tuple[str, str, list[Row]]]:
    """(name, first line of the docstring, settings); first the settings that are in no section."""
    about = _described(Settings)
    plain, nested = [], []
    for name, field in Settings.model_fields.items():
        value = field.get_default(call_default_factory=True)
        if dataclasses.is_dataclass(value) and not isinstance(value, type):
            nested.append((name, value))
        else:
            plain.append(Row(name, _shown(value), about.get(name, "")))
    yield "", "", plain
    for name, value in nested:
        first = (type(value).__doc__ or "").strip().splitlines()[0]
        yield name, first.removeprefix("Args:"), list(_rows(name, value))


def _rows(path: str, options: Any) -> Iterator[Row]:
    about = _described(type(options))
    for field in dataclasses.fields(options):
        value, name = getattr(options, field.name), f"{path}.{field.name}"
        if dataclasses.is_dataclass(value):
            yield from _rows(name, value)
        else:
            yield Row(name, _shown(value), about.get(field.name, ""))


def _described(owner: type) -> dict[str, str]:
    """Field → what the docstring's ``Args:`` says; ``a, b: …`` describes both."""
    _, _, text = (owner.__doc__ or "").partition("Args:")
    found: dict[str, str] = {}
    names: list[str] = []
    for line in (line.strip() for line in text.splitlines()):
        for piece in re.split(r"; (?=[a-z_]+: )", line):
            match = re.match(r"([a-z_]+(?:, [a-z_]+)*): (.*)", piece)
            if match is not None:
                names = match[1].split(", ")
                found |= dict.fromkeys(names, match[2])
            elif piece and names:
                found |= {name: f"{found[name]} {piece}" for name in names}
    return found


def _shown(value: object) -> str:
    """As it would stand in the file."""
    match value:
        case bool():
            return str(value).lower()
        case SecretStr():
            return value.get_secret_value()
        case float():
            return f"{value:g}"
        case tuple() | list():
            return (
                "[" + ", ".join(f'"{each}"' if isinstance(each, str) else str(each) for each in value) + "]"
            )
        case Mapping():
            empty = '""'
            return "{" + ", ".join(f'"{key}": {_shown(each) or empty}' for key, each in value.items()) + "}"
        case _:
            return str(value)


def written(page: str) -> tuple[str, str, str]:
    """(text before the tables, tables, text after)."""
    before, _, rest = page.partition(BEGIN)
    inside, _, after = rest.partition(END)
    return before, inside, after


def main() -> None:
    before, _, after = written(PAGE.read_text(encoding="utf-8"))
    PAGE.write_text(before + BEGIN + tables() + END + after, encoding="utf-8")


if __name__ == "__main__":
    main()
