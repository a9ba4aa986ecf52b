"""`voicebot bench …`: measures the hotline from the caller's end."""

import asyncio
import json
from pathlib import Path
from typing import Any

import click

from voicebot.adapters.logs import LogOptions, setup_logging
from voicebot.adapters.virtual_time import run_virtual
from voicebot.cli.benches.capacity import Plan
from voicebot.cli.benches.capacity import measure as measure_capacity
from voicebot.cli.benches.content import measure as measure_content
from voicebot.cli.benches.flows import measure as measure_flows
from voicebot.cli.benches.hotline import own_hotline
from voicebot.cli.benches.knowledge import measure as measure_knowledge
from voicebot.cli.benches.latency import measure
from voicebot.cli.benches.recognition import measure as measure_recognition
from voicebot.cli.benches.seats import measure as measure_seats
from voicebot.cli.benches.tickets import Wanted
from voicebot.cli.benches.tickets import measure as measure_tickets
from voicebot.cli.benches.turn_cases import Kind
from voicebot.cli.benches.turn_parts import Timing
from voicebot.cli.benches.turn_report import describe
from voicebot.cli.benches.turns import measure as measure_turns
from voicebot.cli.benches.voice import LOCAL
from voicebot.cli.benches.voice import measure as measure_voice
from voicebot.cli.options import data_option, settings_of
from voicebot.core.errors import VoicebotError


@click.group()
def command() -> None:
    """性能测试：从来电人一侧测量。"""
    setup_logging(LogOptions(level="ERROR"), "bench")


@command.command()
@data_option
@click.option("--json", "as_json", is_flag=True, help="输出一个 JSON 对象")
@click.option("--turns", default=36, show_default=True, type=click.IntRange(1, 1000), help="问答轮数")
@click.option("--seed", default=1, show_default=True, help="电平、停顿和噪声的随机种子")
@click.option("--running", is_flag=True, help="测正在运行的热线，不另起一套")
def latency(data: Path | None, as_json: bool, turns: int, seed: int, running: bool) -> None:
    """来电人说完到听见回答要多久；打断后多久停下。"""
    try:
        result = asyncio.run(_latency(data, turns, seed, running))
    except VoicebotError as error:
        raise click.ClickException(str(error)) from error
    _show(result, as_json)


async def _latency(data: Path | None, turns: int, seed: int, running: bool) -> dict[str, Any]:
    settings = settings_of(data, None)
    models, cache = settings.stt.models, settings.data / "cache" / "bench"
    if running:
        return await measure(settings, models, cache, turns, seed)
    async with own_hotline(models, settings.data / "bench-hotline.log") as own:
        return await measure(own, models, cache, turns, seed)


@command.command()
@data_option
@click.option("--json", "as_json", is_flag=True, help="输出一个 JSON 对象")
@click.option("--seed", default=1, show_default=True, help="电平、停顿和说话人的随机种子")
@click.option(
    "--kind", "kinds", multiple=True, type=click.Choice([kind.value for kind in Kind]), help="只测这几类"
)
@click.option("--decode-ms", default=200, show_default=True, help="一次识别算多少毫秒")
@click.option("--cases", "each", is_flag=True, help="先列出每一例")
def turns(
    data: Path | None, as_json: bool, seed: int, kinds: tuple[str, ...], decode_ms: int, each: bool
) -> None:
    """谁在说话：停顿、附和、打断、回声和噪声，在虚拟时间里一例一例地测。"""
    settings = settings_of(data, None)
    cache = settings.data / "cache" / "bench"
    timing = Timing(decode_ms / 1000)
    try:
        result, outcomes = run_virtual(
            measure_turns(
                settings,
                settings.stt.models,
                cache,
                seed,
                tuple(Kind(kind) for kind in kinds) or tuple(Kind),
                timing,
            )
        )
    except VoicebotError as error:
        raise click.ClickException(str(error)) from error
    if each:
        for outcome in outcomes:
            click.echo(describe(outcome), err=True)
    _show(result, as_json)


@command.command()
@data_option
@click.option("--json", "as_json", is_flag=True, help="输出一个 JSON 对象")
@click.option("--steps", default="2,4,6,8,10,12,14,16", show_default=True, help="同时几路，逐级增加")
@click.option("--seconds", default=40.0, show_default=True, type=click.FloatRange(15, 600), help="每级多少秒")
@click.option("--seed", default=1, show_default=True, help="电平、停顿和噪声的随机种子")
def capacity(data: Path | None, as_json: bool, steps: str, seconds: float, seed: int) -> None:
    """同时能接好几路电话；每路占多少 CPU；再多时还接得好不好。"""
    try:
        chosen = tuple(int(step) for step in steps.split(","))
        if min(chosen) < 1:
            raise ValueError(steps)
    except ValueError:
        raise click.BadParameter("写成 2,4,8 这样", param_hint="--steps") from None
    try:
        result = asyncio.run(measure_capacity(settings_of(data, None), Plan(chosen, seconds, seed)))
    except VoicebotError as error:
        raise click.ClickException(str(error)) from error
    _show(result, as_json)


@command.command()
@data_option
@click.option("--json", "as_json", is_flag=True, help="输出一个 JSON 对象")
@click.option(
    "--engine", "engines", multiple=True, type=click.Choice(LOCAL), help="只测这几个引擎；默认装了的全测"
)
def voice(data: Path | None, as_json: bool, engines: tuple[str, ...]) -> None:
    """合成一个分句要多久、占多少 CPU 和内存，分句接得顺不顺。"""
    _show(asyncio.run(measure_voice(settings_of(data, None), engines or LOCAL)), as_json)


