"""`voicebot kb`: work on the knowledge base."""

from datetime import date, datetime
from pathlib import Path

import click

from voicebot.cli.kb_unanswered import unanswered
from voicebot.core.catalogue import Department
from voicebot.core.ids import DepartmentName
from voicebot.core.problem import ContentError, Problem, Severity
from voicebot.knowledge import check, lint, load_knowledge


@click.group(name="kb")
def command() -> None:
    """知识库：检查、没答上的问题."""


command.add_command(unanswered)


@command.command(name="lint")
@click.option(
    "--dir",
    "directory",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    default=Path("knowledge_base"),
    show_default=True,
    help="知识库目录",
)
@click.option("--on", type=click.DateTime(["%Y-%m-%d"]), default=None, help="按哪一天检查，默认今天")
def lint_command(directory: Path, on: datetime | None) -> None:
    """检查知识条目，逐条列出文件和行号；有错误时退出码为 1."""
    day = on.date() if on else date.today()
    problems = _findings(directory, day)
    for problem in problems:
        click.echo(str(problem))
    errors = sum(problem.severity is Severity.ERROR for problem in problems)
    click.echo(f"{errors} 个错误，{len(problems) - errors} 个警告")
    if errors:
        raise SystemExit(1)


def _findings(directory: Path, day: date) -> tuple[Problem, ...]:
    files = [*sorted((directory / "articles").glob("*.yaml")), *directory.glob("synonyms.yaml")]
    try:
        knowledge = load_knowledge({str(path): path.read_text(encoding="utf-8") for path in files})
    except ContentError as error:
        return error.problems
    found = lint(knowledge, day)
    directory_of_departments = directory / "departments.tsv"
    if directory_of_departments.exists():
        found = tuple(sorted([*found, *check(knowledge, _departments(directory_of_departments))]))
    return found


def _departments(path: Path) -> list[Department]:
    """Rows of the directory: name, short, kind, duties, after a header line."""
    rows = [line.split("\t") for line in path.read_text(encoding="utf-8").splitlines()[1:] if line.strip()]
    return [Department(DepartmentName(name), short, kind) for name, short, kind, *_ in rows]
