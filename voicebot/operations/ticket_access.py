"""Who looked at whose ticket: written before anything is shown, never changed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from voicebot.core.ids import TicketNo


class Looked(StrEnum):
    """What was shown."""

    VIEW = "view"
    """The ticket, with a masked person."""
    NUMBER = "number"
    """The number in the clear."""
    EXPORT = "export"
    """Several tickets in a file, masked."""


@dataclass(frozen=True, slots=True)
class Access:
    """One look.

    Args:
        who: ``role:name``. ticket_no: None for several. why: what the person wrote, or what was asked for.
    """

    at: datetime
    who: str
    ticket_no: TicketNo | None
    what: Looked
    why: str = ""


class AccessLog(Protocol):
    """Contract (tests/contract/test_ticket_access.py). May raise VoicebotError ``db.…``; nothing may be shown
    then."""

    async def note(self, access: Access) -> None: ...

    async def of_ticket(self, ticket_no: TicketNo, limit: int = 100) -> Sequence[Access]:
        """Newest first."""
        ...
