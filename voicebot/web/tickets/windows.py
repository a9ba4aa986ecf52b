"""Windows over one ticket: who looked at it, and what the party complained about may be given."""

from typing import Final

from voicebot.core.errors import VoicebotError
from voicebot.core.ids import TicketNo
from voicebot.operations.ticket_access import Looked
from voicebot.web.shell.widgets import Dialog, box, link, tell, text
from voicebot.web.tickets.notice import address
from voicebot.web.tickets.who import Visit
from voicebot.web.tickets.words import actor, moment

_LOOKED: Final = {
    Looked.VIEW: "打开工单",
    Looked.NUMBER: "显示号码",
    Looked.EXPORT: "导出",
    Looked.TRANSCRIPT: "看通话文字",
    Looked.RECORDING: "听录音",
}


async def show_looks(visit: Visit, ticket_no: TicketNo) -> None:
    """Newest first."""
    looks = await visit.desk.work.looks(visit.account, ticket_no)
    now = visit.desk.clock.now()
    dialog = Dialog("谁看过", "wide")
    with dialog.body, box("looks", "ul"):
        for look in looks:
            why = f"：{look.why}" if look.why else ""
            text(f"{moment(look.at, now)}　{actor(look.who)}　{_LOOKED[look.what]}{why}", tag="li")
    dialog.open()


async def show_for_party(visit: Visit, ticket_no: TicketNo) -> None:
    """The notice for the party complained about; nothing of the caller is in it."""
    try:
        words = await visit.desk.work.for_party(visit.account, ticket_no)
    except VoicebotError as error:
        tell(error.message, "warning")
        return
    dialog = Dialog("给被反映方的文字", "wide")
    with dialog.body:
        text("只有这里的文字可以给被反映方，里面没有诉求人的任何信息。", "note", "p")
        text(words, "content", "p")
        link("打印这份文字", address(ticket_no), "as-button").props["target"] = "_blank"
    dialog.open()
