"""`voicebot flow draw`: a flow as a picture."""

from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import click

from voicebot.adapters.files.content import read_content
from voicebot.bootstrap.brain import BrainMaker, user_shelf
from voicebot.cli.flow_check import FLOWS, PATH, look_at
from voicebot.cli.flow_test import USUAL
from voicebot.core.errors import VoicebotError
from voicebot.core.ids import FlowName
from voicebot.core.problem import ContentError
from voicebot.dialogue.drawing import drawing_of, mermaid
from voicebot.dialogue.flows import Flow
from voicebot.dialogue.trying.coverage import try_flows
from voicebot.dialogue.ways import Way


@click.command(name="draw")
@click.argument("name")
@PATH
@click.option(
    "--svg", "file", type=click.Path(path_type=Path, dir_okay=False), help="画成 SVG 图，写到这个文件"
)
@click.option("--mermaid", "as_text", is_flag=True, help="打印 Mermaid 文字（没有 --svg 时就是这样）")
@click.option("--coverage", is_flag=True, help="SVG 图里把试打没有走到的路画成红色虚线")
def command(name: str, path: Path, file: Path | None, as_text: bool, coverage: bool) -> None:
    """把流程 NAME 画成图：SVG 文件（浏览器、Word 都能打开），或者 Mermaid 文字."""
    if coverage and file is None:
        raise click.UsageError("--coverage 要和 --svg 一起用")
    flow = _flow(name, path)
    if file is not None:
        from voicebot.adapters.drawing.svg import svg  # the layout loads only where it is needed

        drawing = drawing_of(flow, _missing(flow, path) if coverage else ())
        try:
            file.write_text(svg(drawing), encoding="utf-8")
        except OSError as error:
            raise click.ClickException(f"写不了 {file}：{error.strerror}") from error
        click.echo(f"已画好 {file}：{len(drawing.boxes)} 个节点，{len(drawing.arrows)} 条线")
    if as_text or file is None:
        click.echo(mermaid(flow))


def _flow(name: str, path: Path) -> Flow:
    flows = look_at(path).flows
    if flows is None:
        raise click.ClickException("流程有错误，请先运行 voicebot flow check")
    flow = flows.flows.get(FlowName(name))
    if flow is None:
        raise click.ClickException(f"没有流程「{name}」，现有：{'、'.join(flows.flows)}")
    return flow


def _missing(flow: Flow, path: Path) -> tuple[Way, ...]:
    """Ways its test calls do not take; they run now."""
    try:
        root = path if (path / FLOWS).is_dir() else path.resolve().parent
        content = read_content(root)
        brain = BrainMaker(shelf=user_shelf()).make(content, "draw")
        at = datetime.fromisoformat(USUAL).replace(tzinfo=ZoneInfo(brain.catalogue.city.timezone))
        report = try_flows(brain.flows, brain.comprehend, content.tests, at, flow.name)
    except ContentError as error:
        raise click.ClickException("\n".join(str(problem) for problem in error.problems)) from error
    except VoicebotError as error:
        raise click.ClickException(error.message) from error
    return report.coverage[0].missing
