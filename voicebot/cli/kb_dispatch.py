"""`voicebot kb dispatch`: where a sentence would be sent and why; how often that is right on a set."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

import click

from voicebot.adapters.wall_clock import WallClock
from voicebot.bootstrap.brain import load_brain
from voicebot.calls.brain import Brain
from voicebot.cli.evaluation.labels import read_set
from voicebot.core.errors import VoicebotError
from voicebot.core.meaning import Intent
from voicebot.core.utterance import Expect, Utterance
from voicebot.tickets.directory import Directory
from voicebot.tickets.dispatch import Automatic, ForPerson, Suggestion, decide, suggest
from voicebot.tickets.routing import Facts, category_of

STEPS: Final = (0.5, 0.55, 0.6, 0.65, 0.7, 0.75, 0.8, 0.85, 0.9)


@dataclass(frozen=True, slots=True)
class Judged:
    """A labelled demand and what is suggested for it."""

    id: str
    text: str
    right: tuple[str, ...]
    suggestions: tuple[Suggestion, ...]


@click.command(name="dispatch")
@click.argument("texts", nargs=-1)
@click.option(
    "--set", "labelled", type=click.Path(path_type=Path, file_okay=False), help="标注集目录，逐档统计"
)
@click.option("--errors", default=0, type=click.IntRange(0), help="列出几例自动派错的")
@click.option("--json", "as_json", is_flag=True, help="输出一个 JSON 对象")
@click.option("--content", default=".", type=click.Path(path_type=Path), help="流程与知识所在目录")
def dispatch(
    texts: tuple[str, ...], labelled: Path | None, errors: int, as_json: bool, content: Path
) -> None:
    """试派单：一句诉求建议给哪个单位、分类、是否自动派；或在标注集上统计自动派单的比例和准确率."""
    if not texts and labelled is None:
        raise click.UsageError("写一句诉求，或者用 --set 指明标注集目录")
    try:
        brain = load_brain(content)
        items = _judged(brain, labelled) if labelled else ()
    except VoicebotError as error:
        raise click.ClickException(str(error)) from error
    now = WallClock(brain.catalogue.city.timezone).now()
    if texts and as_json:
        click.echo(json.dumps([_told(brain, text, now) for text in texts], ensure_ascii=False))
    for text in () if as_json else texts:
        _show(_told(brain, text, now))
    if labelled:
        report = measure(items, brain.directory)
        click.echo(json.dumps(report, ensure_ascii=False) if as_json else _table(report))
        for item in _wrong(items, brain.directory)[:errors]:
            click.echo(f"{item.id} {item.text}\n  应为 {'、'.join(item.right)}，派给 {item.suggestions[0]}")


def found_for(brain: Brain, text: str, now: datetime) -> tuple[Facts, tuple[Suggestion, ...]]:
    """What a call makes of one sentence."""
    meaning, _ = brain.comprehend(Utterance(text), Expect(), now)
    spans = {name: slot.span or slot.value for name, slot in meaning.slots.items()}
    facts = Facts(
        text,
        object=spans.get("object", ""),
        address=spans.get("address", ""),
        district=meaning.slots["district"].value if "district" in meaning.slots else "",
        occurred=spans.get("time", ""),
    )
    return facts, suggest(facts, meaning.departments, brain.directory)


def measure(items: Sequence[Judged], directory: Directory) -> dict[str, object]:
    """Shares of right first and first three suggestions; for each threshold what goes out and is right."""
    count = max(1, len(items))
    steps = sorted({*STEPS, *([directory.automatic] if directory.automatic else [])})
    rows = []
    for step in steps:
        sent = [
            i
            for i in items
            if i.suggestions and i.suggestions[0].score >= step and not i.suggestions[0].person
        ]
        right = sum(item.suggestions[0].department in item.right for item in sent)
        rows.append(
            {
                "automatic": step,
                "sent": len(sent),
                "right": right,
                "share": round(len(sent) / count, 3),
                "precision": round(right / len(sent), 3) if sent else None,
            }
        )
    first = sum(bool(i.suggestions) and i.suggestions[0].department in i.right for i in items)
    three = sum(any(s.department in i.right for s in i.suggestions) for i in items)
    return {
        "tickets": len(items),
        "first": round(first / count, 3),
        "first_three": round(three / count, 3),
        "threshold": directory.automatic,
        "steps": rows,
    }


def _judged(brain: Brain, folder: Path) -> tuple[Judged, ...]:
    now = WallClock(brain.catalogue.city.timezone).now()
    return tuple(
        Judged(item.id, item.text, item.departments, found_for(brain, item.text, now)[1])
        for item in read_set(folder)
        if item.intent == Intent.TICKET and item.departments
    )


def _wrong(items: Sequence[Judged], directory: Directory) -> list[Judged]:
    return [
        item
        for item in items
        if isinstance(decide(item.suggestions, directory), Automatic)
        and item.suggestions[0].department not in item.right
    ]


def _told(brain: Brain, text: str, now: datetime) -> dict[str, object]:
    facts, found = found_for(brain, text, now)
    category = category_of(facts, brain.directory, [each.department for each in found])
    decision = decide(found, brain.directory)
    return {
        "text": text,
        "automatic": isinstance(decision, Automatic),
        "reason": decision.reason if isinstance(decision, ForPerson) else "",
        "category": category.path if category else "",
        "suggestions": [
            {
                "department": each.department,
                "helpers": list(each.helpers),
                "score": each.score,
                "reasons": list(each.reasons),
            }
            for each in found
        ],
    }


def _show(told: dict[str, object]) -> None:
    verdict = "自动派单" if told["automatic"] else f"由派单员定：{told['reason']}"
    click.echo(f"{told['text']}\n  {verdict}；分类 {told['category'] or '不明'}")
    suggestions = told["suggestions"]
    assert isinstance(suggestions, list)
    for place, each in enumerate(suggestions, start=1):
        helped = f"，协办{'、'.join(each['helpers'])}" if each["helpers"] else ""
        reasons = "；".join(each["reasons"])
        click.echo(f"  {place}. {each['department']} {each['score']:.0%}{helped}（{reasons}）")


def _table(report: dict[str, object]) -> str:
    rows = report["steps"]
    assert isinstance(rows, list)
    lines = [
        f"{report['tickets']} 件：第一建议对 {report['first']:.1%}，前三有对的 {report['first_three']:.1%}",
        "门槛  自动派  占比    准确率",
    ]
    for row in rows:
        precision = "-" if row["precision"] is None else f"{row['precision']:.1%}"
        mark = "  ← 现用" if row["automatic"] == report["threshold"] else ""
        lines.append(f"{row['automatic']:.2f}  {row['sent']:>5}  {row['share']:>6.1%}  {precision:>6}{mark}")
    return "\n".join(lines)
