"""A mistake in something a person wrote, with the place where it stands."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from voicebot.core.errors import VoicebotError


class Severity(StrEnum):
    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One finding in a text file.

    Args:
        path: as the author knows it, relative to the project, e.g. ``ivr_flows/main.yaml``.
        line: 1-based; 0 when the finding concerns the whole file.
        column: 1-based; 0 when unknown.
        code: stable, e.g. ``flow.unknown_target``.
        message: Chinese, for the author.
        suggestion: Chinese, what to do; may be empty.
    """

    path: str
    line: int
    column: int
    code: str
    message: str
    suggestion: str = ""
    severity: Severity = Severity.ERROR

    def __str__(self) -> str:
        where = self.path if not self.line else f"{self.path}:{self.line}"
        where += f":{self.column}" if self.line and self.column else ""
        tail = f"，{self.suggestion}" if self.suggestion else ""
        kind = "警告 " if self.severity is Severity.WARNING else ""
        return f"{where} {kind}[{self.code}] {self.message}{tail}"


class ContentError(VoicebotError):
    """Content was refused; carries every finding, not just the first."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(sorted(problems))
        super().__init__("content.invalid", "\n".join(str(p) for p in self.problems))
