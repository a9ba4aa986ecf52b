"""Windows over the console and the board."""

from voicebot.core.errors import VoicebotError
from voicebot.core.ids import TicketNo
from voicebot.tickets.rules import RULES
from voicebot.web.seat.who import SeatVisit
from voicebot.web.shell.widgets import Dialog, box, tell, text
from voicebot.web.tickets.words import moment


async def show_ticket(visit: SeatVisit, number: TicketNo) -> None:
    """One earlier ticket; the look is noted."""
    try:
        view = await visit.pages.work.look(visit.account, number)
    except VoicebotError as error:
        tell(error.message, "warning")
        return
    ticket, now = view.ticket, visit.pages.clock.now()
    dialog = Dialog(f"{ticket.title}（{ticket.state.label}）", "wide")
    with dialog.body:
        text(f"{number} · {ticket.department or '未派单'} · {ticket.address}", "note", "p")
        text(ticket.content, "content", "p")
        if ticket.reply:
            text("答复", tag="h2")
            text(ticket.reply, "content", "p")
        with box("looks", "ul"):
            for event in view.events[-5:]:
                text(f"{moment(event.at, now)}　{RULES[event.action].name}　{event.reason}", tag="li")
    dialog.open()
