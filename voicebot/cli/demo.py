"""``voicebot demo tickets|remove``."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from voicebot.cli.options import config_option, data_option, settings_of
from voicebot.core.errors import VoicebotError

if TYPE_CHECKING:
    from voicebot.adapters.db.database import Database


@click.group()
def command() -> None:
    """演示数据：放进来看看，一条命令删干净。"""


@command.command("tickets")
@click.option("--count", default=60, show_default=True, type=click.IntRange(1, 2000), help="多少件工单")
@click.option("--beside", is_flag=True, help="已有真实工单时也放")
@data_option
@config_option
def tickets_command(count: int, beside: bool, data: Path | None, config: Path | None) -> None:
    """放入前七天的演示工单和通话，标有「演示」，不会给任何人打电话。"""

    async def work(database: "Database") -> str:
        from voicebot.adapters.wall_clock import WallClock
        from voicebot.bootstrap.demo import show

        made = await show(database, WallClock(), count, beside=beside)
        return f"已放入 {made} 件演示工单，在 /tickets/ 可以看到；voicebot demo remove 全部删掉"

    _run(data, config, work)


@command.command("remove")
@data_option
@config_option
def remove_command(data: Path | None, config: Path | None) -> None:
    """删掉全部演示工单和通话，别的一概不动。"""

    async def work(database: "Database") -> str:
        from voicebot.adapters.db.demo import remove

        gone = await remove(database)
        return f"已删掉演示工单 {gone.tickets} 件、通话 {gone.calls} 通"

    _run(data, config, work)


def _run(data: Path | None, config: Path | None, work: Callable[["Database"], Awaitable[str]]) -> None:
    async def run() -> str:
        from voicebot.bootstrap.process import open_database

        async with open_database(settings_of(data, config)) as database:
            return await work(database)

    try:
        click.echo(asyncio.run(run()))
    except VoicebotError as error:
        raise click.ClickException(error.message) from error
