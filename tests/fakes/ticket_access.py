"""An access log in a list, behind the same contract as the real one."""

from collections.abc import Sequence

from voicebot.core.errors import VoicebotError
from voicebot.core.ids import TicketNo
from voicebot.operations.ticket_access import Access, AccessPage, AccessWanted


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

    @property
    def alarms(self) -> int:
        return 0

    async def page(self, wanted: AccessWanted, limit: int = 50, before: int | None = None) -> AccessPage:
        found = [
            (n, each)
            for n, each in reversed(list(enumerate(self.noted)))
            if (before is None or n < before)
            and (not wanted.who or each.who == wanted.who or each.who.endswith(f":{wanted.who}"))
            and wanted.ticket_no in (None, each.ticket_no)
            and wanted.call_id in (None, each.call_id)
            and wanted.what in (None, each.what)
            and (wanted.since is None or each.at >= wanted.since)
            and (wanted.until is None or each.at < wanted.until)
        ]
        following = found[limit - 1][0] if len(found) > limit else None
        return AccessPage(tuple(each for _, each in found[:limit]), following)

    async def of_ticket(self, ticket_no: TicketNo, limit: int = 100) -> Sequence[Access]:
        return [each for each in reversed(self.noted) if each.ticket_no == ticket_no][:limit]
