"""``voicebot check``: configuration, flows and knowledge, before anybody calls."""

import sys
from datetime import date
from pathlib import Path

import click

from voicebot.adapters.llm import LlmOptions, check_place
from voicebot.adapters.logs import LogOptions, one_line_failures, setup_logging
from voicebot.bootstrap.brain import Names, load_brain, names_in
from voicebot.cli.options import config_option, data_option, settings_of
from voicebot.core.errors import VoicebotError
from voicebot.core.problem import ContentError, Problem, Severity
from voicebot.knowledge import check, lint


@click.command()
@click.option(
    "--content",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    help="流程与知识所在目录；默认按设置 content.root",
)
@data_option
@config_option
def command(content: Path | None, data: Path | None, config: Path | None) -> None:
    """检查配置、流程和知识，错误逐条列出文件和行号；有错误时退出码为 1。"""
    setup_logging(LogOptions(level="WARNING"))
    with one_line_failures():
        settings = settings_of(data, config)
        click.echo("配置：没有错误")
        click.echo(f"语言模型：{model_place(settings.llm)}")
        found = findings(content or settings.content.root, date.today(), names_in(settings))
    for problem in found:
        click.echo(str(problem))
    errors = sum(problem.severity is Severity.ERROR for problem in found)
    click.echo(f"流程和知识：{errors} 个错误，{len(found) - errors} 个警告")
    if errors:
        sys.exit(1)


def model_place(options: LlmOptions) -> str:
    """Where callers' words go.

    Raises:
        VoicebotError: ``llm.remote``: where they must not.
    """
    if not options.on:
        return "不使用"
    try:
        check_place(options)
    except VoicebotError as error:
        if not error.retryable:
            raise
        return f"{options.model}。{error.message}"
    where = "允许在内网之外，号码和姓名会先隐去" if options.allow_remote else "在本机或内网"
    return f"{options.model}，{options.url}（{where}）"


def findings(root: Path, day: date, names: Names) -> tuple[Problem, ...]:
    """All problems below `root`; warnings only when nothing is wrong.

    Raises:
        VoicebotError: ``content.missing``.
    """
    try:
        brain = load_brain(root, names=names)
    except ContentError as error:
        return error.problems
    return tuple(sorted({*lint(brain.knowledge, day), *check(brain.knowledge, brain.catalogue.departments)}))
