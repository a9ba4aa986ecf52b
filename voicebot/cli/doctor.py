"""``voicebot doctor``: does it work? Checks the set-up, then makes a real call."""

import asyncio
import json
import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Final

import click

from voicebot.adapters.logs import LogOptions, setup_logging
from voicebot.bootstrap.process import socket_path
from voicebot.cli.checkup import Finding, State, check_parts, check_set_up
from voicebot.cli.options import config_option, data_option, settings_of
from voicebot.cli.trial_call import Sockets, trial_call
from voicebot.cli.welcome import machine_address
from voicebot.core.errors import VoicebotError
from voicebot.settings import Settings

MARKS: Final = {State.OK: "✓", State.DEGRADED: "!", State.FAILED: "✗", State.IMPOSSIBLE: "✗"}
CANNOT_RUN: Final = 2


@click.command()
@data_option
@config_option
@click.option("--json", "as_json", is_flag=True, help="输出一个 JSON 对象")
def command(data: Path | None, config: Path | None, as_json: bool) -> None:
    """检查安装和各进程，再打一通真电话；退出码 0 全好，1 有问题，2 热线没有运行或配置有误。"""
    setup_logging(LogOptions(level="ERROR"), "doctor")
    findings = _findings(data, config, _ignore if as_json else _show)
    code = exit_code(findings)
    if as_json:
        click.echo(json.dumps({"exit": code, "findings": [asdict(f) for f in findings]}, ensure_ascii=False))
    else:
        click.echo(
            {0: "全部正常", 1: "有问题，请按上面的办法处理", 2: "没有打成电话，请先按上面的办法处理"}[code]
        )
    sys.exit(code)


Found = Callable[[Sequence[Finding]], None]


def _show(findings: Sequence[Finding]) -> None:
    for finding in findings:
        click.echo(line_of(finding))


def _ignore(_findings: Sequence[Finding]) -> None:
    """The report comes as a whole at the end."""


def _findings(data: Path | None, config: Path | None, tell: Found) -> list[Finding]:
    findings: list[Finding] = []

    def found(some: Sequence[Finding]) -> None:
        findings.extend(some)
        tell(some)

    try:
        settings = settings_of(data, config)
    except VoicebotError as error:
        remedy = "改正所列的设置，再用 voicebot check 检查"
        found([Finding("config", State.IMPOSSIBLE, error.message, remedy)])
        return findings
    asyncio.run(_examine(settings, found))
    return findings


async def _examine(settings: Settings, found: Found) -> None:
    found(await asyncio.to_thread(check_set_up, settings))
    parts = await check_parts(settings)
    found(parts)
    if any(finding.state is State.IMPOSSIBLE for finding in parts):
        return
    sockets = Sockets(socket_path(settings, "recognition"), socket_path(settings, "synthesis"))
    host, _, port = settings.sip.listen.rpartition(":")
    here = machine_address() if host == "0.0.0.0" else host
    found(await trial_call(f"sip:12345@{here}:{port}", here, sockets))


def line_of(finding: Finding) -> str:
    """``✓ call.reply  850 ms  …`` and, when something is wrong, the remedy on a line of its own."""
    line = f"{MARKS[finding.state]} {finding.name:16} {finding.ms:7.0f} ms  {finding.detail}"
    return f"{line}\n    → {finding.remedy}" if finding.remedy else line


def exit_code(findings: Sequence[Finding]) -> int:
    states = {finding.state for finding in findings}
    if State.IMPOSSIBLE in states:
        return CANNOT_RUN
    return 1 if states - {State.OK} else 0
