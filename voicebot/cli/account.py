"""``voicebot account add|list|token``."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TypeVar

import click

from voicebot.adapters.db.accounts import SqlAccounts
from voicebot.adapters.db.database import FILE_NAME, Database
from voicebot.adapters.wall_clock import WallClock
from voicebot.core.errors import VoicebotError
from voicebot.operations.ports import Account, Role

T = TypeVar("T")
LEAST = 8
"""Characters of a password."""
NEED_DEPARTMENT = frozenset({Role.HANDLER, Role.SYSTEM})
"""Roles that see only what is theirs."""

_data = click.option(
    "--data",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("data"),
    show_default=True,
    help="数据目录",
)


@click.group()
def command() -> None:
    """账号和接口令牌。"""


@command.command("add")
@_data
@click.argument("name")
@click.option("--role", type=click.Choice([role.value for role in Role]), required=True, help="角色")
@click.option(
    "--department", help="承办人（handler）的单位，要和派单目录里的名称一样；对接系统（system）的名称，如 110"
)
@click.option("--password", envvar="VOICEBOT_PASSWORD", help="不给就询问；也可放在 VOICEBOT_PASSWORD 里")
def add_command(data: Path, name: str, role: str, department: str | None, password: str | None) -> None:
    """新建账号 NAME。承办人只看得到派给本单位的工单。"""
    secret = password or click.prompt("密码", hide_input=True, confirmation_prompt="再输一次")
    if len(secret) < LEAST:
        raise click.ClickException(f"密码至少 {LEAST} 个字符")

    async def run(accounts: SqlAccounts) -> Account:
        return await accounts.create(name, secret, Role(role), department)

    made = _with_accounts(data, run)
    click.echo(f"已新建账号 {made.name}（{made.role.value}）")
    if made.role in NEED_DEPARTMENT and not department:
        click.echo(f"它还没有单位，看不到任何工单：voicebot account department {made.name} 单位名称")


@command.command("department")
@_data
@click.argument("name")
@click.argument("department")
def department_command(data: Path, name: str, department: str) -> None:
    """账号 NAME 从现在起属于单位 DEPARTMENT（对接系统：它的名称）。"""

    async def run(accounts: SqlAccounts) -> None:
        await accounts.place(name, department)

    _with_accounts(data, run)
    click.echo(f"账号 {name} 属于 {department}")


@command.command("list")
@_data
def list_command(data: Path) -> None:
    """列出账号和角色。"""

    async def run(accounts: SqlAccounts) -> list[Account]:
        return list(await accounts.accounts())

    for account in _with_accounts(data, run):
        click.echo(f"{account.name}\t{account.role.value}\t{account.department or ''}".rstrip())


@command.command("token")
@_data
@click.argument("name")
@click.option("--label", default="cli", show_default=True, help="这个令牌给谁用")
def token_command(data: Path, name: str, label: str) -> None:
    """给账号 NAME 新建一个接口令牌；只显示这一次。"""

    async def run(accounts: SqlAccounts) -> str:
        return await accounts.make_token(name, label)

    click.echo(_with_accounts(data, run))


def _with_accounts(data: Path, work: Callable[[SqlAccounts], Awaitable[T]]) -> T:
    async def run() -> T:
        database = await Database.open(data / FILE_NAME)
        try:
            return await work(SqlAccounts(database, WallClock()))
        finally:
            await database.close()

    try:
        return asyncio.run(run())
    except VoicebotError as error:
        raise click.ClickException(str(error)) from error
