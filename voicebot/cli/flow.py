"""`voicebot flow`: work on the flows."""

import re
from dataclasses import dataclass
from pathlib import Path

import click

from voicebot.adapters.files.content import Content, read_content
from voicebot.bootstrap.brain import QUEUES
from voicebot.cli import flow_life, flow_test
from voicebot.core.catalogue import Catalogue
from voicebot.core.errors import VoicebotError
from voicebot.core.ids import ArticleId, FlowName
from voicebot.core.problem import ContentError, Problem, Severity
from voicebot.dialogue import Flows, load_flows
from voicebot.dialogue.drawing import mermaid
from voicebot.dialogue.json_schema import flow_schema_text
from voicebot.dialogue.script_schema import script_schema_text
from voicebot.knowledge import load_knowledge
from voicebot.understanding.city import load_city, load_departments

FLOWS = "ivr_flows"
ARTICLE = re.compile(r"\bKB\d+\b")

PATH = click.argument("path", default=".", type=click.Path(path_type=Path, exists=True))


@click.group(name="flow")
def command() -> None:
    """流程：检查、画图、试打、发布、回滚."""


command.add_command(flow_test.command)
for lifelong in flow_life.COMMANDS:
    command.add_command(lifelong)


@command.command()
@PATH
def check(path: Path) -> None:
    """检查流程，逐条列出文件、行和列；有错误时退出码为 1.

    PATH 是放着 ivr_flows 和 knowledge_base 的目录，也可以是 ivr_flows 目录，或其中一个文件。
    """
    found = _load(path)
    for problem in found.problems:
        click.echo(str(problem))
    errors = sum(p.severity is Severity.ERROR for p in found.problems)
    warnings = len(found.problems) - errors
    click.echo(f"{found.files} 个流程文件：{errors} 个错误，{warnings} 个警告")
    if errors:
        raise SystemExit(1)


@command.command()
@click.argument("name")
@PATH
def draw(name: str, path: Path) -> None:
    """把流程 NAME 画成 Mermaid 图（文字）."""
    flows = _load(path).flows
    if flows is None:
        raise click.ClickException("流程有错误，请先运行 voicebot flow check")
    flow = flows.flows.get(FlowName(name))
    if flow is None:
        raise click.ClickException(f"没有流程「{name}」，现有：{'、'.join(flows.flows)}")
    click.echo(mermaid(flow))


@command.command()
@click.option("--tests", is_flag=True, help="试打文件的（与 ivr_flows/test.schema.json 相同）")
def schema(tests: bool) -> None:
    """打印流程文件的 JSON Schema，编辑器用它补全和检查（与 ivr_flows/flow.schema.json 相同）."""
    click.echo(script_schema_text() if tests else flow_schema_text(), nl=False)


@dataclass(frozen=True)
class _Found:
    """What the files hold: flows, or why not; warnings are problems too."""

    files: int
    flows: Flows | None
    problems: tuple[Problem, ...]


def _load(path: Path) -> _Found:
    path = path.resolve()
    root = path if (path / FLOWS).is_dir() else path.parent if path.is_dir() else path.parent.parent
    try:
        content = read_content(root)
        departments = load_departments(*content.departments)
        titles, note = _articles(content)
        catalogue = Catalogue(load_city(*content.city), departments, titles, QUEUES)
        flows = load_flows(content.flows, catalogue)
    except ContentError as error:
        mine = path.relative_to(root).as_posix() if path.is_file() else ""
        problems = tuple(p for p in error.problems if not mine or p.path == mine)
        return _Found(len(list((root / FLOWS).glob("*.yaml"))), None, problems)
    except VoicebotError as error:
        raise click.ClickException(error.message) from error
    return _Found(len(content.flows), flows, (*note, *flows.warnings))


def _articles(content: Content) -> tuple[dict[ArticleId, str], tuple[Problem, ...]]:
    """Titles of the articles; while the knowledge base has mistakes of its own, names of articles
    are taken from its texts, so that flows can be checked all the same."""
    try:
        return {i: a.title for i, a in load_knowledge(content.articles).articles.items()}, ()
    except ContentError as error:
        found = (ArticleId(n) for text in content.articles.values() for n in ARTICLE.findall(text))
        message = f"知识库有 {len(error.problems)} 个错误"
        hint = "请运行 voicebot kb lint"
        return dict.fromkeys(found, ""), (
            Problem("knowledge_base", 0, 0, "kb.invalid", message, hint, Severity.WARNING),
        )
