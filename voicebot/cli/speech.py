"""``voicebot speech render``."""

import asyncio
import sys
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

import click

from voicebot.adapters.tts.cache import CachedSynthesizer, DiskCache
from voicebot.adapters.tts.inprocess import InProcessSynthesizer
from voicebot.adapters.tts.voices import Choir, load_voices
from voicebot.cli.options import config_option, data_option, settings_of
from voicebot.core.errors import VoicebotError
from voicebot.settings import Settings
from voicebot.speech.clauses import plan

_EVERY: Final = 50
"""Clauses between two lines of progress."""


@click.group()
def command() -> None:
    """语音：预先合成固定语句。"""


@command.command()
@click.argument("file", required=False, type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option(
    "--sample-rate",
    "rates",
    type=click.IntRange(8_000, 48_000),
    multiple=True,
    default=(8_000, 16_000),
    show_default=True,
    help="采样率：8000 是电话，16000 是网页；可以给多个",
)
@data_option
@config_option
def render(file: Path | None, rates: tuple[int, ...], data: Path | None, config: Path | None) -> None:
    """把流程和知识里的固定语句（或 FILE 里每行一句）合成好，放进缓存。

    已经有的不再合成。热线运行时自己也会在空闲时做这件事，所以这条命令不是必须的。
    """
    try:
        settings = settings_of(data, config)
        sentences = _sentences(file, settings)
        clauses = list(dict.fromkeys(clause.text for text in sentences for clause in plan(text)))
        click.echo(f"{len(sentences)} 句，{len(clauses)} 个分句")
        failed = asyncio.run(_render(clauses, rates, settings))
    except VoicebotError as error:
        click.echo(str(error), err=True)
        sys.exit(1)
    if failed:
        sys.exit(1)


def _sentences(file: Path | None, settings: Settings) -> Sequence[str]:
    if file is not None:
        return [line.strip() for line in file.read_text(encoding="utf-8").splitlines() if line.strip()]
    from voicebot.bootstrap.brain import load_brain  # a given file needs no content

    brain = load_brain(settings.content.root)
    return (*brain.sentences(), *settings.call.fillers, settings.call.broken)


async def _render(clauses: Sequence[str], rates: Sequence[int], settings: Settings) -> int:
    """Renders all; returns how many could not be."""
    tts = settings.tts
    choir = Choir(load_voices(tts), failures=tts.breaker_failures, rest=tts.breaker_rest)
    cache = DiskCache(tts.cache, tts.cache_bytes)
    synthesizer = CachedSynthesizer(InProcessSynthesizer(choir), cache, engine=tts.engine, voice=tts.voice)
    begun, seconds, failed = time.monotonic(), 0.0, 0
    for number, clause in enumerate(clauses, 1):
        for rate in rates:
            voice = replace(settings.call.voice, rate=tts.rate, sample_rate=rate)
            try:
                seconds += (await synthesizer.prepare(clause, voice)).seconds
            except VoicebotError as error:
                failed += 1
                click.echo(f"没有合成：{clause} {error}", err=True)
        if number % _EVERY == 0 or number == len(clauses):
            click.echo(
                f"{number}/{len(clauses)}，声音 {seconds:.0f} 秒，用时 {time.monotonic() - begun:.0f} 秒"
            )
    return failed
