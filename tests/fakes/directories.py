"""The shipped 派单目录, loaded once, and a small one for tests of rules."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Final

from voicebot.core.catalogue import Department
from voicebot.tickets.directory import Directory
from voicebot.tickets.directory_loading import load_directory
from voicebot.understanding import load_departments

KNOWLEDGE: Final = Path(__file__).parents[2] / "knowledge_base"


@cache
def shipped_departments() -> tuple[Department, ...]:
    return load_departments("departments.tsv", (KNOWLEDGE / "departments.tsv").read_text())


@cache
def shipped_texts() -> Mapping[str, str]:
    names = ("dispatch.yaml", "categories.yaml")
    return {f"knowledge_base/{name}": (KNOWLEDGE / name).read_text() for name in names}


@cache
def shipped() -> Directory:
    return load_directory(shipped_texts(), shipped_departments())
