"""`voicebot kb unanswered`: what callers asked in vain, and what became of it."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import asdict
from pathlib import Path
from typing import Final

import click

from voicebot.cli.life_places import user
from voicebot.cli.options import config_option, data_option, settings_of
from voicebot.core.answer import Gap
from voicebot.core.errors import VoicebotError
from voicebot.operations.unanswered import Standing, Unanswered, UnansweredBook

GAPS: Final = {Gap.NO_ANSWER: "没有答案", Gap.DENIED: "问的不是这个", Gap.UNHELPFUL: "答了没用"}
STANDINGS: Final = {Standing.NEW: "待处理", Standing.MADE: "已写条目", Standing.IGNORED: "不处理"}


@click.command("unanswered")
@click.option("--all", "everything", is_flag=True, help="已经处理的也列出来")
@click.option("--limit", default=50, show_default=True, type=click.IntRange(1, 10_000), help="最多列多少条")
@click.option("--made", type=int, multiple=True, metavar="编号", help="标记：已写成条目；可以写几次")
@click.option("--ignore", type=int, multiple=True, metavar="编号", help="标记：不处理")
@click.option("--reopen", type=int, multiple=True, metavar="编号", help="标记：重新待处理")
@click.option("--json", "as_json", is_flag=True, help="输出 JSON")
@data_option
@config_option
def unanswered(
    everything: bool,
    limit: int,
    made: tuple[int, ...],
    ignore: tuple[int, ...],
    reopen: tuple[int, ...],
    as_json: bool,
    data: Path | None,
    config: Path | None,
) -> None:
    """来电人问了没答上的问题，问得最多的在前；也用来标记处理结果."""
    marks = [
        *((number, Standing.MADE) for number in made),
        *((number, Standing.IGNORED) for number in ignore),
        *((number, Standing.NEW) for number in reopen),
    ]

    async def work(book: UnansweredBook) -> None:
        for number, standing in marks:
            one = await book.mark(number, standing, user())
            click.echo(f"{number} {STANDINGS[standing]}：{one.question}", err=as_json)
        if marks and not as_json:
            return
        found = await book.list(None if everything else Standing.NEW, limit)
        if as_json:
            items = [asdict(one) for one in found]
            click.echo(json.dumps({"items": items}, ensure_ascii=False, default=str))
        else:
            click.echo("\n".join(map(_line, found)) or "没有未答的问题")

    _run(data, config, work)


def _line(one: Unanswered) -> str:
    near = f"，最接近 {one.article}（{one.score:.2f}）" if one.article else ""
    state = "" if one.standing is Standing.NEW else f"，{STANDINGS[one.standing]}"
    when = f"{one.last:%Y-%m-%d %H:%M}"
    return (
        f"{one.id:>5}  {one.times} 次  {one.question}\n       {GAPS[one.gap]}{near}；最近 {when}，"
        f"通话 {one.call_id}{state}"
    )


def _run(data: Path | None, config: Path | None, work: Callable[[UnansweredBook], Awaitable[None]]) -> None:
    # the database loads only for commands that need it
    from voicebot.adapters.db.unanswered import SqlUnanswered
    from voicebot.adapters.wall_clock import WallClock
    from voicebot.bootstrap.process import open_database

    async def run() -> None:
        async with open_database(settings_of(data, config)) as database:
            await work(SqlUnanswered(database, WallClock()))

    try:
        asyncio.run(run())
    except VoicebotError as error:
        raise click.ClickException(error.message) from error
