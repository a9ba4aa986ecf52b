"""``voicebot db upgrade|backup|purge|rotate-key``."""

import asyncio
from collections.abc import Coroutine
from datetime import datetime
from pathlib import Path
from typing import Any, Final, TypeVar

import click

from voicebot.adapters.db.database import FILE_NAME, Database
from voicebot.adapters.db.keeping import Purged, backup, purge
from voicebot.adapters.db.purge_proof import broken_at, reports
from voicebot.adapters.db.retention import Retention, forget_file
from voicebot.adapters.db.upgrade import HEAD
from voicebot.adapters.db.vault import KEY_FILE
from voicebot.adapters.wall_clock import WallClock
from voicebot.bootstrap.process import open_database
from voicebot.cli.db_keys import rotate_key
from voicebot.cli.options import config_option, data_option, settings_of
from voicebot.core.clock import Clock
from voicebot.core.errors import VoicebotError
from voicebot.operations.retention import Kept
from voicebot.settings import Settings

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
@data_option
@config_option
@click.option(
    "--before",
    type=click.DateTime(["%Y-%m-%d"]),
    help="清理这一天（不含）以前的通话记录、已发出的事件、没答上的问题；不写则按设置 keep 的保留期限清理",
)
def purge_command(data: Path | None, config: Path | None, before: datetime | None) -> None:
    """清理到期的录音、通话记录、归档工单的姓名电话、查阅记录（每天也会自动进行），留下凭证；未办结和督办的不清理。"""
    clock = WallClock()
    try:
        settings = settings_of(data, config)
    except VoicebotError as error:
        raise click.ClickException(str(error)) from error
    if before is None:
        _run(_due(settings, clock))
        return
    limit = before.replace(tzinfo=clock.now().tzinfo)

    async def run() -> Purged:
        async with open_database(settings) as database:
            return await purge(database, limit, clock.now(), spare=True)

    done = _run(run())
    files = sum(_forget(settings.data, name) for name in done.recordings)
    click.echo(
        f"已清理 {before:%Y-%m-%d} 以前：通话 {done.calls}，轮次 {done.turns}，录音文件 {files}，"
        f"事件 {done.events}，未答问题 {done.questions}；过期登录 {done.sessions}"
    )


async def _due(settings: Settings, clock: Clock) -> None:
    """What is due by the settings, then the whole chain of proofs."""
    async with open_database(settings) as database:
        retention = Retention(database, settings.data / "recordings", settings.keep)
        done = await retention.run(clock.now())
        chain = await reports(database)
    for what, name in _NAMES.items():
        until = settings.keep.until(what, clock.now())
        count = sum(report.count for report in done if report.what is what)
        click.echo(f"{name}：" + ("一直保留" if until is None else f"{until:%Y-%m-%d} 以前，清理 {count}"))
    if (place := broken_at(chain)) is not None:
        raise VoicebotError("db.proof_broken", f"第 {place + 1} 条清理凭证被改动过，或者前面少了一条")
    click.echo(f"清理凭证 {len(chain)} 条，首尾相接" + (f"，最后 {chain[-1].chain[:16]}" if chain else ""))


_NAMES: Final = {
    Kept.RECORDING: "录音",
    Kept.TRANSCRIPT: "通话记录",
    Kept.PERSON: "归档工单的姓名和电话",
    Kept.ACCESS: "查阅记录",
}


def _forget(data: Path, name: str) -> bool:
    """Deletes a recording, never a file outside the data directory; whether there was one."""
    return forget_file(data / "recordings", name) or forget_file(data, name)


def _run(work: Coroutine[Any, Any, T]) -> T:
    try:
        return asyncio.run(work)
    except VoicebotError as error:
        raise click.ClickException(str(error)) from error
