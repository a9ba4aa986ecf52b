"""``voicebot models pull|list|check``."""

import sys
from pathlib import Path
from typing import NoReturn

import click

from voicebot.adapters.models.manifest import (
    MODELS,
    RECOGNITION,
    HttpsSource,
    LocalSource,
    Model,
    NpmSource,
    PypiSource,
    Source,
    Use,
)
from voicebot.adapters.models.select import FALLBACK_NOTE, choose_engine, engine_trouble, pull, store_of
from voicebot.adapters.models.store import ModelStore
from voicebot.adapters.tts.check import voice_trouble
from voicebot.cli.options import settings_of
from voicebot.core.errors import VoicebotError

_data = click.option(
    "--data",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("data"),
    show_default=True,
    help="数据目录，模型在它的 models 子目录里",
)
_use = click.option(
    "--for",
    "use",
    type=click.Choice([u.value for u in Use]),
    default=Use.RUN.value,
    show_default=True,
    help="run：运行热线所需；test：测试另外需要的",
)
_names = click.argument("names", nargs=-1, type=click.Choice([m.name for m in MODELS]))


@click.group()
def command() -> None:
    """模型：下载、列出、检查。"""


@command.command("pull")
@_names
@_data
@_use
def pull_command(names: tuple[str, ...], data: Path, use: str) -> None:
    """下载并安装模型；已经完好的不再下载。"""
    try:
        pull(ModelStore.of(data), Use(use), lambda line: click.echo(line), names)
    except VoicebotError as error:
        _fail(str(error))


@command.command("list")
@_data
def list_command(data: Path) -> None:
    """列出所有模型：用途、来源、许可、是否已安装。"""
    store = ModelStore.of(data)
    for model in MODELS:
        state = "已安装" if store.installed(model) else "未安装"
        click.echo(f"{model.name}  [{'运行' if model.use is Use.RUN else '测试'}] {state}")
        click.echo(f"  用途：{model.purpose}")
        click.echo(f"  来源：{'；其次 '.join('、'.join(map(_source, s)) for s in model.sources)}")
        click.echo(f"  许可：{model.licence}")
        for file in model.files:
            click.echo(f"  {file.path}  {file.size} 字节  sha256 {file.sha256}")


@command.command("check")
@_names
@_data
@_use
def check_command(names: tuple[str, ...], data: Path, use: str) -> None:
    """检查模型文件是否齐全、完好，以及设置里选的识别和合成引擎能不能用；有问题时退出码为 1。"""
    try:
        settings = settings_of(data, None)
    except VoicebotError as error:
        _fail(str(error))
    options, store = settings.stt, store_of(settings.stt)
    problems = []
    for model in _wanted(store, names, Use(use)):
        found = store.faults(model)
        click.echo(f"{model.name}：{'有问题' if found else '完好'}")
        problems += [str(fault) for fault in found]
    if not names and Use(use) is Use.RUN:
        try:
            choice = choose_engine(options)
            note = "（后备，不是 Vosk）" if choice.note == FALLBACK_NOTE else ""
            click.echo(f"语音识别将使用：{choice.label}{note}")
            if trouble := engine_trouble(options):
                problems.append(trouble)
        except VoicebotError as error:
            if error.code == "model.missing":  # damage is among the problems already
                problems.append(str(error))
        click.echo(f"语音合成将使用：{'，其次 '.join(settings.tts.engines)}")
        if trouble := voice_trouble(settings.tts):
            problems.append(trouble)
    if problems:
        _fail("\n".join(problems))


def _wanted(store: ModelStore, names: tuple[str, ...], use: Use) -> list[Model]:
    if names:
        return [m for m in MODELS if m.name in names]
    # one recognition model is enough, so those not installed are no fault
    return [m for m in MODELS if m.use is use and (m not in RECOGNITION or store.installed(m))]


def _source(source: Source) -> str:
    match source:
        case PypiSource():
            return f"PyPI {' '.join(source.packages)}"
        case NpmSource():
            return f"npm {source.spec}"
        case HttpsSource():
            return source.url
        case LocalSource():
            return f"环境变量 {source.variable} 指定的目录"


def _fail(message: str) -> NoReturn:
    click.echo(message, err=True)
    sys.exit(1)
