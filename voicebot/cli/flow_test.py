"""`voicebot flow test`: the test calls beside the flows, on a clock of their own."""

import json
import time
from datetime import datetime
from operator import itemgetter
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

import click

from voicebot.adapters.files.content import Content, read_content
from voicebot.bootstrap.brain import BrainMaker, user_shelf
from voicebot.core.errors import VoicebotError
from voicebot.core.ids import FlowName
from voicebot.core.marked_yaml import read_yaml
from voicebot.core.problem import ContentError
from voicebot.dialogue import Flows
from voicebot.dialogue.trying.coverage import Coverage, Report, line_of, try_flows

FLOWS: Final = "ivr_flows"
USUAL: Final = "2026-11-24T09:30"
"""A working day: calls that do not say when they are made are the same every day."""


@click.command(name="test")
@click.argument("path", default=".", type=click.Path(path_type=Path, exists=True))
@click.option("--flow", "name", default="", help="只试这个流程（名称.test.yaml）")
@click.option("--coverage", default=0.0, type=click.FloatRange(0, 100), help="每个流程至少走到百分之几的分支")
@click.option("--now", default=USUAL, show_default=True, help="试打没有写 now 时的时间")
@click.option("--json", "as_json", is_flag=True, help="输出一个 JSON 对象")
def command(path: Path, name: str, coverage: float, now: str, as_json: bool) -> None:
    """试打：跑 ivr_flows/名称.test.yaml 里的电话，列出哪里不对、哪些分支没有走到.

    PATH 是放着 ivr_flows 和 knowledge_base 的目录，也可以是 ivr_flows 目录，或其中一个文件（只试那个流程）。
    有一通不对，或者覆盖不够时，退出码为 1。
    """
    began = time.perf_counter()
    path = path.resolve()
    if path.is_file():
        path, name = path.parent, name or path.name.split(".")[0]
    try:
        root = path if (path / FLOWS).is_dir() else path.parent
        content = read_content(root)
        brain = BrainMaker(shelf=user_shelf()).make(content, "test")
        flows = brain.flows
        if name and name not in flows.flows:
            raise click.BadParameter(
                f"没有流程「{name}」，现有：{'、'.join(flows.flows)}", param_hint="--flow"
            )
        at = _time(now, brain.catalogue.city.timezone)
        report = try_flows(flows, brain.comprehend, content.tests, at, FlowName(name) if name else None)
    except ContentError as error:
        for problem in error.problems:
            click.echo(str(problem), err=as_json)
        raise click.ClickException("先改好上面的错误") from error
    except VoicebotError as error:
        raise click.ClickException(error.message) from error
    seconds = time.perf_counter() - began
    if as_json:
        click.echo(json.dumps(_as_json(report, flows, content, seconds), ensure_ascii=False))
    else:
        _show(report, flows, content, seconds)
    if report.failures or any(c.percent < coverage for c in report.coverage):
        raise SystemExit(1)


def _time(now: str, zone: str) -> datetime:
    try:
        time_ = datetime.fromisoformat(now)
    except ValueError as error:
        raise click.BadParameter(f"{now!r} 不是 ISO 8601 时间", param_hint="--now") from error
    return time_ if time_.tzinfo else time_.replace(tzinfo=ZoneInfo(zone))


def _missing(one: Coverage, flows: Flows, content: Content) -> list[dict[str, Any]]:
    path = flows.flows[one.flow].path
    document = read_yaml(path, content.flows[path])
    gaps = [
        {
            "node": way.node,
            "field": ".".join(str(part) for part in way.field),
            "file": path,
            "line": line_of(way, document),
        }
        for way in one.missing
    ]
    return sorted(gaps, key=itemgetter("line"))


def _as_json(report: Report, flows: Flows, content: Content, seconds: float) -> dict[str, Any]:
    return {
        "calls": len(report.played),
        "failed": sum(bool(one.failures) for one in report.played),
        "failures": [
            {"file": p.path, "line": p.line, "column": p.column, "code": p.code, "message": p.message}
            for p in report.failures
        ],
        "coverage": {
            one.flow: {
                "ways": one.ways,
                "taken": one.ways - len(one.missing),
                "percent": round(one.percent, 1),
                "missing": _missing(one, flows, content),
            }
            for one in report.coverage
        },
        "percent": round(report.percent, 1),
        "seconds": round(seconds, 2),
    }


def _show(report: Report, flows: Flows, content: Content, seconds: float) -> None:
    for problem in report.failures:
        click.echo(str(problem))
    for one in report.coverage:
        click.echo(f"{one.flow:<12} 分支 {one.ways - len(one.missing)}/{one.ways}  {one.percent:5.1f}%")
        for gap in _missing(one, flows, content):
            click.echo(f"  没有走到 {gap['file']}:{gap['line']} 节点 {gap['node']} → {gap['field']}")
    failed = sum(bool(one.failures) for one in report.played)
    click.echo(f"{len(report.played)} 通试打：{failed} 通不对；用时 {seconds:.1f} 秒")
