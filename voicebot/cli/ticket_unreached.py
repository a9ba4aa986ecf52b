"""`voicebot ticket unreached`."""

import json
from collections.abc import Sequence
from pathlib import Path

import click

from voicebot.bootstrap.work import Office
from voicebot.cli.options import config_option, data_option
from voicebot.cli.ticket_account import account_option, at_work
from voicebot.operations.ports import Account
from voicebot.operations.unreached import Looked, NotReached


@click.command("unreached")
@click.option("--done", multiple=True, metavar="KEY", help="有人联系过了，从名单里去掉；可以写几次")
@click.option("--again", multiple=True, metavar="KEY", help="再打一次；可以写几次")
@click.option("--json", "as_json", is_flag=True, help="输出 JSON")
@account_option
@data_option
@config_option
def command(
    done: tuple[str, ...],
    again: tuple[str, ...],
    as_json: bool,
    name: str,
    data: Path | None,
    config: Path | None,
) -> None:
    """电话没有打通、等人联系的人，等得久的在前；号码已脱敏。"""

    async def run(office: Office, who: Account) -> tuple[Looked, Sequence[NotReached]]:
        looked = [Looked(0)]
        if done:
            looked.append(await office.unreached.handled(who, done))
        if again:
            looked.append(await office.unreached.ring_again(who, again))
        refused = tuple(each for one in looked for each in one.refused)
        return Looked(sum(each.done for each in looked), refused), await office.unreached.people(who)

    looked, people = at_work(run, name, data, config)
    if as_json:
        refused = [{"key": key, "reason": why} for key, why in looked.refused]
        body = {"items": list(map(_item, people)), "done": looked.done, "refused": refused}
        click.echo(json.dumps(body, ensure_ascii=False, default=str))
    else:
        for key, why in looked.refused:
            click.echo(f"{key} 没有动：{why}", err=True)
        click.echo("\n".join(map(_line, people)) or "没有")
    if looked.refused:
        raise click.exceptions.Exit(1)


def _item(one: NotReached) -> dict[str, object]:
    return {
        "key": one.key,
        "kind": one.kind,
        "reason": one.over,
        "since": one.at,
        "ticket_no": one.ticket_no,
        "call_id": one.call_id,
        "title": one.title,
        "phone": one.mask,
        "tries": [{"at": each.at, "outcome": each.outcome} for each in one.tries],
    }


def _line(one: NotReached) -> str:
    tried = "、".join(each.outcome.label for each in one.tries)
    told = f"{len(one.tries)} 次：{tried}" if tried else "没有打过"
    return "\t".join((one.key, one.over.label, one.mask, one.title, told))
