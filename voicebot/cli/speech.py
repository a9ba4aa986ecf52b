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
from voicebot.adapters.tts.voices import Choir, languages_of, load_voices, versions_of
from voicebot.bootstrap.repertoire import Part, parts
from voicebot.cli.options import config_option, data_option, settings_of
from voicebot.core.errors import VoicebotError
from voicebot.settings import Settings
from voicebot.speech.fixed import fixed_clauses

_EVERY: Final = 200
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
    """把流程和知识里的固定语句（或 FILE 里每行一句）合成好，放进缓存；长者模式的慢速也在内。

    已经有的不再合成。热线运行时自己也会在空闲时做这件事，所以这条命令不是必须的。
    """
    try:
        settings = settings_of(data, config)
        wanted = _parts(file, settings)
        click.echo(f"{len(wanted)} 个分句")
        failed = asyncio.run(_render(wanted, rates, settings))
    except VoicebotError as error:
        click.echo(str(error), err=True)
        sys.exit(1)
    if failed:
        sys.exit(1)


def _parts(file: Path | None, settings: Settings) -> Sequence[Part]:
    options = replace(settings.call, voice=replace(settings.call.voice, rate=settings.tts.rate))
    if file is not None:
        texts = [line.strip() for line in file.read_text(encoding="utf-8").splitlines()]
        return [Part(clause, options.voice) for clause in fixed_clauses(texts)]
    from voicebot.bootstrap.brain import load_brain  # a given file needs no content

    return parts(load_brain(settings.content.root, languages_of(settings.tts)), options)


async def _render(wanted: Sequence[Part], rates: Sequence[int], settings: Settings) -> int:
    """Renders all; returns how many could not be."""
    tts = settings.tts
    choir = Choir(load_voices(tts), failures=tts.breaker_failures, rest=tts.breaker_rest)
    synthesizer = CachedSynthesizer(
        InProcessSynthesizer(choir),
        DiskCache(tts.cache, tts.cache_bytes),
        engine=tts.engine,
        voice=tts.voice,
        fallbacks=tts.fallbacks,
        versions=versions_of(tts),
        fixed=lambda spoken: True,  # all of it was written to be said to everybody
    )
    begun, seconds, failed = time.monotonic(), 0.0, 0
    for number, part in enumerate(wanted, 1):
        for rate in rates:
            try:
                made = await synthesizer.prepare(part.spoken, replace(part.settings, sample_rate=rate))
                seconds += made.seconds
            except VoicebotError as error:
                failed += 1
                click.echo(f"没有合成：{part.spoken} {error}", err=True)
        if number % _EVERY == 0 or number == len(wanted):
            click.echo(
                f"{number}/{len(wanted)}，声音 {seconds:.0f} 秒，用时 {time.monotonic() - begun:.0f} 秒"
            )
    return failed
