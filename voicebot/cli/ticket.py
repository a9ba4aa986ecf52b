"""`voicebot ticket list|show|export|import|unreached`."""

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict
from datetime import date, datetime
from pathlib import Path
from typing import Any

import click

from voicebot.adapters.logs import LogOptions, setup_logging
from voicebot.bootstrap.work import Office
from voicebot.cli import ticket_unreached
from voicebot.cli.options import config_option, data_option
from voicebot.cli.ticket_account import account_option, at_work
from voicebot.core.errors import VoicebotError
from voicebot.core.ids import DepartmentName, TicketNo
from voicebot.operations.ports import Account
from voicebot.operations.ticket_exchange import Became, Outcome
from voicebot.operations.ticket_views import TicketView
from voicebot.tickets.listing import WORK_LISTS, Filter, WorkList, both
from voicebot.tickets.rules import RULES
from voicebot.tickets.sheet import Cell, read
from voicebot.tickets.state import State
from voicebot.tickets.ticket import Ticket

_DAY = click.DateTime(["%Y-%m-%d"])


def filter_options(command: Callable[..., None]) -> Callable[..., None]:
    """What is wanted; everything that is given must hold."""
    for option in reversed(
        (
            click.option(
                "--list", "work_list", type=click.Choice([each.value for each in WorkList]), help="工作清单"
            ),
            click.option(
                "--state",
                "states",
                multiple=True,
                type=click.Choice([s.value for s in State]),
                help="状态；可以写几次",
            ),
            click.option("--department", "units", multiple=True, help="主办或协办单位；可以写几次"),
            click.option("--text", default="", help="文字里有这些词"),
            click.option("--channel", default="", help="来件渠道"),
            click.option("--since", type=_DAY, help="从这一天起（含）"),
            click.option("--until", type=_DAY, help="到这一天止（含）"),
        )
    ):
        command = option(command)
    return command


def _filter(
    work_list: str | None,
    states: tuple[str, ...],
    units: tuple[str, ...],
    text: str,
    channel: str,
    since: datetime | None,
    until: datetime | None,
) -> Filter | None:
    own = Filter(
        text=text,
        states=frozenset(map(State, states)),
        departments=frozenset(map(DepartmentName, units)),
        channel=channel,
        since=_day(since),
        until=_day(until),
    )
    return own if work_list is None else both(own, WORK_LISTS[WorkList(work_list)])


def _day(moment: datetime | None) -> date | None:
    return None if moment is None else moment.date()


@click.group()
def command() -> None:
    """工单：列出、查看、导入、导出。"""
    setup_logging(LogOptions(level="WARNING"), "ticket")


command.add_command(ticket_unreached.command)


@command.command("list")
@filter_options
@click.option("--limit", default=50, show_default=True, type=click.IntRange(1, 200), help="最多多少件")
@click.option("--json", "as_json", is_flag=True, help="输出 JSON")
@account_option
@data_option
@config_option
def list_command(
    limit: int, as_json: bool, name: str, data: Path | None, config: Path | None, **wanted: Any
) -> None:
    """列出工单，新的在前；诉求人已脱敏。"""

    async def run(office: Office, who: Account) -> Sequence[Ticket]:
        asked = _filter(**wanted)
        return () if asked is None else (await office.work.page(who, asked, limit=limit)).tickets

    found = at_work(run, name, data, config)
    if as_json:
        items = [
            {"ticket_no": t.ticket_no, "state": t.state, "title": t.title, "department": t.department}
            for t in found
        ]
        click.echo(json.dumps({"items": items}, ensure_ascii=False))
        return
    click.echo(
        "\n".join(f"{t.ticket_no}\t{t.state.label}\t{t.department or ''}\t{t.title}" for t in found) or "没有"
    )


@command.command("show")
@click.argument("ticket_no")
@click.option("--json", "as_json", is_flag=True, help="输出 JSON")
@account_option
@data_option
@config_option
def show_command(ticket_no: str, as_json: bool, name: str, data: Path | None, config: Path | None) -> None:
    """一张工单和它的经过；诉求人已脱敏，这次查看记录在案。"""

    async def run(office: Office, who: Account) -> TicketView:
        return await office.work.look(who, TicketNo(ticket_no))

    view = at_work(run, name, data, config)
    if as_json:
        body = {**asdict(view.ticket), "events": [asdict(event) for event in view.events]}
        click.echo(json.dumps(body, ensure_ascii=False, default=str))
        return
    ticket, zone = view.ticket, view.at.tzinfo
    click.echo(f"{ticket.ticket_no}  {ticket.state.label}  {ticket.appeal_type}  {ticket.title}")
    for label, text in (
        ("单位", ticket.department),
        ("地址", ticket.address),
        ("对象", ticket.object),
        ("诉求人", f"{ticket.name_mask} {ticket.phone_mask}".strip()),
        ("内容", ticket.content),
        ("答复", ticket.reply),
    ):
        if text:
            click.echo(f"{label}：{text}")
    for clock in view.clocks:
        click.echo(f"{clock.kind}时限：{clock.due.astimezone(zone):%Y-%m-%d %H:%M}（{clock.light(view.at)}）")
    for event in view.events:
        said = f"：{event.reason}" if event.reason else ""
        click.echo(
            f"{event.at.astimezone(zone):%Y-%m-%d %H:%M} {event.actor} {RULES[event.action].name}{said}"
        )


