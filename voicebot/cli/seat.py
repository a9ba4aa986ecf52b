"""``voicebot seat list|set``."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Final, TypeVar

import click

from voicebot.adapters.db.accounts import SqlAccounts
from voicebot.adapters.wall_clock import WallClock
from voicebot.bootstrap.process import open_database
from voicebot.bootstrap.seats import SeatHall
from voicebot.cli.options import config_option, data_option, settings_of
from voicebot.core.errors import VoicebotError
from voicebot.core.ids import SeatId
from voicebot.operations.ports import Role
from voicebot.operations.seat_steps import NEWCOMER
from voicebot.seats.rules import SeatRules
from voicebot.seats.seat import Seat, SeatState

T = TypeVar("T")
ACTOR: Final = "cli"
TAKE_CALLS: Final = frozenset({Role.SEAT, Role.SUPERVISOR, Role.ADMIN})
WORDS: Final = {
    SeatState.OFFLINE: "签出",
    SeatState.READY: "示闲",
    SeatState.OFFERED: "响铃",
    SeatState.TALKING: "通话中",
    SeatState.HELD: "保持",
    SeatState.WRAP_UP: "话后整理",
    SeatState.BREAK: "小休",
    SeatState.BUSY: "示忙",
}
LEVELS: Final = range(1, 6)


class Skill(click.ParamType[tuple[str, int]]):
    """``综合:3``: a queue, topic or language, and how well (1 just, 5 best; 3 when it is left out)."""

    name = "技能:等级"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[str, int]:
        skill, colon, level = str(value).partition(":")
        if not colon:
            level = "3"
        if not 0 < len(skill) <= 64 or not level.isdecimal() or int(level) not in LEVELS:
            self.fail(f"{value}：应写成 技能:等级，等级1到5，例如 综合:3", param, ctx)
        return skill, int(level)


@click.group()
def command() -> None:
    """坐席：列出、设置技能和班组。"""


@command.command("list")
@click.option("--json", "as_json", is_flag=True, help="一个 JSON 列表")
@data_option
@config_option
def list_command(as_json: bool, data: Path | None, config: Path | None) -> None:
    """列出全部坐席：状态、班组、技能、今天接听数。"""

    async def work(hall: SeatHall, _: SqlAccounts) -> list[Seat]:
        return list(await hall.desk.everyone())

    found = _run(data, config, work)
    if as_json:
        click.echo(json.dumps([_plain(seat) for seat in found], ensure_ascii=False))
        return
    for seat in found:
        skills = " ".join(f"{skill}:{level}" for skill, level in sorted(seat.skills.items()))
        where = seat.phone or "浏览器"
        state = WORDS[seat.state] + (f"（{seat.reason}）" if seat.reason else "")
        click.echo(
            "\t".join((seat.id, state, seat.team or "-", skills or "没有技能", where, str(seat.taken)))
        )
    if not found:
        click.echo("还没有坐席：voicebot account add NAME --role seat，签入一次，或 voicebot seat set NAME")


@command.command("set")
@click.argument("name")
@click.option("--skill", "skills", multiple=True, type=Skill(), help="如 综合:3；可以写几次，代替原来的全部")
@click.option("--team", help="班组或外包单位")
@click.option("--phone", help="在这个 SIP 话机上接听，如 sip:1023@10.0.0.5；写空的就在浏览器里接听")
@data_option
@config_option
def set_command(
    name: str,
    skills: tuple[tuple[str, int], ...],
    team: str | None,
    phone: str | None,
    data: Path | None,
    config: Path | None,
) -> None:
    """设置坐席 NAME（它的账号名）的技能、班组、话机；没写的不变。正在进行的通话不受影响。"""
    if phone and not phone.startswith(("sip:", "sips:")):
        raise click.ClickException(f"{phone} 不是 SIP 地址，应以 sip: 开头")
    seat = SeatId(name)

    async def work(hall: SeatHall, accounts: SqlAccounts) -> Seat:
        await _may_take_calls(name, accounts)
        known = {each.id: each for each in await hall.desk.everyone()}.get(seat)
        wanted = dict(skills) or (dict(known.skills) if known else {})
        if wanted or team is not None or known is None:
            await hall.desk.reskill(seat, wanted or NEWCOMER, team, by=ACTOR, fresh=True)
        if phone is not None:
            await hall.desk.set_phone(seat, phone, by=ACTOR)
        return await hall.desk.seat(seat)

    done = _run(data, config, work)
    shown = " ".join(f"{skill}:{level}" for skill, level in sorted(done.skills.items()))
    click.echo(f"坐席 {done.id}：{shown}，班组 {done.team or '-'}，{done.phone or '在浏览器里接听'}")


async def _may_take_calls(name: str, accounts: SqlAccounts) -> None:
    found = [each for each in await accounts.accounts() if each.name == name]
    if not found:
        raise VoicebotError("account.unknown", f"没有账号 {name}：先 voicebot account add {name} --role seat")
    if found[0].role not in TAKE_CALLS:
        raise VoicebotError("account.role", f"账号 {name} 是 {found[0].role}，不接电话")


def _plain(seat: Seat) -> dict[str, object]:
    return {
        "name": seat.id,
        "state": seat.state,
        "since": seat.since.isoformat() if seat.since else None,
        "team": seat.team,
        "skills": dict(seat.skills),
        "phone": seat.phone,
        "call_id": seat.call_id,
        "taken": seat.taken,
    }


def _run(data: Path | None, config: Path | None, work: Callable[[SeatHall, SqlAccounts], Awaitable[T]]) -> T:
    async def run() -> T:
        clock = WallClock()
        async with open_database(settings_of(data, config)) as database:
            return await work(SeatHall(database, clock, SeatRules), SqlAccounts(database, clock))

    try:
        return asyncio.run(run())
    except VoicebotError as error:
        raise click.ClickException(str(error)) from error
