"""`voicebot flow`: work on the flows."""

from pathlib import Path

import click

from voicebot.cli import flow_check, flow_life, flow_replay, flow_test
from voicebot.cli.flow_check import PATH, look_at
from voicebot.core.ids import FlowName
from voicebot.dialogue.drawing import mermaid
from voicebot.dialogue.json_schema import flow_schema_text
from voicebot.dialogue.script_schema import script_schema_text


@click.group(name="flow")
def command() -> None:
    """流程：检查、画图、试打、发布、回滚."""


command.add_command(flow_check.command)
command.add_command(flow_test.command)
command.add_command(flow_replay.command)
for lifelong in flow_life.COMMANDS:
    command.add_command(lifelong)


@command.command()
@click.argument("name")
@PATH
def draw(name: str, path: Path) -> None:
    """把流程 NAME 画成 Mermaid 图（文字）."""
    flows = look_at(path).flows
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
