"""`voicebot flow publish|history|rollback|diff|trial`: what is live, and what has been.

They work on the database, whether the hotline runs or not; a running one takes a change up at once.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import click

from voicebot.adapters.logs import LogOptions, setup_logging
from voicebot.cli import life_report
from voicebot.cli.life_places import LIVE, look_at, place, read, side, user
from voicebot.cli.options import config_option, data_option, settings_of
from voicebot.core.errors import VoicebotError
from voicebot.core.problem import ContentError
from voicebot.operations.content import ContentStore
from voicebot.operations.content_changes import Overtaken, previous, unified
from voicebot.operations.outcomes import OutcomeReader, compare_trial
from voicebot.operations.publishing import Publisher
from voicebot.settings import Settings

NAME: Final = click.argument("name")
ALL: Final = 100_000

author_option = click.option("--author", default="", help="谁改的，记在版本里；默认是登录的用户名")
note_option = click.option("--note", default="", help="为什么改，记在版本里")


@dataclass(frozen=True, slots=True)
class Life:
    """What the commands work with."""

    settings: Settings
    store: ContentStore
    publisher: Publisher
    outcomes: OutcomeReader

    @property
    def root(self) -> Path:
        return self.settings.content.root


def _run(data: Path | None, config: Path | None, work: Callable[[Life], Awaitable[None]]) -> None:
    """Runs a command; what is refused is told in full, with exit code 1."""
    setup_logging(LogOptions(level="WARNING"))

    async def run() -> None:
        async with _opened(settings_of(data, config)) as life:
            await work(life)

    try:
        asyncio.run(run())
    except ContentError as error:
        for problem in error.problems:
            click.echo(str(problem), err=True)
        raise click.ClickException("没有发布：先改好上面的错误，线上的内容没有变") from error
    except Overtaken as error:
        click.echo(error.changes, err=True)
        raise click.ClickException(error.message) from error
    except VoicebotError as error:
        raise click.ClickException(error.message) from error


@asynccontextmanager
async def _opened(settings: Settings) -> AsyncIterator[Life]:
    """Fills an empty store from the files first, as the hotline would."""
    # the database loads only for commands that need it
    from voicebot.adapters.db.content import SqlContentStore
    from voicebot.adapters.db.outcomes import SqlOutcomes
    from voicebot.adapters.wall_clock import WallClock
    from voicebot.bootstrap.brain import BrainMaker, check_with, names_in, user_shelf
    from voicebot.bootstrap.content import content_keeper
    from voicebot.bootstrap.process import hotline_name, open_database
    from voicebot.bootstrap.teaching import WithOld

    async with open_database(settings) as database:
        store = SqlContentStore(database, WallClock())
        shelf = user_shelf()
        teacher = WithOld(shelf, hotline_name(settings))  # the hotline learns; nobody waits for it here
        maker = BrainMaker(names=names_in(settings), shelf=shelf, teacher=teacher)
        if not await store.revision():
            await content_keeper(settings.content, store, maker).look()
        yield Life(settings, store, Publisher(store, check_with(maker)), SqlOutcomes(database))


@click.command()
@click.argument("name", metavar="FILE|NAME", required=False)
@note_option
@click.option(
    "--share", default=1.0, type=click.FloatRange(0, 1, min_open=True), help="先给多大比例的新来电试用"
)
@click.option("--promote", is_flag=True, help="试用的内容给所有来电使用")
@click.option("--drop", is_flag=True, help="撤回试用的内容")
@click.option("--delete", is_flag=True, help="删掉这个文件")
@click.option("--base", type=int, help="您是从第几版改起的；线上已不是这一版时拒绝发布")
@author_option
@data_option
@config_option
def publish(
    name: str | None,
    note: str,
    share: float,
    promote: bool,
    drop: bool,
    delete: bool,
    base: int | None,
    author: str,
    data: Path | None,
    config: Path | None,
) -> None:
    """发布一个文件，或流程 NAME；新来电马上使用，正在通话的不受影响.

    有错误时全部列出，线上不变。--share 0.1 先给一成来电试用，再用 --promote 或 --drop 结束试用。
    """
    ending = promote or drop
    if promote + drop + delete > 1 or not (ending or name):
        raise click.UsageError("请给出文件或流程名，或者用 --promote、--drop 之一结束试用")
    who = author or user()

    async def work(life: Life) -> None:
        live = await life.store.live()
        if ending and (not name or place(name, life.root)[0] in live.trial):
            made = await life.publisher.end_trial(promote=promote, author=who, note=note)
            click.echo(life_report.released(made))
            return
        path, file = place(name or "", life.root)
        if ending:
            raise VoicebotError("content.no_trial", f"{path} 没有在试用")
        text = None if delete else read(file)
        began = live.trial_numbers.get(path, live.numbers.get(path, 0)) if base is None else base
        done = await life.publisher.publish(
            path, text, base=began, author=who, note=note, share=share, look=look_at(path, text, life.root)
        )
        for problem in done.warnings:
            if problem.path == path:
                click.echo(str(problem))
        click.echo(life_report.released(done.release))

    _run(data, config, work)


@click.command()
@click.argument("name", required=False)
@data_option
@config_option
def history(name: str | None, data: Path | None, config: Path | None) -> None:
    """列出流程 NAME 的各个版本；不给 NAME 时列出最近的发布：谁、什么时候、为什么."""

    async def work(life: Life) -> None:
        live = await life.store.live()
        if name is None:
            click.echo(life_report.releases(await life.store.releases(), live))
            return
        path, file = place(name, life.root)
        versions = await life.store.history(path)
        if not versions:
            raise VoicebotError("content.no_version", f"没有发布过 {path}")
        text = read(file) if file.is_file() else None
        click.echo(life_report.versions(path, versions, live, text))
        if path in live.trial:
            await _print_trial(life)

    _run(data, config, work)


@click.command()
@NAME
@click.option("--to", type=int, help="回到第几版；默认是现在这一版之前的那一版")
@note_option
@author_option
@data_option
@config_option
def rollback(
    name: str, to: int | None, note: str, author: str, data: Path | None, config: Path | None
) -> None:
    """把流程 NAME 退回以前的版本；目录里的文件不动，也不会再自动发布，直到有人改它."""

    async def work(life: Life) -> None:
        path, _ = place(name, life.root)
        done = await life.publisher.rollback(path, author=author or user(), note=note, to=to)
        click.echo(life_report.released(done.release))

    _run(data, config, work)


@click.command()
@NAME
@click.argument("old", metavar="[A]", required=False)
@click.argument("new", metavar="[B]", required=False)
@data_option
@config_option
def diff(name: str, old: str | None, new: str | None, data: Path | None, config: Path | None) -> None:
    """比较流程 NAME 的两个版本：A 默认是上一版，B 默认是线上这一版.

    A、B 是版本号，或者 live（线上）、file（目录里的文件）。
    """

    async def work(life: Life) -> None:
        path, file = place(name, life.root)
        versions = await life.store.history(path)
        live = (await life.store.live()).numbers.get(path)
        if old is None:
            before = previous(path, await life.store.releases(path, limit=ALL)) or 0
        sides = [
            side(path, versions, file, live, str(before) if which is None else which)
            for which in (old, new or LIVE)
        ]
        click.echo(unified(sides[0].text, sides[1].text, sides[0].name, sides[1].name) or "没有差异")

    _run(data, config, work)


@click.command()
@data_option
@config_option
def trial(data: Path | None, config: Path | None) -> None:
    """正在试用什么，试用的来电和其余来电比较：通话数、结果、轮数、没听懂的次数、评分."""
    _run(data, config, _print_trial)


COMMANDS: Final = (publish, history, rollback, diff, trial)


async def _print_trial(life: Life) -> None:
    live = await life.store.live()
    comparison = await compare_trial(life.store, life.outcomes)
    click.echo(life_report.trial(live, comparison) if comparison else "现在没有试用中的内容")
