"""What a move gives, or why it may not happen."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from voicebot.core.errors import VoicebotError
from voicebot.seats.contact import Contact
from voicebot.seats.ports import SeatChange
from voicebot.seats.seat import Seat

_WHY: Final = {
    "seat.already_over": "这通电话已经结束",
    "seat.break_reason": "没有这种小休原因",
    "seat.extension": "话后整理不能再延长",
    "seat.no_early_exit": "话后整理还没有到时间，请稍候",
    "seat.not_due": "还没有到时间",
    "seat.not_free": "这个坐席现在不能接听",
    "seat.not_in_call": "现在没有通话",
    "seat.not_offered": "这通电话没有振铃，可能已经由别人接听",
    "seat.not_vanished": "这通电话在话机上，不受页面影响",
    "seat.not_waiting": "这通电话不在排队",
    "seat.not_wrapping_up": "现在不在话后整理",
    "seat.not_yours": "这通电话不是这个坐席的",
    "seat.other_tab": "这个坐席已经在另一个页面签入",
    "seat.signed_out": "坐席已经签出，请先签入",
    "seat.talking": "坐席正在通话",
    "seat.too_late": "接听超时，来电已经转给别人",
}


class SeatRefused(VoicebotError):
    """A move that may not happen now; nothing has changed.

    Args:
        code: one of those above, ``seat.…``.
    """

    def __init__(self, code: str) -> None:
        super().__init__(code, _WHY[code])


@dataclass(frozen=True, slots=True)
class Moved:
    """Rows after a move, at the version they were read at, for `SeatStore.save`. No rows: the move was made
    before and asks for nothing (a repeated sign-in, a second click).

    Args:
        event: what happened, see `SeatChange`.
    """

    seats: tuple[Seat, ...] = ()
    contacts: tuple[Contact, ...] = ()
    event: str = ""

    def change(self, actor: str, at: datetime) -> SeatChange:
        return SeatChange(self.event, actor, at, self.seats, self.contacts)


def demand(holds: bool, code: str) -> None:
    """Raises SeatRefused."""
    if not holds:
        raise SeatRefused(code)


def not_before(now: datetime, then: datetime | None) -> datetime:
    """The time of a move: clocks of several machines differ and may be set back, a row's times never run
    backwards."""
    return now if then is None else max(now, then)
