"""`voicebot flow replay`: recorded calls against edited content."""

import asyncio
import json
from collections.abc import Mapping
from pathlib import Path

import click

from voicebot.adapters.logs import LogOptions, setup_logging
from voicebot.cli import replay_report
from voicebot.cli.options import config_option, data_option, settings_of
from voicebot.core.errors import VoicebotError
from voicebot.core.ids import CallId
from voicebot.core.problem import ContentError
from voicebot.operations.content import ContentStore
from voicebot.operations.content_kinds import flow_path
from voicebot.settings import Settings

LIVE = "live"


@click.command(name="replay")
@click.argument("call_id", metavar="[CALL_ID]", required=False)
@click.option("--last", type=click.IntRange(1, 10_000), help="不给 CALL_ID：重放最近的多少通")
@click.option(
    "--flow",
    "versions",
    multiple=True,
    metavar="VERSION",
    help="换成已发布的版本：live（线上）、名称@版本号，或版本号（通话开始的那个流程）；可给多个",
)
@click.option(
    "--content",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    help="换成这个目录里的内容（流程、知识、词表）",
)
@click.option("--json", "as_json", is_flag=True, help="输出一个 JSON 对象")
@data_option
@config_option
def command(
    call_id: str | None,
    last: int | None,
    versions: tuple[str, ...],
    content: Path | None,
    as_json: bool,
    data: Path | None,
    config: Path | None,
) -> None:
    """用改过的流程重放打过的电话，逐轮列出哪里不一样；没有不一样时退出码为 0，有则为 1.

    不给 --flow、--content 时，用内容目录里的文件（还没有发布的修改也算）。
    """
    if (call_id is None) == (last is None):
        raise click.UsageError("请给出一个 CALL_ID，或者 --last 多少通")
    setup_logging(LogOptions(level="WARNING"))
    try:
        differs = asyncio.run(_replay(settings_of(data, config), call_id, last, versions, content, as_json))
    except ContentError as error:
        for problem in error.problems:
            click.echo(str(problem), err=True)
        raise click.ClickException("没有重放：先改好上面的错误") from error
    except VoicebotError as error:
        raise click.ClickException(error.message) from error
    if differs:
        raise SystemExit(1)


async def _replay(
    settings: Settings,
    call_id: str | None,
    last: int | None,
    versions: tuple[str, ...],
    content: Path | None,
    as_json: bool,
) -> bool:
    """Whether something differs."""
    # the database and the content load only for commands that need them
    from voicebot.adapters.db.calls import SqlCalls
    from voicebot.adapters.db.content import SqlContentStore
    from voicebot.adapters.wall_clock import WallClock
    from voicebot.bootstrap.brain import BrainMaker, names_in, user_shelf
    from voicebot.bootstrap.process import open_database
    from voicebot.calls.replaying import replay_call, replay_last

    async with open_database(settings) as database:
        calls = SqlCalls(database, WallClock())
        view = await calls.call(CallId(call_id)) if call_id else None
        if call_id and view is None:
            raise VoicebotError("call.unknown", f"没有编号为 {call_id} 的通话记录")
        store = SqlContentStore(database, WallClock())
        texts = await _texts(settings, store, versions, content, view.flow if view else "")
        brain = BrainMaker(names=names_in(settings), shelf=user_shelf()).from_texts(texts)
        if call_id is not None:
            done = await replay_call(calls, CallId(call_id), brain)
            one = replay_report.call_json(done) if as_json else None
            click.echo(json.dumps(one, ensure_ascii=False) if one else replay_report.call_text(done))
            return done.replay is not None and done.replay.differs
        several = [done async for done in replay_last(calls, last or 0, brain)]
        if as_json:
            click.echo(json.dumps(replay_report.summary_json(several), ensure_ascii=False))
        else:
            click.echo(replay_report.summary_text(several))
        return any(done.replay and done.replay.differs for done in several)


async def _texts(
    settings: Settings, store: ContentStore, versions: tuple[str, ...], content: Path | None, flow: str
) -> Mapping[str, str]:
    """All content to replay with.

    Raises:
        VoicebotError: ``content.missing``, ``content.no_version``.
    """
    from voicebot.adapters.files.content import read_texts

    if content is not None or not versions:
        texts = dict(read_texts(content or settings.content.root))
    else:
        texts = dict((await store.live()).texts)
        if not texts:
            raise VoicebotError("content.no_version", "还没有发布过任何内容")
    for version in versions:
        if version == LIVE:
            continue
        name, _, number = version.rpartition("@")
        path = flow_path(name or flow)
        if not (name or flow):
            raise VoicebotError("content.no_version", f"请写明是哪个流程的版本，例如 main@{version}")
        history = await store.history(path)
        found = next((one for one in history if str(one.number) == number), None)
        if found is None:
            known = "、".join(str(one.number) for one in reversed(history)) or "没有"
            raise VoicebotError("content.no_version", f"{path} 没有第 {number} 版；现有版本：{known}")
        texts.pop(path, None)
        if found.text is not None:
            texts[path] = found.text
    return texts
