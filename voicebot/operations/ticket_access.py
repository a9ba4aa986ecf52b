"""Who looked at whose ticket: written before anything is shown, never changed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final, Protocol

from voicebot.core.ids import CallId, TicketNo


class Looked(StrEnum):
    """What was shown."""

    VIEW = "view"
    """The ticket, with a masked person."""
    NUMBER = "number"
    """The number in the clear."""
    EXPORT = "export"
    """Several tickets in a file, masked."""
    TRANSCRIPT = "transcript"
    """What was said in a call."""
    RECORDING = "recording"
    """The sound of a call."""


CLEAR: Final = frozenset({Looked.NUMBER, Looked.TRANSCRIPT, Looked.RECORDING})
"""Not masked: a person's number, words or voice."""


@dataclass(frozen=True, slots=True)
class Access:
    """One look.

    Args:
        who: ``role:name``. ticket_no: None for several, or for a call without one. why: what the person
            wrote, or what was asked for.
    """

    at: datetime
    who: str
    ticket_no: TicketNo | None
    what: Looked
    why: str = ""
    call_id: CallId | None = None


@dataclass(frozen=True, slots=True)
class WatchOptions:
    """When one account's looks at people are too many: more raise an alarm, once in the time.

    Args:
        minutes: in which looks are counted.
        persons: whose number, words or voice were given out in the clear.
        views: people whose tickets were opened.
        exports: files of tickets.
    """

    minutes: float = 10.0
    persons: int = 20
    views: int = 200
    exports: int = 3

    def __post_init__(self) -> None:
        if self.minutes <= 0 or min(self.persons, self.views, self.exports) < 1:
            raise ValueError("minutes 应大于0，persons、views、exports 至少是1")


@dataclass(frozen=True, slots=True)
class AccessWanted:
    """Which looks; what is given must hold. `who`: ``role:name`` or only the name. until: not included."""

    who: str = ""
    ticket_no: TicketNo | None = None
    call_id: CallId | None = None
    what: Looked | None = None
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class AccessPage:
    """Newest first; `following`: where the next page begins, None at the end."""

    items: tuple[Access, ...]
    following: int | None = None


class AccessLog(Protocol):
    """Contract (tests/contract/test_ticket_access.py, test_webhooks.py). May raise VoicebotError ``db.…``;
    nothing may be shown then."""

    @property
    def alarms(self) -> int:
        """How often this process has raised the alarm."""
        ...

    async def note(self, access: Access) -> None:
        """Keeps a look; raises the alarm (event ``privacy.bulk_read``) when it is one too many."""
        ...

    async def page(self, wanted: AccessWanted, limit: int = 50, before: int | None = None) -> AccessPage: ...

    async def of_ticket(self, ticket_no: TicketNo, limit: int = 100) -> Sequence[Access]:
        """Newest first."""
        ...
