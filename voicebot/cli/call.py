"""``voicebot call show ID``."""

import asyncio
import json
from dataclasses import asdict
from datetime import datetime
from pathlib import Path

import click

from voicebot.adapters.db.calls import SqlCalls
from voicebot.adapters.db.database import FILE_NAME, Database
from voicebot.adapters.logs import LogOptions, one_line_failures, setup_logging
from voicebot.adapters.wall_clock import WallClock
from voicebot.calls.records import CallView
from voicebot.cli.transcript import transcript
from voicebot.core.errors import VoicebotError
from voicebot.core.ids import CallId


@click.group()
def command() -> None:
    """查看通话。"""


@command.command("show")
@click.argument("call_id", metavar="ID")
@click.option(
    "--data",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("data"),
    envvar="VOICEBOT_DATA",
    show_default=True,
    help="数据目录",
)
@click.option("--json", "as_json", is_flag=True, help="输出 JSON")
def show_command(call_id: str, data: Path, as_json: bool) -> None:
    """列出通话 ID 的每一轮：说了什么、怎么理解、怎么回答、各步用时。"""
    setup_logging(LogOptions(level="WARNING"))
    with one_line_failures():
        view = asyncio.run(_read(data, CallId(call_id)))
    click.echo(json.dumps(asdict(view), ensure_ascii=False, default=_plain) if as_json else transcript(view))


async def _read(data: Path, call_id: CallId) -> CallView:
    file = data / FILE_NAME
    if not file.exists():
        raise VoicebotError("call.no_database", f"{file} 不存在：请用 --data 指定数据目录")
    database = await Database.open(file)
    try:
        view = await SqlCalls(database, WallClock()).call(call_id)
    finally:
        await database.close()
    if view is None:
        raise VoicebotError("call.unknown", f"没有编号为 {call_id} 的通话记录")
    return view


def _plain(value: object) -> str:
    assert isinstance(value, datetime)
    return value.isoformat()
