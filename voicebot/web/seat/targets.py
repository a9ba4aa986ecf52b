"""Whom a talk can be given to or joined with."""

from typing import Any, Final

from voicebot.core.ids import SeatId
from voicebot.seats.seat import SeatState
from voicebot.web.seat.desk import SeatPages

EMERGENCY: Final = (("110", "公安"), ("119", "消防"), ("120", "急救"), ("122", "交通事故"))
MOST: Final = 40
"""Seats in the list; more are found by typing their number."""


async def targets(pages: SeatPages, own: SeatId) -> list[dict[str, Any]]:
    """Emergency lines, lines of the settings, queues, seats that are free."""
    view = await pages.desk.look()
    found = [_one(f"number:{number}", number, words) for number, words in EMERGENCY]
    found += [_one(f"number:{number}", words, number) for number, words in pages.numbers]
    queues = sorted({queue for seat in view.seats.values() for queue in _queues(pages, seat.skills)})
    found += [_one(f"queue:{queue}", queue, "排队，排在最前") for queue in queues]
    free = [s for s in view.seats.values() if s.state is SeatState.READY and s.id != own]
    found += [_one(f"seat:{seat.id}", f"{seat.id} 号", f"{seat.team} 示闲".strip()) for seat in free[:MOST]]
    return found


def _queues(pages: SeatPages, skills: Any) -> list[str]:
    known = set(pages.rules().queues)
    return [name for name in skills if name in known]


def flows(pages: SeatPages) -> list[dict[str, Any]]:
    """Where a caller may be sent back to."""
    return [_one(name, words, "") for name, words in pages.flows]


def _one(to: str, words: str, note: str) -> dict[str, Any]:
    return {"to": to, "words": words, "note": note}
