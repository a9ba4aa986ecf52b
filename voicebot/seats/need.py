"""What a seat must be able to do to get a call, which is less and less while the caller waits."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from voicebot.core.ids import MANDARIN, LanguageTag, QueueName
from voicebot.seats.contact import Contact
from voicebot.seats.rules import Choice, QueueRules, SeatRules
from voicebot.seats.seat import Seat

EMERGENCY: Final = "emergency"
ENTERPRISE: Final = "enterprise"
"""Skills (of their own, beside queues) that are preferred for such callers but never waited for."""


@dataclass(frozen=True, slots=True)
class Need:
    """Equal needs of two calls are met by the same seats.

    Args:
        queue: a skill that is a must, or that of `overflow` where given.
        language: a must; everybody speaks Mandarin.
        skill, level: at least so good at it; level 0 asks for nothing.
        prefers: a skill that is better to have.
    """

    queue: QueueName
    overflow: QueueName | None
    language: LanguageTag
    skill: str
    level: int
    prefers: str
    choice: Choice

    def met_by(self, seat: Seat) -> bool:
        """`pick` asks the same of all seats at once."""
        has = seat.skills.get
        serves = has(self.queue, 0) > 0 or (self.overflow is not None and has(self.overflow, 0) > 0)
        speaks = self.language == MANDARIN or has(self.language, 0) > 0
        return serves and speaks and (self.level == 0 or has(self.skill, 0) >= self.level)


def need_of(contact: Contact, now: datetime, rules: SeatRules) -> Need:
    """An emergency waits for no better seat: its need is at once what others' becomes at last."""
    of = rules.of(contact.queue)
    waited = float("inf") if contact.emergency else (now - contact.since).total_seconds()
    level = _level(of, waited) if contact.skill else 0
    prefers = EMERGENCY if contact.emergency else ENTERPRISE if contact.enterprise else ""
    overflow = of.overflow if waited >= of.overflow_after_s else None
    skill = contact.skill if level else ""
    return Need(contact.queue, overflow, contact.language, skill, level, prefers, of.choice)


def _level(of: QueueRules, waited: float) -> int:
    """A clock set back leaves the first step in force."""
    level = of.relax[0].level if of.relax else 0
    for step in of.relax:
        if waited >= step.after_s:
            level = step.level
    return level
