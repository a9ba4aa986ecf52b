"""`voicebot understand --jsonl`: the understanding of utterances, line by line, for programs."""

import json
import sys
from collections.abc import Callable
from datetime import datetime
from io import TextIOWrapper
from pathlib import Path
from typing import TextIO

import click

from voicebot.adapters.wall_clock import WallClock
from voicebot.bootstrap.brain import load_brain
from voicebot.calls.brain import Brain
from voicebot.core.errors import VoicebotError
from voicebot.core.meaning import Meaning, Slot
from voicebot.core.utterance import Expect, Utterance

VALUES = frozenset({"score", "request"})
"""Slots printed by their value; all others by the caller's words."""


@click.command()
@click.option("--jsonl", is_flag=True, help='标准输入每行一个 {"id","text"}，标准输出按顺序每行一个结果')
@click.option("--now", help="作为通话时间，ISO 8601，例如 2026-11-24T09:30:00；默认现在")
@click.option("--content", default=".", type=click.Path(path_type=Path), help="流程与知识所在目录")
def command(jsonl: bool, now: str | None, content: Path) -> None:
    """逐行理解来话：意图、知识、诉求类型、部门、紧急程度、要素。"""
    try:
        brain = load_brain(content)
    except VoicebotError as error:
        raise click.ClickException(str(error)) from error
    at = _time(now, brain)
    for stream in (sys.stdin, sys.stdout):  # whatever the locale: a stray byte must not end the run
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")
    if jsonl:
        run(sys.stdin, sys.stdout, lambda text: understand(brain, text, at))
        return
    for line in sys.stdin:
        if text := line.strip():
            click.echo(json.dumps(understand(brain, text, at), ensure_ascii=False))


def _time(now: str | None, brain: Brain) -> datetime:
    if now is None:
        return WallClock(brain.catalogue.city.timezone).now()
    try:
        return datetime.fromisoformat(now)
    except ValueError as error:
        raise click.BadParameter(f"{now!r} 不是 ISO 8601 时间", param_hint="--now") from error


def run(source: TextIO, sink: TextIO, understand_text: Callable[[str], dict[str, object]]) -> None:
    """One result a line, in order, flushed at once; a bad line yields an error and the run goes on."""
    for line in source:
        if not line.strip():
            continue
        result: dict[str, object]
        match _parse(line):
            case (identity, str() as text):
                result = {"id": identity, **understand_text(text)}
            case (identity, None):
                result = {"id": identity, "error": "缺少文字字段 text"}
            case _:
                result = {"id": None, "error": "这一行不是 JSON 对象"}
        sink.write(json.dumps(result, ensure_ascii=False) + "\n")
        sink.flush()


def _parse(line: str) -> tuple[object, str | None] | None:
    """(id, text) of a line; text None when it is missing or no text; None for a line that is no object."""
    try:
        request = json.loads(line)
    except (ValueError, RecursionError):
        return None
    if not isinstance(request, dict):
        return None
    text = request.get("text")
    return request.get("id"), text if isinstance(text, str) else None


def understand(brain: Brain, text: str, at: datetime) -> dict[str, object]:
    """The printed form of what `text` means (house.md, Commands)."""
    meaning, _ = brain.comprehend(Utterance(text), Expect(), at)
    return {
        "intent": meaning.intent.value,
        "article": meaning.article,
        "article_title": brain.catalogue.articles.get(meaning.article) if meaning.article else None,
        "appeal_type": meaning.appeal_type.value if meaning.appeal_type else None,
        "department": meaning.department,
        "urgency": meaning.urgency.value,
        "slots": _slots(meaning),
        "secondary_intent": meaning.secondary_intent.value if meaning.secondary_intent else None,
        "confidence": meaning.confidence,
    }


def _slots(meaning: Meaning) -> dict[str, object]:
    return {name: _printed(name, slot) for name, slot in meaning.slots.items()}


def _printed(name: str, slot: Slot) -> object:
    if name in VALUES:
        return int(slot.value) if slot.value.isdigit() else slot.value
    return slot.span or slot.value
