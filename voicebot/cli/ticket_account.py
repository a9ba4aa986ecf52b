"""What the commands about tickets share: on whose behalf they work."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TypeVar

import click

from voicebot.bootstrap.work import Office, open_office
from voicebot.cli.options import settings_of
from voicebot.core.errors import VoicebotError
from voicebot.operations.ports import Account

T = TypeVar("T")

account_option = click.option(
    "--as", "name", default="admin", show_default=True, help="用哪个账号（权限、记录都按它）"
)


def at_work(
    run: Callable[[Office, Account], Awaitable[T]], name: str, data: Path | None, config: Path | None
) -> T:
    """What `run` makes of the tickets, for the account of a name.

    Raises:
        ClickException: with the words of what went wrong.
    """

    async def inside() -> T:
        async with open_office(settings_of(data, config)) as office:
            return await run(office, await office.account(name))

    try:
        return asyncio.run(inside())
    except VoicebotError as error:
        raise click.ClickException(error.message) from error
