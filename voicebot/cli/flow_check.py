"""`voicebot flow check`: what is wrong with the flows, for people, editors and CI."""

import json
import re
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

import click

from voicebot.adapters.files.content import Content, readable_texts
from voicebot.bootstrap.brain import QUEUES, UNKNOWN_CITY, names_in
from voicebot.cli.options import config_option, settings_of
from voicebot.core.catalogue import Catalogue, Department
from voicebot.core.errors import VoicebotError
from voicebot.core.ids import ArticleId
from voicebot.core.problem import ContentError, Problem, Severity
from voicebot.dialogue import Flows, load_flows
from voicebot.dialogue.trying.script_file import load_scripts
from voicebot.knowledge import load_knowledge
from voicebot.understanding.city import load_city, load_departments

FLOWS: Final = "ivr_flows"
ARTICLE: Final = re.compile(r"\bKB\d+\b")
PATH = click.argument("path", default=".", type=click.Path(path_type=Path, exists=True))


@click.command(name="check")
@PATH
@click.option("--json", "as_json", is_flag=True, help="输出一个 JSON 对象，给编辑器和 CI 用")
@config_option
def command(path: Path, as_json: bool, config: Path | None) -> None:
    """检查流程，逐条列出文件、行和列；有错误时退出码为 1.

    PATH 是放着 ivr_flows 和 knowledge_base 的目录，也可以是 ivr_flows 目录，或其中一个文件。
    """
    found = look_at(path, config)
    errors = sum(p.severity is Severity.ERROR for p in found.problems)
    warnings = len(found.problems) - errors
    if as_json:
        problems = [asdict(problem) for problem in found.problems]
        result = {"files": found.files, "errors": errors, "warnings": warnings, "problems": problems}
        click.echo(json.dumps(result, ensure_ascii=False))
    else:
        for problem in found.problems:
            click.echo(str(problem))
        click.echo(f"{found.files} 个流程文件：{errors} 个错误，{warnings} 个警告")
    if errors:
        raise SystemExit(1)


@dataclass(frozen=True)
class Found:
    """What the files hold: flows, or why not; warnings are problems too.

    Args:
        problems: those of the file alone when one was asked about.
    """

    files: int
    flows: Flows | None
    problems: tuple[Problem, ...]


def look_at(path: Path, config: Path | None = None) -> Found:
    """Reads the flows at a path as the hotline would.

    Raises:
        click.ClickException: there is nothing to read, or the settings are broken.
    """
    path = path.resolve()
    root = path if (path / FLOWS).is_dir() else path.parent if path.is_dir() else path.parent.parent
    mine = path.relative_to(root).as_posix() if path.is_file() else ""
    try:
        texts, unreadable = readable_texts(root)
        content = Content.of(texts)
        flows, problems = _load(content, config)
    except VoicebotError as error:
        if not isinstance(error, ContentError):
            raise click.ClickException(error.message) from error
        content, flows, problems = None, None, error.problems
    lost = [p for p in unreadable if p.path.startswith(f"{FLOWS}/") and not p.path.endswith(".test.yaml")]
    all_problems = sorted({*problems, *lost})
    files = len(content.flows) if content else len(list((root / FLOWS).glob("*.yaml")))
    shown = tuple(p for p in all_problems if not mine or p.path == mine)
    return Found(files + len(lost), None if lost else flows, shown)


def _load(content: Content, config: Path | None) -> tuple[Flows | None, tuple[Problem, ...]]:
    """The flows, or why there are none."""
    names = names_in(settings_of(None, config))
    titles, note = _articles(content)
    problems = list(note)
    city, departments, whole = UNKNOWN_CITY, tuple[Department, ...](), True
    try:
        city = load_city(*content.city)
        departments = load_departments(*content.departments)
    except ContentError as error:  # of what is not known nothing is said
        problems += error.problems
        whole = False
    catalogue = Catalogue(city, departments, titles, QUEUES, names.notify_targets, names.numbers)
    try:
        flows = load_flows(content.flows, catalogue)
    except ContentError as error:
        return None, (*problems, *error.problems)
    return flows if whole else None, (*problems, *flows.warnings, *_test_calls(content, flows))


def _test_calls(content: Content, flows: Flows) -> tuple[Problem, ...]:
    """Mistakes in the files of test calls; `voicebot flow test` tells whether the calls go as written."""
    try:
        load_scripts(content.tests, flows)
    except ContentError as error:
        return error.problems
    return ()


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
