"""Tickets as rows of a spreadsheet, and rows as demands: columns, and what is wrong with a row."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from types import MappingProxyType
from typing import Final

from voicebot.core.demand import Demand
from voicebot.core.ids import DepartmentName
from voicebot.core.meaning import AppealType, Urgency
from voicebot.tickets.guards import LONGEST
from voicebot.tickets.privacy import plain_phone
from voicebot.tickets.ticket import TITLE_LENGTH, Ticket
from voicebot.tickets.visibility import is_secret

Cell = str | datetime

IN: Final = MappingProxyType(
    {
        "外部编号": "number",
        "诉求类型": "appeal_type",
        "标题": "title",
        "内容": "content",
        "紧急程度": "urgency",
        "地址": "address",
        "区域": "district",
        "发生时间": "occurred",
        "反映对象": "object",
        "分类": "category",
        "主办单位": "department",
        "姓名": "caller_name",
        "电话": "phone",
        "保密": "confidential",
        "匿名": "anonymous",
        "需要回复": "want_reply",
        "渠道": "channel",
    }
)
"""Column → field; the first four must be there."""
NEEDED: Final = ("外部编号", "诉求类型", "标题", "内容")
OUT: Final = (
    *("工单编号", "状态", "亮灯", "诉求类型", "紧急程度", "标题", "内容", "主办单位", "协办单位", "渠道"),
    *("区域", "地址", "反映对象", "分类", "姓名", "电话", "受理时间", "签收时限", "答复时限", "轮次", "答复"),
    *("评价", "外部编号"),
)
_YES: Final = MappingProxyType(
    {"是": True, "y": True, "true": True, "1": True, "否": False, "n": False, "false": False, "0": False}
)
_LINES: Final = ("address", "district", "occurred", "object", "category", "department")
_LINE: Final = 200


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with a row; ``column`` "" when it is the row itself."""

    row: int
    column: str
    message: str

    def __str__(self) -> str:
        return f"第 {self.row} 行{f' {self.column}' if self.column else ''}：{self.message}"


@dataclass(frozen=True, slots=True)
class Row:
    """A row that can be filed.

    Args:
        number: in the other system.
    """

    row: int
    number: str
    category: str
    demand: Demand


def read(
    rows: Sequence[tuple[int, Sequence[str]]], channel: str
) -> tuple[tuple[Row, ...], tuple[Fault, ...]]:
    """Good rows and all faults; a row with a fault is not among the good ones.

    Args:
        rows: (number, cells), the first with the names of the columns, in any order; others are ignored.
        channel: of rows that name none.
    """
    full = [(row, cells) for row, cells in rows if any(cell.strip() for cell in cells)]
    if not full:
        return (), (Fault(0, "", "文件里没有内容"),)
    top, header = full[0]
    names = [cell.strip() for cell in header]
    faults = [Fault(top, column, "缺少这一列") for column in NEEDED if column not in names]
    faults += [Fault(top, column, "这一列出现了两次") for column in IN if names.count(column) > 1]
    if faults:
        return (), tuple(faults)
    good: list[Row] = []
    first: dict[str, int] = {}
    for row, cells in full[1:]:
        values = {IN[n]: c.strip() for n, c in zip(names, cells, strict=False) if n in IN}
        made, wrong = _row(row, values, channel)
        number = values.get("number", "")
        if number in first:
            wrong.append(Fault(row, "外部编号", f"和第 {first[number]} 行重复"))
        elif number:
            first[number] = row
        faults += wrong
        if made is not None and not wrong:
            good.append(made)
    return tuple(good), tuple(faults)


def _row(row: int, values: dict[str, str], channel: str) -> tuple[Row | None, list[Fault]]:
    names = {field: column for column, field in IN.items()}
    wrong: list[Fault] = []

    def fault(field: str, message: str) -> None:
        wrong.append(Fault(row, names[field], message))

    for column in NEEDED:
        if not values.get(IN[column]):
            fault(IN[column], "不能为空")
    kind, urgency = values.get("appeal_type", ""), values.get("urgency") or Urgency.NORMAL.value
    if kind and kind not in list(AppealType):
        fault("appeal_type", f"「{kind[:20]}」不是诉求类型，可用：{'、'.join(AppealType)}")
    if urgency not in list(Urgency):
        fault("urgency", f"「{urgency[:20]}」不是紧急程度，可用：{'、'.join(Urgency)}")
    limits = {"title": TITLE_LENGTH, "content": LONGEST, "number": 64, "caller_name": 40, "channel": 16}
    for field, most in (limits | dict.fromkeys(_LINES, _LINE)).items():
        if len(values.get(field, "")) > most:
            fault(field, f"最多 {most} 字")
    phone = values.get("phone", "")
    if phone and (not 5 <= len(plain_phone(phone)) <= 15 or any(c.isalpha() and c.isascii() for c in phone)):
        fault("phone", "不是电话号码")
    flags = {"confidential": False, "anonymous": False, "want_reply": True}
    for field in flags:
        text = values.get(field, "").lower()
        if text and text not in _YES:
            fault(field, "应写是或者否")
        flags[field] = _YES.get(text, flags[field])
    if wrong:
        return None, wrong
    demand = Demand(
        appeal_type=AppealType(kind),
        title=values["title"],
        content=values["content"],
        channel=values.get("channel") or channel,
        urgency=Urgency(urgency),
        department=DepartmentName(values["department"]) if values.get("department") else None,
        address=values.get("address", ""),
        district=values.get("district", ""),
        occurred=values.get("occurred", ""),
        object=values.get("object", ""),
        caller_name=values.get("caller_name", ""),
        phone=phone,
        confidential=flags["confidential"],
        anonymous=flags["anonymous"],
        want_reply=flags["want_reply"],
    )
    return Row(row, values["number"], values.get("category", ""), demand), wrong


def written(ticket: Ticket, light: str, zone: tzinfo | None) -> list[Cell]:
    """A ticket under the columns of `OUT`; people are masked, of secret ones nothing is told."""
    secret = is_secret(ticket)

    def local(moment: datetime) -> datetime:
        return moment.astimezone(zone).replace(tzinfo=None, microsecond=0)

    return [
        ticket.ticket_no,
        ticket.state.label,
        light,
        ticket.appeal_type.value,
        ticket.urgency.value,
        ticket.title,
        ticket.content,
        ticket.department or "",
        "、".join(ticket.co_departments),
        ticket.channel,
        ticket.district,
        ticket.address,
        ticket.object,
        ticket.category,
        "" if secret else ticket.name_mask,
        "" if secret else ticket.phone_mask,
        local(ticket.accepted_at),
        local(ticket.sign_due),
        local(ticket.due_at),
        str(ticket.round),
        ticket.reply,
        "" if ticket.rating is None else str(ticket.rating),
        "、".join(f"{ref.system} {ref.number}" for ref in ticket.refs),
    ]
