"""工单编号: local date + 6-digit daily serial, 14 digits."""

from datetime import date
from typing import Final

from voicebot.core.errors import VoicebotError
from voicebot.core.ids import TicketNo

LENGTH: Final = 14
LEAST_TAIL: Final = 4
LAST_SERIAL: Final = 999_999


def ticket_no(day: date, serial: int) -> TicketNo:
    """
    >>> ticket_no(date(2026, 11, 24), 72)
    '20261124000072'

    Raises:
        VoicebotError: ``ticket.serial_exhausted`` past 999,999 tickets in one day.
    """
    if not 1 <= serial <= LAST_SERIAL:
        raise VoicebotError("ticket.serial_exhausted", f"{day} 的工单编号已用完，请联系管理员")
    return TicketNo(f"{day:%Y%m%d}{serial:06d}")


def digits_of(text: str) -> str:
    """The ASCII digits in `text`, in order (white space, dashes and words dropped)."""
    return "".join(c for c in text if c in "0123456789")
