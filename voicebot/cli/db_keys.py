"""``voicebot db rotate-key``: a new key for personal data, while the hotline runs."""

import asyncio
from pathlib import Path

import click

from voicebot.adapters.db.database import Database
from voicebot.adapters.db.rotation import Resealed, count, drop_old, put_first, reseal
from voicebot.bootstrap.process import open_database
from voicebot.cli.options import config_option, data_option, settings_of
from voicebot.core.errors import VoicebotError
from voicebot.settings import Settings


@click.command("rotate-key")
@data_option
@config_option
@click.option("--drop-old", "drop", is_flag=True, help="换完以后去掉旧密钥；还有数据要用它时拒绝")
def rotate_key(data: Path | None, config: Path | None, drop: bool) -> None:
    """换新密钥封存个人信息，热线不停；中断后再运行一次就接着换。"""
    try:
        asyncio.run(_rotate(settings_of(data, config), drop))
    except VoicebotError as error:
        raise click.ClickException(str(error)) from error


async def _rotate(settings: Settings, drop: bool) -> None:
    async with open_database(settings) as database:
        if drop:
            await _drop(database)
            return
        if database.vault.file is not None:
            key, fresh = await put_first(database.vault.file)
            click.echo(f"新密钥 {key} 已启用" if fresh else f"接着上次换成密钥 {key}")
        _show(await reseal(database))
        left = sum(found.left for found in await count(database))
        if left:
            raise VoicebotError("db.rotation_unfinished", f"还有 {left} 处由旧密钥封存，请再运行一次")
    click.echo("核对：旧密钥封存的还有 0 处。一分钟后可以运行 voicebot db rotate-key --drop-old 去掉旧密钥")
    click.echo("以前的备份仍要旧密钥才能读：请把旧密钥文件和备份放在一起")


async def _drop(database: Database) -> None:
    if database.vault.file is None:
        _show(found := await count(database))
        if left := sum(each.left for each in found):
            raise VoicebotError("db.key_needed", f"还有 {left} 处由旧密钥封存，旧密钥还不能去掉")
        click.echo("旧密钥已不需要：可以从环境变量里去掉")
        return
    gone = await drop_old(database, database.vault.file)
    click.echo(f"已去掉旧密钥 {'、'.join(gone)}" if gone else "没有旧密钥")


def _show(found: tuple[Resealed, ...]) -> None:
    for each in found:
        click.echo(f"{each.column}：原已是新密钥 {each.current}，换封 {each.done}，剩余 {each.left}")
