"""``voicebot serve``: the whole hotline on one machine."""

import asyncio
from pathlib import Path

import click

from voicebot.adapters.logs import one_line_failures, setup_logging
from voicebot.adapters.supervisor import DataLock
from voicebot.cli.hotline import run_hotline
from voicebot.cli.options import config_option, data_option, settings_of


@click.command()
@data_option
@config_option
def command(data: Path | None, config: Path | None) -> None:
    """运行整条热线：电话、网页、识别、合成、消息总线；进程死了会重启，Ctrl-C 先等通话结束。"""
    with one_line_failures():
        settings = settings_of(data, config)
        setup_logging(settings.log, "serve")
        with DataLock(settings.data):
            asyncio.run(run_hotline(settings, click.echo))
