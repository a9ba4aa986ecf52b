"""`voicebot chat`: a call in writing, for people (default) and for programs (--jsonl)."""

import json
import sys
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import click

from voicebot.adapters.logs import LogOptions, setup_logging
from voicebot.adapters.virtual_time import run_virtual
from voicebot.bootstrap.chat import ChatInput, ChatOptions, open_chat
from voicebot.calls.round import Reply
from voicebot.core.errors import VoicebotError
from voicebot.core.handover import HandoverOutcome
from voicebot.dialogue.trying.rehearsal import Hangup, Keys, Say, Silence

KEYPAD = frozenset("0123456789*#")
LONGEST_SILENCE = 3600.0


@click.command()
@click.option("--jsonl", is_flag=True, help="每行一个 JSON：输入 say/keys/silence/hangup，输出一行回复")
@click.option("--caller", default="13800000000", show_default=True, help="来电号码，留空为匿名")
@click.option("--dialled", default="12345", show_default=True, help="拨打的号码")
@click.option("--now", help="通话开始时间，ISO 8601，例如 2026-11-24T09:30:00")
@click.option("--data", default="data", show_default=True, type=click.Path(path_type=Path), help="数据目录")
@click.option("--content", default=".", type=click.Path(path_type=Path), help="流程与知识所在目录")
@click.option("--flow", default="", help="从哪个流程开始")
@click.option(
    "--seat",
    default=HandoverOutcome.COMPLETED.value,
    type=click.Choice([outcome.value for outcome in HandoverOutcome]),
    help="转人工的结果",
)
def command(
    jsonl: bool, caller: str, dialled: str, now: str | None, data: Path, content: Path, flow: str, seat: str
) -> None:
    """用文字打一通电话：同样的对话、工单和转接，不加载语音模型。"""
    setup_logging(LogOptions(level="WARNING"), "chat")
    options = ChatOptions(content, data, caller, dialled, _time(now), flow, HandoverOutcome(seat))
    try:
        run_virtual(_programme(options) if jsonl else _person(options))
    except VoicebotError as error:
        raise click.ClickException(str(error)) from error


def _time(now: str | None) -> datetime | None:
    if now is None:
        return None
    try:
        time = datetime.fromisoformat(now)
    except ValueError as error:
        raise click.BadParameter(f"{now!r} 不是 ISO 8601 时间", param_hint="--now") from error
    return time if time.tzinfo else time.astimezone()


async def _programme(options: ChatOptions) -> None:
    async with open_chat(options) as chat:
        _print(await chat.greeting())
        for number, line in enumerate(sys.stdin, 1):
            if not line.strip():
                continue
            try:
                given = parse(line)
            except ValueError as error:
                click.echo(json.dumps({"error": f"第 {number} 行：{error}"}, ensure_ascii=False))
                continue
            _print(await chat.put(given))


def parse(line: str) -> ChatInput:
    """One line of input; ValueError says in Chinese what is wrong with it."""
    try:
        fields = json.loads(line)
    except ValueError as error:
        raise ValueError(f"不是 JSON：{error}") from error
    match fields:
        case {"say": str(text)}:
            return Say(text)
        case {"keys": str(keys)} if keys and set(keys) <= KEYPAD:
            return Keys(keys)
        case {"silence": int() | float() as seconds} if 0 < seconds <= LONGEST_SILENCE:
            return Silence(float(seconds))
        case {"hangup": True}:
            return Hangup()
        case _:
            raise ValueError("需要 say（文字）、keys（0-9*#）、silence（秒数）或 hangup（true）之一")


def _print(reply: Reply) -> None:
    fields = {
        "reply": reply.text or None,
        "action": reply.action,
        "article": reply.article,
        "ticket_no": reply.ticket_no,
        "queue": reply.queue,
        "state": reply.state,
        "slots": dict(reply.slots),
        "ended": reply.ended,
    }
    click.echo(json.dumps(fields, ensure_ascii=False))


async def _person(options: ChatOptions) -> None:
    click.echo("直接输入要说的话；/键 1 按键，/等 6 沉默六秒，/挂 挂机。", err=True)
    async with open_chat(options) as chat:
        reply = await chat.greeting()
        _tell(reply)
        for given in _typed():
            reply = await chat.put(given)
            _tell(reply)
            if reply.ended:
                click.echo("（通话结束）")
                return


def _tell(reply: Reply) -> None:
    """What was said, and below it where the call stands and what it knows."""
    if reply.text:
        click.echo(f"热线：{reply.text}")
    known = "".join(f" {name}={value}" for name, value in reply.slots.items())
    queue = f" 转{reply.queue}" if reply.queue else ""
    click.echo(f"    〔{reply.step} {reply.state}{queue}{known}〕")


def _typed() -> Iterator[ChatInput]:
    for line in sys.stdin:
        match line.split():
            case []:
                continue
            case ["/挂"]:
                yield Hangup()
            case ["/键", keys] if set(keys) <= KEYPAD:
                yield Keys(keys)
            case ["/等", seconds] if seconds.isdigit():
                yield Silence(float(seconds))
            case _:
                yield Say(line.strip())
