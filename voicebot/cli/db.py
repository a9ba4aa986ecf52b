"""``voicebot db upgrade|backup|purge|rotate-key``."""

import asyncio
from collections.abc import Coroutine
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

import click

from voicebot.adapters.db.database import FILE_NAME, Database
from voicebot.adapters.db.keeping import Purged, backup, purge
from voicebot.adapters.db.upgrade import HEAD
from voicebot.adapters.db.vault import KEY_FILE
from voicebot.adapters.wall_clock import WallClock
from voicebot.cli.db_keys import rotate_key
from voicebot.core.errors import VoicebotError

T = TypeVar("T")

_data = click.option(
    "--data",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("data"),
    show_default=True,
    help="数据目录",
)


@click.group()
def command() -> None:
    """数据库：升级、备份、清理、换密钥。"""


command.add_command(rotate_key)


@command.command("upgrade")
@_data
def upgrade_command(data: Path) -> None:
    """新建数据库，或把表升级到本版本（启动时也会自动进行）。"""

    async def run() -> None:
        await (await Database.open(data / FILE_NAME)).close()

    _run(run())
    click.echo(f"{data / FILE_NAME} 已是版本 {HEAD}")


@command.command("backup")
@_data
@click.argument("target", type=click.Path(path_type=Path, dir_okay=False))
def backup_command(data: Path, target: Path) -> None:
    """把数据库在线复制到文件 TARGET，并检查副本；热线不必停。"""
    _run(backup(data / FILE_NAME, target))
    click.echo(f"已备份到 {target}（{target.stat().st_size} 字节，检查无误）")
    click.echo(f"请把密钥文件 {data / KEY_FILE} 另存一处：没有它，备份里的姓名和电话读不出来")


@command.command("purge")
@_data
@click.option(
    "--before",
    type=click.DateTime(["%Y-%m-%d"]),
    required=True,
    help="清理这一天（不含）以前的通话记录、已发出的事件、没答上的问题；工单不清理",
)
def purge_command(data: Path, before: datetime) -> None:
    """清理旧的通话记录（连同录音）、已发出的事件、很久没人再问的未答问题和过期的登录。"""
    clock = WallClock()
    limit = before.replace(tzinfo=clock.now().tzinfo)

    async def run() -> Purged:
        database = await Database.open(data / FILE_NAME)
        try:
            return await purge(database, limit, clock.now())
        finally:
            await database.close()

    done = _run(run())
    files = sum(_forget(data, name) for name in done.recordings)
    click.echo(
        f"已清理 {before:%Y-%m-%d} 以前：通话 {done.calls}，轮次 {done.turns}，录音文件 {files}，"
        f"事件 {done.events}，未答问题 {done.questions}；过期登录 {done.sessions}"
    )


def _forget(data: Path, name: str) -> bool:
    """Deletes a recording, never a file outside the data directory; whether there was one."""
    root = data.resolve()
    path = (root / name).resolve()
    if not path.is_relative_to(root) or not path.is_file():
        return False
    path.unlink()
    return True


def _run(work: Coroutine[Any, Any, T]) -> T:
    try:
        return asyncio.run(work)
    except VoicebotError as error:
        raise click.ClickException(str(error)) from error
