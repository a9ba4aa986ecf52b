"""`voicebot kb`: work on the knowledge base."""

from collections.abc import Mapping
from datetime import date, datetime
from pathlib import Path

import click

from voicebot.cli.kb_dispatch import dispatch
from voicebot.cli.kb_exchange import export, import_
from voicebot.cli.kb_places import DEPARTMENTS, articles_in, folder_option, live_texts, texts_of
from voicebot.cli.kb_unanswered import unanswered
from voicebot.cli.options import config_option, data_option
from voicebot.core.catalogue import Department
from voicebot.core.ids import DepartmentName
from voicebot.core.problem import ContentError, Problem, Severity
from voicebot.knowledge import check, lint, load_knowledge


@click.group(name="kb")
def command() -> None:
    """知识库：检查、导入导出、没答上的问题."""


for part in (dispatch, export, import_, unanswered):
    command.add_command(part)


@command.command(name="lint")
@folder_option
@click.option("--live", is_flag=True, help="检查线上的内容，不看文件")
@click.option("--on", type=click.DateTime(["%Y-%m-%d"]), default=None, help="按哪一天检查，默认今天")
@data_option
@config_option
def lint_command(
    directory: Path, live: bool, on: datetime | None, data: Path | None, config: Path | None
) -> None:
    """检查知识条目，逐条列出文件和行号；有错误时退出码为 1."""
    day = on.date() if on else date.today()
    problems = _findings(live_texts(data, config) if live else texts_of(directory), day)
    for problem in problems:
        click.echo(str(problem))
    errors = sum(problem.severity is Severity.ERROR for problem in problems)
    click.echo(f"{errors} 个错误，{len(problems) - errors} 个警告")
    if errors:
        raise SystemExit(1)


def _findings(texts: Mapping[str, str], day: date) -> tuple[Problem, ...]:
    try:
        knowledge = load_knowledge(articles_in(texts))
    except ContentError as error:
        return error.problems
    found = lint(knowledge, day)
    for path, text in texts.items():
        if path.endswith(DEPARTMENTS):
            found = tuple(sorted([*found, *check(knowledge, _departments(text))]))
    return found


def _departments(text: str) -> list[Department]:
    """Rows of the directory: name, short, kind, duties, after a header line."""
    rows = [line.split("\t") for line in text.splitlines()[1:] if line.strip()]
    return [Department(DepartmentName(name), short, kind) for name, short, kind, *_ in rows]
