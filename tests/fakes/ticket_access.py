"""An access log in a list, behind the same contract as the real one."""

from collections.abc import Sequence

from voicebot.core.errors import VoicebotError
from voicebot.core.ids import TicketNo
from voicebot.operations.ticket_access import Access


class ListedAccess:
    """Implements `voicebot.operations.ticket_access.AccessLog`.

    Args:
        failing: while set, every method raises it.
    """

    def __init__(self) -> None:
        self.noted: list[Access] = []
        self.failing: VoicebotError | None = None

    async def note(self, access: Access) -> None:
        if self.failing is not None:
            raise self.failing
        self.noted.append(access)

    async def of_ticket(self, ticket_no: TicketNo, limit: int = 100) -> Sequence[Access]:
        return [each for each in reversed(self.noted) if each.ticket_no == ticket_no][:limit]