@command.command()
@data_option
@click.option("--json", "as_json", is_flag=True, help="输出一个 JSON 对象")
@click.option("--seed", default=1, show_default=True, help="电平和噪声的随机种子")
def recognition(data: Path | None, as_json: bool, seed: int) -> None:
    """后备识别（Whisper）的各种设置：多快、占多少 CPU、错多少。"""
    settings = settings_of(data, None)
    try:
        result = measure_recognition(settings.stt.models, settings.data / "cache" / "bench", seed)
    except VoicebotError as error:
        raise click.ClickException(str(error)) from error
    _show(result, as_json)


@command.command()
@data_option
@click.option("--json", "as_json", is_flag=True, help="输出一个 JSON 对象")
@click.option("--calls", default=20, show_default=True, type=click.IntRange(1, 200), help="同时几路在听")
@click.option("--edits", default=9, show_default=True, type=click.IntRange(1, 100), help="保存几次文件")
def content(data: Path | None, as_json: bool, calls: int, edits: int) -> None:
    """通话进行中改流程和知识：多久对新来电生效，正在听的人有没有听到断音。"""
    try:
        result = asyncio.run(measure_content(settings_of(data, None), calls, edits))
    except VoicebotError as error:
        raise click.ClickException(str(error)) from error
    _show(result, as_json)


@command.command()
@click.option("--content", default=".", type=click.Path(path_type=Path), help="流程与知识所在目录")
@click.option("--json", "as_json", is_flag=True, help="输出一个 JSON 对象")
@click.option("--walks", default=10_000, show_default=True, type=click.IntRange(0), help="随机电话多少通")
@click.option(
    "--flows", "count", default=200, show_default=True, type=click.IntRange(1), help="载入多少个流程"
)
@click.option("--lines", default=120, show_default=True, type=click.IntRange(50), help="每个流程多少行")
def flows(content: Path, as_json: bool, walks: int, count: int, lines: int) -> None:
    """流程引擎每秒走多少步，载入许多流程要多久，随机电话是不是都有结果。"""
    try:
        result = measure_flows(content, walks, count, lines)
    except VoicebotError as error:
        raise click.ClickException(str(error)) from error
    _show(result, as_json)


@command.command()
@click.option("--content", default=".", type=click.Path(path_type=Path), help="流程与知识所在目录")
@click.option("--json", "as_json", is_flag=True, help="输出一个 JSON 对象")
@click.option(
    "--articles", "count", default=10_000, show_default=True, type=click.IntRange(1), help="大知识库多少篇"
)
@click.option("--seed", default=1, show_default=True, help="拼凑问法的随机种子")
def knowledge(content: Path, as_json: bool, count: int, seed: int) -> None:
    """知识库载入、改一篇和找一次答案各要多久，现有的和上万篇的。"""
    try:
        result = measure_knowledge(content, count, seed)
    except VoicebotError as error:
        raise click.ClickException(str(error)) from error
    _show(result, as_json)


@command.command()
@click.option("--content", default=".", type=click.Path(path_type=Path), help="流程与知识所在目录")
@click.option("--json", "as_json", is_flag=True, help="输出一个 JSON 对象")
@click.option(
    "--tickets", "count", type=click.IntRange(0), help="每个库多少件；默认 PostgreSQL 五百万，SQLite 一百万"
)
@click.option("--database", default="", help="用这个空的数据库（路径或地址）；默认在临时目录里另建")
@click.option("--crash", default=0, show_default=True, type=click.IntRange(0), help="另外杀掉写入进程多少次")
@click.option("--only", default="", type=click.Choice(["", "sqlite", "postgresql"]), help="只测一种数据库")
def tickets(content: Path, as_json: bool, count: int | None, database: str, crash: int, only: str) -> None:
    """几百万件工单时，登记、列表、搜索、查号和比对重复各要多久；写到一半被杀会不会丢号。"""
    if database and crash and count != 0:
        raise click.UsageError("指定了数据库时，--crash 要和 --tickets 0 一起用")
    try:
        result = asyncio.run(measure_tickets(Wanted(content, count, database, crash, only)))
    except VoicebotError as error:
        raise click.ClickException(str(error)) from error
    _show(result, as_json)


@command.command()
@click.option("--json", "as_json", is_flag=True, help="输出一个 JSON 对象")
@click.option(
    "--seats",
    "count",
    default=1000,
    show_default=True,
    type=click.IntRange(50, 5000),
    help="各班次共多少坐席",
)
@click.option(
    "--peak", default=0.8, show_default=True, type=click.FloatRange(0.01, 20), help="最忙时每秒多少来电"
)
@click.option(
    "--hours",
    default=240.0,
    show_default=True,
    type=click.FloatRange(1, 10000),
    help="与 Erlang C 比较几小时",
)
@click.option("--seed", default=1, show_default=True, help="来电、班次和通话时长的随机种子")
def seats(as_json: bool, count: int, peak: float, hours: float, seed: int) -> None:
    """大城市一天的排队和分配：不重复振铃，没有人一直等，快慢、均衡，接通率与 Erlang C 相比。"""
    _show(measure_seats(count, peak, hours, seed), as_json)


def _show(result: dict[str, Any], as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps(result, ensure_ascii=False))
        return
    for name, value in result.items():
        click.echo(f"{name:>18}  {json.dumps(value, ensure_ascii=False)}")
