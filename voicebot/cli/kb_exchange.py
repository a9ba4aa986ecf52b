"""`voicebot kb export|import`: articles as Markdown, YAML, CSV or XLSX, for people who work in those."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Final

import click

from voicebot.cli.kb_places import articles_in, folder_option, live_texts, texts_of
from voicebot.cli.options import config_option, data_option
from voicebot.core.errors import VoicebotError
from voicebot.core.problem import ContentError
from voicebot.knowledge.exchange import Record, by_category, records_in
from voicebot.knowledge.exchange_import import FOLDER, Plan, plan_import
from voicebot.knowledge.exchange_markdown import from_markdown, to_markdown
from voicebot.knowledge.exchange_table import from_csv, from_rows, to_csv, to_rows
from voicebot.knowledge.exchange_yaml import to_yaml
from voicebot.knowledge.loading import SYNONYMS

ENCODINGS: Final = ("utf-8-sig", "gb18030")
"""How files come: from editors, and from spreadsheets on Chinese Windows."""


@click.command("export")
@click.argument("target", type=click.Path(path_type=Path))
@click.option("--id", "ids", multiple=True, help="只要这些编号；可以写几次")
@click.option("--category", "categories", multiple=True, help="只要这些分类；可以写几次")
@click.option("--live", is_flag=True, help="导出线上的内容，不看文件")
@folder_option
@data_option
@config_option
def export(
    target: Path,
    ids: tuple[str, ...],
    categories: tuple[str, ...],
    live: bool,
    directory: Path,
    data: Path | None,
    config: Path | None,
) -> None:
    """把知识条目写成 TARGET：.md、.csv、.xlsx 文件，或者一个目录（每类一个 YAML）."""
    texts = articles_in(live_texts(data, config) if live else texts_of(directory))
    try:
        records = [
            record
            for path, text in sorted(texts.items())
            if not path.endswith(SYNONYMS)
            for record in records_in(path, text)
            if (not ids or record.id in ids) and (not categories or record.text("category") in categories)
        ]
    except ContentError as error:
        raise _refused(error, "没有导出") from error
    if missing := set(ids) - {record.id for record in records}:
        raise click.ClickException(f"没有这些条目：{'、'.join(sorted(missing))}")
    _write(target, records)
    click.echo(f"已导出 {len(records)} 条到 {target}")


def _write(target: Path, records: Sequence[Record]) -> None:
    try:
        match target.suffix.lower():
            case ".md":
                target.write_text(to_markdown(records), encoding="utf-8", newline="")
            case ".csv":
                target.write_text(to_csv(records), encoding="utf-8-sig", newline="")
            case ".xlsx":
                from voicebot.adapters.sheets.xlsx import to_xlsx  # half a second that others need not wait

                target.write_bytes(to_xlsx(to_rows(records), "知识条目"))
            case "":
                target.mkdir(parents=True, exist_ok=True)
                for category, held in by_category(records).items():
                    (target / f"{category}.yaml").write_text(to_yaml(category, held), encoding="utf-8")
            case _:
                raise click.UsageError("TARGET 应是 .md、.csv、.xlsx 文件，或者一个目录（写 YAML）")
    except OSError as error:
        raise click.ClickException(f"写不了 {target}：{error.strerror}") from error
    except VoicebotError as error:
        raise click.ClickException(error.message) from error


@click.command("import")
@click.argument("source", type=click.Path(path_type=Path, exists=True))
@click.option("--update", is_flag=True, help="已有的条目也改成导入的内容（只改不同的字段）")
@click.option("--dry-run", is_flag=True, help="只检查，不写文件")
@folder_option
def import_(source: Path, update: bool, dry_run: bool, directory: Path) -> None:
    """把 SOURCE（.md、.csv、.xlsx、.yaml，或一个 YAML 目录）里的条目写进知识库的文件.

    有一处错误就什么都不写，逐条列出文件、行号、字段。已有的条目默认不动；空着的格子不改原文。
    """
    texts = articles_in(texts_of(directory))
    try:
        plan = plan_import(texts, _read(source), update=update, folder=str(directory / Path(FOLDER).name))
    except ContentError as error:
        raise _refused(error, "什么都没有写入") from error
    for problem in plan.kept:
        click.echo(str(problem))
    if not dry_run:
        _save(plan)
    click.echo(
        f"新增 {len(plan.added)} 条，更新 {len(plan.updated)} 条，相同 {len(plan.same)} 条，"
        f"保留原文 {len(plan.kept)} 条{'（没有写文件）' if dry_run else ''}"
    )


def _read(source: Path) -> list[Record]:
    """Raises ContentError."""
    if source.is_dir():
        return [record for file in sorted(source.glob("*.yaml")) for record in _read(file)]
    path = str(source)
    readers: Mapping[str, Callable[[str, str], list[Record]]] = {
        ".md": from_markdown,
        ".csv": from_csv,
        ".yaml": records_in,
        ".yml": records_in,
    }
    suffix = source.suffix.lower()
    if suffix == ".xlsx":
        from voicebot.adapters.sheets.xlsx import from_xlsx

        return from_rows(path, from_xlsx(path, source.read_bytes()))
    if suffix not in readers:
        raise click.UsageError("SOURCE 应是 .md、.csv、.xlsx、.yaml 文件，或者一个目录（YAML）")
    return readers[suffix](path, _decoded(source))


def _decoded(source: Path) -> str:
    content = source.read_bytes()
    for encoding in ENCODINGS:
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise click.ClickException(f"{source} 的编码不认识：请存成 UTF-8")


def _save(plan: Plan) -> None:
    """Each file is whole at every moment."""
    for path, text in plan.texts.items():
        file = Path(path)
        half = file.with_name(file.name + ".part")
        try:
            file.parent.mkdir(parents=True, exist_ok=True)
            half.write_text(text, encoding="utf-8", newline="")
            half.replace(file)
        except OSError as error:
            raise click.ClickException(f"写不了 {file}：{error.strerror}") from error
        click.echo(f"已写 {file}")


def _refused(error: ContentError, what: str) -> click.ClickException:
    for problem in error.problems:
        click.echo(str(problem), err=True)
    return click.ClickException(f"{len(error.problems)} 处错误，{what}")
