"""Marks by which the pages of a list go on."""

from datetime import datetime

from voicebot.core.errors import VoicebotError
from voicebot.core.ids import TicketNo
from voicebot.tickets.numbers import LENGTH


def _bad_cursor(text: str) -> VoicebotError:
    return VoicebotError("ticket.bad_cursor", f"翻页标记 {text[:40]} 无效，请从第一页开始")


def whole_number(text: str) -> TicketNo:
    """Where a list of newest first goes on; raises VoicebotError ``ticket.bad_cursor``."""
    if len(text) != LENGTH or not (text.isascii() and text.isdigit()):
        raise _bad_cursor(text)
    return TicketNo(text)


def due_and_number(text: str) -> tuple[datetime, TicketNo]:
    """Where a list by due moment goes on; raises as `whole_number`."""
    due, _, number = text.partition("_")
    try:
        moment = datetime.fromisoformat(due)
    except ValueError:
        raise _bad_cursor(text) from None
    if moment.tzinfo is None:
        raise _bad_cursor(text)
    return moment, whole_number(number)
