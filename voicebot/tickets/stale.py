"""A change made from a version that is no longer the newest."""

from collections.abc import Sequence
from typing import Final

from voicebot.core.errors import VoicebotError
from voicebot.core.ids import TicketNo
from voicebot.tickets.rules import RULES
from voicebot.tickets.ticket import Change, Ticket, TicketEvent


class StaleTicket(VoicebotError):
    """``ticket.stale``: somebody was quicker.

    Args:
        expected: version the change was made from. `now`: the ticket as it stands.
        since: events after `expected`, oldest first.
    """

    def __init__(self, expected: int, now: Ticket, since: Sequence[TicketEvent]) -> None:
        done = "、".join(RULES[event.action].name for event in since)
        what = f"期间有：{done}" if done else "没有您看到的那一版"
        super().__init__("ticket.stale", f"工单已经是第{now.version}版，{what}，请刷新后再操作")
        self.ticket_no: Final[TicketNo] = now.ticket_no
        self.now: Final = now
        self.expected: Final = expected
        self.version: Final = now.version
        self.since: Final = tuple(since)

    @property
    def changes(self) -> tuple[Change, ...]:
        """Net difference, one entry a field: value at `expected` → value now."""
        first: dict[str, Change] = {}
        for change in (change for event in self.since for change in event.changes):
            known = first.get(change.field)
            first[change.field] = Change(change.field, (known or change).before, change.after)
        return tuple(change for change in first.values() if change.before != change.after)
