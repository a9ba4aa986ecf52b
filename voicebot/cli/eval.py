"""`voicebot eval`: how well callers are understood and answered, on labelled sets."""

import json
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

import click

import voicebot
from voicebot.bootstrap.brain import load_brain
from voicebot.cli.evaluation.errors import KINDS
from voicebot.cli.evaluation.labels import SEAL, check_seal, read_set
from voicebot.cli.evaluation.repeats import SPLIT as REPEATS
from voicebot.cli.evaluation.repeats import evaluate_repeats, repeat_lines
from voicebot.cli.evaluation.report import lines
from voicebot.cli.evaluation.run import Hear, Plan, evaluate
from voicebot.cli.options import data_option, settings_of
from voicebot.core.errors import VoicebotError
from voicebot.core.utterance import Expect

SETS: Final = Path(voicebot.__file__).parents[1] / "tests" / "eval"
NOW: Final = "2026-11-24T10:00"
"""A Tuesday morning: a run today and one in a year compare."""
SEALED: Final = "test"
SPLITS: Final = ("dev", "blind", "slots", REPEATS, SEALED)


@click.command()
@data_option
@click.option("--split", type=click.Choice(SPLITS), default="dev", show_default=True, help="哪一部分")
@click.option(
    "--sets",
    default=SETS,
    type=click.Path(path_type=Path, file_okay=False),
    help="标注集目录；默认源码中的 tests/eval",
)
@click.option("--content", default=".", type=click.Path(path_type=Path), help="流程与知识所在目录")
@click.option("--now", default=NOW, show_default=True, help="作为通话时间，ISO 8601")
@click.option("--noise", default="5,10,20", show_default=True, help="同音字错的百分比，逐个测；0 不测")
@click.option(
    "--spoken", is_flag=True, help="再念成电话里的声音、识别后测（慢，每句约 3 秒，结果留着下次用）"
)
@click.option("--sample", type=click.IntRange(1), help="只念其中多少句；默认全部")
@click.option(
    "--errors", default=5, show_default=True, type=click.IntRange(0), help="每类错误举几例；test 不举例"
)
@click.option("--kinds", help=f"只列这几类错误，逗号分隔：{','.join(KINDS)}")
@click.option("--json", "as_json", is_flag=True, help="输出一个 JSON 对象")
def command(
    data: Path | None,
    split: str,
    sets: Path,
    content: Path,
    now: str,
    noise: str,
    spoken: bool,
    sample: int | None,
    errors: int,
    kinds: str | None,
    as_json: bool,
) -> None:
    """理解得对不对、答得对不对：在标注集上测，附样本数和 95% 区间。"""
    if sample is not None and not spoken:
        raise click.UsageError("--sample 只与 --spoken 同用")
    noises, chosen = _noises(noise), _kinds(kinds)
    folder = sets / split
    if split == REPEATS:
        _repeats(folder, errors, as_json)
        return
    try:
        if split == SEALED and folder.is_dir():
            check_seal(folder)
        items = read_set(folder)
        brain = load_brain(content)
        zone = ZoneInfo(brain.catalogue.city.timezone)
        hear = _phone(data) if spoken else None
        hidden = split == SEALED or (folder / SEAL).is_file()
        plan = Plan(noises, hear, sample, chosen, 0 if hidden else errors)
        result = {"split": split, **evaluate(brain, items, _time(now, zone), plan)}
    except VoicebotError as error:
        raise click.ClickException(str(error)) from error
    if as_json:
        click.echo(json.dumps(result, ensure_ascii=False))
        return
    for line in lines(result):
        click.echo(line)


def _repeats(folder: Path, errors: int, as_json: bool) -> None:
    """Pairs of demands, which need no understanding."""
    try:
        result = evaluate_repeats(folder, errors)
    except VoicebotError as error:
        raise click.ClickException(str(error)) from error
    if as_json:
        click.echo(json.dumps(result, ensure_ascii=False))
        return
    for line in repeat_lines(result):
        click.echo(line)


def _noises(text: str) -> list[float]:
    try:
        rates = [float(each) / 100 for each in text.split(",") if each.strip()]
    except ValueError:
        raise click.BadParameter("写成 5,10,20 这样", param_hint="--noise") from None
    if any(not 0 <= rate <= 1 for rate in rates):
        raise click.BadParameter("应在 0 与 100 之间", param_hint="--noise")
    return [rate for rate in rates if rate]


def _kinds(text: str | None) -> list[str]:
    chosen = list(KINDS) if text is None else [each.strip() for each in text.split(",") if each.strip()]
    if unknown := [each for each in chosen if each not in KINDS]:
        raise click.BadParameter(f"没有 {'、'.join(unknown)}，有 {'、'.join(KINDS)}", param_hint="--kinds")
    return chosen


def _time(now: str, zone: ZoneInfo) -> datetime:
    try:
        at = datetime.fromisoformat(now)
    except ValueError:
        raise click.BadParameter(f"{now!r} 不是 ISO 8601 时间", param_hint="--now") from None
    return at if at.tzinfo else at.replace(tzinfo=zone)


def _phone(data: Path | None) -> Hear:
    # only a spoken run needs the engines
    from voicebot.cli.evaluation.phone import shipped_phone

    settings = settings_of(data, None)

    def hear(texts: Sequence[str], expect: Expect) -> Sequence[str]:
        phone = shipped_phone(settings.stt, settings.data / "cache" / "eval", expect)
        return phone.hear(
            texts, lambda done: click.echo(f"\r念和听 {done}/{len(texts)} ", nl=False, err=True)
        )

    return hear
