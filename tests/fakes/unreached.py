"""People who were not reached, in memory."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from tests.fakes.clocks import MORNING
from voicebot.core.ids import TicketNo
from voicebot.operations.unreached import NotReached
from voicebot.tickets.callbacks import CallbackKind, Over, Try, TryOutcome


def not_reached(ticket_no: TicketNo | None = None, key: str = "missed:c1") -> NotReached:
    """Rung twice: about a ticket that was closed, or because a call was lost."""
    kind = CallbackKind.REVISIT if ticket_no else CallbackKind.MISSED
    tries = (
        Try(MORNING, TryOutcome.NO_ANSWER),
        Try(MORNING + timedelta(hours=5), TryOutcome.BUSY),
    )
    named = f"revisit:{ticket_no}:1" if ticket_no else key
    title = "路灯不亮" if ticket_no else ""
    return NotReached(named, kind, ticket_no, None, Over.UNREACHED, MORNING, tries, title, "138****8000")


@dataclass
class ListedPeople:
    """Implements `NotReachedList`; `taken` says who has looked after whom."""

    people: list[NotReached] = field(default_factory=list)
    taken: dict[str, str] = field(default_factory=dict)
    rung: list[str] = field(default_factory=list)

    async def not_reached(self, limit: int, keys: Collection[str] = ()) -> Sequence[NotReached]:
        left = [one for one in self.people if one.key not in self.taken and one.key not in self.rung]
        return [one for one in left if not keys or one.key in keys][:limit]

    async def again(self, key: str, actor: str, at: datetime) -> bool:
        waits = bool(await self.not_reached(1, [key]))
        if waits:
            self.rung.append(key)
        return waits

    async def seen(self, key: str, actor: str, at: datetime) -> bool:
        waits = bool(await self.not_reached(1, [key]))
        if waits:
            self.taken[key] = actor
        return waits
