"""`GET /tickets/{number}/print`: the transfer slip (交办单) on A4, to be printed or kept as PDF."""

from datetime import datetime
from html import escape
from typing import Annotated, Final

from fastapi import APIRouter, Depends
from fastapi import Path as InPath
from fastapi.responses import HTMLResponse

from voicebot.core.errors import VoicebotError
from voicebot.core.ids import TicketNo
from voicebot.operations.ticket_views import TicketView
from voicebot.tickets.rules import RULES
from voicebot.tickets.ticket import Ticket
from voicebot.tickets.ticket import TicketAction as A
from voicebot.web.gate import WORKERS
from voicebot.web.ports import Account
from voicebot.web.problems import Refusal
from voicebot.web.tickets.desk import TicketPages
from voicebot.web.tickets.words import CHANNELS, actor

_SENT: Final = (A.DISPATCH, A.DESIGNATE, A.UPHOLD)
_TOLD: Final = frozenset({A.SUPPLEMENT, A.URGE, A.OBJECT, A.SUPERVISE, A.REDO})
"""What a unit must know beside the matter itself."""
_MOST: Final = 12
_CARE: Final = "内部使用，含公民个人诉求，请妥善保管，不得转给被反映方。"


def slip_router(desk: TicketPages) -> APIRouter:
    router = APIRouter(include_in_schema=False)

    @router.get("/tickets/{number}/print")
    async def slip(
        number: Annotated[str, InPath(pattern=r"^\d{14}$")],
        account: Annotated[Account, Depends(WORKERS)],
    ) -> HTMLResponse:
        try:
            view = await desk.work.look(account, TicketNo(number))
        except VoicebotError as error:
            if error.code == "ticket.unknown":
                raise Refusal(404, error.code, error.message) from error
            raise
        return HTMLResponse(page(view, account, desk.clock.now()))

    return router


def page(view: TicketView, account: Account, now: datetime) -> str:
    """The whole page; every word of people is escaped."""
    ticket = view.ticket
    rows = "".join(_row(*cells) for cells in _rows(view, now))
    heads = [("诉求内容", ticket.content), *_histories(view, now), ("办理要求", _demands(ticket, now))]
    blocks = "".join(_block(label, text) for label, text in heads if text)
    printed = (
        f"打印：{account.name}　{_full(now, now)}　内部使用，含公民个人诉求，请妥善保管，不得转给被反映方。"
    )
    return _PAGE.format(
        number=escape(ticket.ticket_no),
        level=escape(_level(ticket)),
        rows=rows,
        blocks=blocks,
        printed=escape(printed),
    )


def _rows(view: TicketView, now: datetime) -> list[tuple[str, str, str, str]]:
    ticket = view.ticket
    who = " ".join(filter(None, (ticket.name_mask, ticket.phone_mask)))
    place = " ".join(filter(None, (ticket.district, ticket.address)))
    return [
        ("事项", ticket.title, "诉求类型", f"{ticket.appeal_type}　{ticket.category}"),
        ("受理时间", _full(ticket.accepted_at, now), "来源", CHANNELS.get(ticket.channel, ticket.channel)),
        ("地点", place or "未提供", "发生时间", ticket.occurred or "未提供"),
        ("反映对象", ticket.object or "未提供", "诉求人", who or ("不公开" if view.secret else "未提供")),
        ("主办单位", ticket.department or "待定", "协办单位", "、".join(ticket.co_departments) or "无"),
        ("签收期限", _full(ticket.sign_due, now), "答复期限", _full(ticket.due_at, now)),
    ]


def _level(ticket: Ticket) -> str:
    watched = f"　{ticket.supervision.level}" if ticket.supervision else ""
    secret = "　保密" if ticket.confidential or ticket.anonymous else ""
    return f"紧急程度：{ticket.urgency}{watched}{secret}"


def _histories(view: TicketView, now: datetime) -> list[tuple[str, str]]:
    sent = next((event for event in reversed(view.events) if event.action in _SENT), None)
    note = f"{_full(sent.at, now)}　{actor(sent.actor)}　{sent.reason}".strip() if sent is not None else ""
    told = [
        f"{_full(event.at, now)}　{RULES[event.action].name}　{event.reason}".rstrip()
        for event in view.events
        if event.action in _TOLD
    ]
    return [("派单意见", note), ("后续情况", "\n".join(told[-_MOST:]))]


def _demands(ticket: Ticket, now: datetime) -> str:
    reply = "直接答复诉求人，并" if ticket.want_reply else ""
    watch = ticket.supervision
    noted = f"\n批示：{watch.note}（{_full(watch.due, now)}前反馈）" if watch is not None else ""
    return f"请在{_full(ticket.due_at, now)}前办理，{reply}在系统中填写办理结果。{noted}"


def _full(at: datetime, now: datetime) -> str:
    local = at.astimezone(now.tzinfo)
    return f"{local.year}年{local.month}月{local.day}日 {local:%H:%M}"


def _row(*cells: str) -> str:
    pairs = zip(cells[::2], cells[1::2], strict=True)
    return f"<tr>{''.join(f'<th>{escape(a)}</th><td>{escape(b)}</td>' for a, b in pairs)}</tr>"


def _block(label: str, text: str) -> str:
    return f'<tr><th>{escape(label)}</th><td colspan="3" class="long">{escape(text)}</td></tr>'


_PAGE: Final = """<!doctype html>
<html lang="zh-CN">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>交办单 {number}</title>
<link rel="stylesheet" href="/static/tickets/slip.css">
<script src="/static/tickets/slip.js" defer></script>
</head>
<body>
<p class="bar"><button type="button" id="print">打印或存为 PDF</button>
<a href="/tickets/{number}">回到工单</a></p>
<article>
<h1>12345 政务服务便民热线工单交办单</h1>
<p class="under"><span>工单编号：<b>{number}</b></span><span>{level}</span></p>
<table>
<colgroup><col class="label"><col><col class="label"><col></colgroup>
{rows}
{blocks}
<tr><th>办理情况</th><td colspan="3" class="room"></td></tr>
<tr><th>经办人</th><td></td><th>联系电话</th><td></td></tr>
<tr><th>单位负责人</th><td></td><th>签章日期</th><td></td></tr>
</table>
<p class="foot">{printed}</p>
</article>
</body>
</html>
"""
