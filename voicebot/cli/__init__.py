"""The command line. Each command is a module of its own, imported only when it is called, so that
`voicebot chat` starts without loading an engine."""

import gc
import importlib
import sys
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext

import click

from voicebot import __version__

COMMANDS = {
    "serve": ("serve", "运行整条热线"),
    "models": ("models", "模型：下载、列出、检查"),
    "check": ("check", "检查配置、流程和知识"),
    "chat": ("chat", "用文字打一通电话"),
    "understand": ("understand", "逐行理解来话"),
    "eval": ("eval", "在标注集上评测理解和回答"),
    "flow": ("flow", "流程：检查、测试"),
    "kb": ("kb", "知识库：检查"),
    "call": ("call", "查看一通电话"),
    "speech": ("speech", "语音：预先合成固定语句"),
    "bench": ("bench", "性能测试"),
    "ticket": ("ticket", "工单：列出、查看、导入、导出"),
    "db": ("db", "数据库：升级、备份"),
    "account": ("account", "账号和接口令牌"),
    "seat": ("seat", "坐席：列出、设置技能和班组"),
    "demo": ("demo", "演示数据：放入、删掉"),
    "doctor": ("doctor", "打一通真电话，看看是否正常"),
}
"""Command → (module in this package whose `command` it is, short help)."""


class LazyGroup(click.Group):
    """A group that knows its commands by name and imports only the one that runs."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        if name not in COMMANDS:
            return None
        path = f"voicebot.cli.{COMMANDS[name][0]}"
        with _uncollected() if path not in sys.modules else nullcontext():
            module = importlib.import_module(path)
        command = module.command
        assert isinstance(command, click.Command)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, short) for name, (_, short) in COMMANDS.items()])


@contextmanager
def _uncollected() -> Iterator[None]:
    """What modules make stays to the end: Python's collector would look it through again and again while
    they load, for a quarter of the time."""
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()


@click.group(cls=LazyGroup)
@click.version_option(__version__)
def main() -> None:
    """12345 政务服务便民热线语音助手."""
