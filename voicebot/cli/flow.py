"""`voicebot flow`: work on the flows."""

import click

from voicebot.cli import flow_check, flow_draw, flow_life, flow_replay, flow_test
from voicebot.dialogue.json_schema import flow_schema_text
from voicebot.dialogue.trying.script_schema import script_schema_text


@click.group(name="flow")
def command() -> None:
    """流程：检查、画图、试打、发布、回滚."""


command.add_command(flow_check.command)
command.add_command(flow_test.command)
command.add_command(flow_draw.command)
command.add_command(flow_replay.command)
for lifelong in flow_life.COMMANDS:
    command.add_command(lifelong)


@command.command()
@click.option("--tests", is_flag=True, help="试打文件的（与 ivr_flows/test.schema.json 相同）")
def schema(tests: bool) -> None:
    """打印流程文件的 JSON Schema，编辑器用它补全和检查（与 ivr_flows/flow.schema.json 相同）."""
    click.echo(script_schema_text() if tests else flow_schema_text(), nl=False)
