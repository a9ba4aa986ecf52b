"""`GET /tickets/{number}/notice`: the text for the party complained about on A4, for paper or PDF.

Nothing but the generated text is on the sheet: no number of the ticket, no account, nothing of the caller.
"""

from datetime import datetime
from html import escape
from typing import Annotated, Final

from fastapi import APIRouter, Depends
from fastapi import Path as InPath
from fastapi.responses import HTMLResponse

from voicebot.core.errors import VoicebotError
from voicebot.core.ids import TicketNo
from voicebot.web.gate import WORKERS
from voicebot.web.ports import Account
from voicebot.web.problems import Refusal
from voicebot.web.tickets.desk import TicketPages


def address(number: TicketNo) -> str:
    """Of the sheet."""
    return f"/tickets/{number}/notice"


def notice_router(desk: TicketPages) -> APIRouter:
    router = APIRouter(include_in_schema=False)

    @router.get(address(TicketNo("{number}")))
    async def notice(
        number: Annotated[str, InPath(pattern=r"^\d{14}$")],
        account: Annotated[Account, Depends(WORKERS)],
    ) -> HTMLResponse:
        try:
            words = await desk.work.for_party(account, TicketNo(number))
        except VoicebotError as error:
            if error.code == "ticket.unknown":
                raise Refusal(404, error.code, error.message) from error
            raise
        return HTMLResponse(page(words, desk.clock.now()))

    return router


def page(words: str, now: datetime) -> str:
    """The whole sheet; its first line is the heading."""
    head, *lines = words.splitlines()
    body = "".join(f"<p>{escape(line)}</p>" for line in lines)
    return _PAGE.format(head=escape(head), body=body, day=f"{now.year}年{now.month}月{now.day}日")


_PAGE: Final = """<!doctype html>
<html lang="zh-CN">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>{head}</title>
<link rel="stylesheet" href="/static/tickets/slip.css">
<script src="/static/tickets/slip.js" defer></script>
</head>
<body>
<p class="bar"><button type="button" id="print">打印或存为 PDF</button></p>
<article class="notice">
<h1>{head}</h1>
{body}
<p class="signed">（签章）<br>{day}</p>
</article>
</body>
</html>
"""