@command.command("export")
@click.argument("target", type=click.Path(path_type=Path, dir_okay=False))
@filter_options
@account_option
@data_option
@config_option
def export_command(target: Path, name: str, data: Path | None, config: Path | None, **wanted: Any) -> None:
    """把工单写成 TARGET（.csv 或 .xlsx）；诉求人已脱敏，这次导出记录在案。"""
    if target.suffix.lower() not in (".csv", ".xlsx"):
        raise click.UsageError("TARGET 应是 .csv 或者 .xlsx 文件")

    async def run(office: Office, who: Account) -> list[list[Cell]]:
        asked = _filter(**wanted)
        if asked is None:
            raise VoicebotError("ticket.nothing", "这些条件合在一起不会有工单")
        said = "，".join(f"{key}={value}" for key, value in wanted.items() if value)
        return await office.exchange.export(who, asked, f"导出到 {target.name}（{said or '全部'}）")

    rows = at_work(run, name, data, config)
    half = target.with_name(target.name + ".part")
    try:
        half.touch(mode=0o600)
        half.write_bytes(_file(target, rows))
        half.replace(target)
    except OSError as error:
        raise click.ClickException(f"写不了 {target}：{error.strerror}") from error
    click.echo(f"已导出 {len(rows) - 1} 件到 {target}")


def _file(target: Path, rows: Sequence[Sequence[Cell]]) -> bytes:
    if target.suffix.lower() == ".csv":
        from voicebot.adapters.sheets.csv_text import to_csv

        return to_csv(rows)
    from voicebot.adapters.sheets.xlsx import to_xlsx  # half a second that others need not wait

    return to_xlsx(rows, "工单")


@command.command("import")
@click.argument("source", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option(
    "--system", default="导入", show_default=True, help="外部编号是哪个系统的；同一个编号只导入一次"
)
@click.option("--channel", default="import", show_default=True, help="没有写渠道的行算哪个渠道")
@click.option("--good", is_flag=True, help="有错的行跳过，其余照样导入；默认有一处错误就什么都不写")
@click.option("--dry-run", is_flag=True, help="只检查，不写")
@click.option(
    "--report", type=click.Path(path_type=Path, dir_okay=False), help="把有错的行连同原因写成 CSV，改好再导入"
)
@click.option("--json", "as_json", is_flag=True, help="输出 JSON")
@account_option
@data_option
@config_option
def import_command(
    source: Path,
    system: str,
    channel: str,
    good: bool,
    dry_run: bool,
    report: Path | None,
    as_json: bool,
    name: str,
    data: Path | None,
    config: Path | None,
) -> None:
    """把 SOURCE（.csv 或 .xlsx，第一行是列名）里的诉求登记成工单，逐行报告错误。

    必须有的列：外部编号、诉求类型、标题、内容。再导入一次不会重复。
    """
    cells = _cells(source)
    rows, faults = read(cells, channel)

    async def run(office: Office, who: Account) -> tuple[Outcome, ...]:
        done = await office.exchange.import_(who, system, rows, faults, good_ones=good, dry_run=dry_run)
        await office.dispatching.drain()
        return done

    done = at_work(run, name, data, config)
    wrong = [each for each in done if each.became is Became.WRONG]
    if report is not None and wrong:
        _report(report, cells, wrong)
    counts = {each.value: sum(one.became is each for one in done) for each in Became}
    if as_json:
        items = [asdict(each) for each in done]
        click.echo(json.dumps({**counts, "items": items}, ensure_ascii=False))
    else:
        for each in wrong:
            click.echo(each.message, err=True)
        click.echo(
            f"新登记 {counts['new']} 件，已有 {counts['same']} 件，有错 {counts['wrong']} 行，"
            f"没有写入 {counts['left']} 行"
        )
    if wrong:
        raise click.exceptions.Exit(1)


def _cells(source: Path) -> list[tuple[int, list[str]]]:
    try:
        content = source.read_bytes()
        if source.suffix.lower() == ".csv":
            from voicebot.adapters.sheets.csv_text import from_csv

            return from_csv(str(source), content)
        if source.suffix.lower() == ".xlsx":
            from voicebot.adapters.sheets.xlsx import from_xlsx

            return from_xlsx(str(source), content)
    except OSError as error:
        raise click.ClickException(f"读不了 {source}：{error.strerror}") from error
    except VoicebotError as error:
        raise click.ClickException(error.message) from error
    raise click.UsageError("SOURCE 应是 .csv 或者 .xlsx 文件")


def _report(target: Path, cells: Sequence[tuple[int, list[str]]], wrong: Sequence[Outcome]) -> None:
    """The faulty rows as they were, with what is wrong in a last column."""
    from voicebot.adapters.sheets.csv_text import to_csv

    why = {each.row: each.message for each in wrong}
    header = next((row for _, row in cells if any(row)), [])
    rows = [[*header, "错误"], *([*row, why[at]] for at, row in cells if at in why)]
    try:
        target.touch(mode=0o600)
        target.write_bytes(to_csv(rows))
    except OSError as error:
        raise click.ClickException(f"写不了 {target}：{error.strerror}") from error
