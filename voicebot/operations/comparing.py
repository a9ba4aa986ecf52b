"""Every stored ticket is compared with the open ones beside it, and what is likely one matter is suggested.

Nobody waits for it: a row written with the ticket says that it is owed, so that a crash loses nothing. One
node at a time does it (`periodic`), and what two of them do at once is done once.
"""

import asyncio
from datetime import timedelta
from typing import Final

import structlog

from voicebot.core.clock import Clock
from voicebot.core.errors import VoicebotError
from voicebot.core.ids import TicketNo
from voicebot.operations.periodic import Task
from voicebot.operations.suggestion_book import SuggestionBook
from voicebot.tickets.spots import spots_of
from voicebot.tickets.suggestions import weigh

log = structlog.get_logger(__name__)

EVERY: Final = timedelta(seconds=2)
BATCH: Final = 50
AGAIN: Final = timedelta(minutes=10)
"""A ticket that could not be compared is tried again after that; it keeps nobody else waiting."""


class Comparing:
    """The timed work of suggestions."""

    def __init__(self, book: SuggestionBook, clock: Clock) -> None:
        self._book = book
        self._clock = clock
        self._compared = 0
        self._suggested = 0

    def task(self) -> Task:
        return Task("tickets.compare", EVERY, self.work)

    async def work(self) -> bool:
        """Compares what is owed; True when there may be more at once.

        Raises:
            VoicebotError: ``db.…``: the store cannot be asked.
        """
        numbers = await self._book.owed(self._clock.now(), BATCH)
        for number in numbers:
            await self._try(number)
        return len(numbers) == BATCH

    async def _try(self, number: TicketNo) -> None:
        try:
            await self.compare(number)
        except VoicebotError as error:
            if error.code.startswith("db."):
                raise
            log.error("suggestions.not_compared", ticket_no=number, code=error.code)
            await self._book.put_off(number, self._clock.now() + AGAIN)
        except Exception as error:  # a defect that one ticket shows must not stop the others
            log.exception("suggestions.broke", ticket_no=number, error=str(error))
            await self._book.put_off(number, self._clock.now() + AGAIN)

    async def compare(self, number: TicketNo) -> int:
        """Compares one ticket; how many suggestions are new."""
        known = await self._book.to_compare(number)
        if known is None:
            return 0
        # thirty texts taken apart take longer than a page may wait
        found = await asyncio.to_thread(weigh, known.ticket, known.others)
        spots = await asyncio.to_thread(spots_of, known.ticket)
        made = await self._book.keep(known.ticket, found, spots, self._clock.now())
        self._compared += 1
        self._suggested += len(made)
        for each in made:
            log.info("suggestions.made", ticket_no=each.later, other=each.earlier, score=each.score)
        return len(made)

    def metrics(self) -> str:
        """Prometheus text."""
        return (
            "# TYPE voicebot_tickets_compared_total counter\n"
            f"voicebot_tickets_compared_total {self._compared}\n"
            "# TYPE voicebot_ticket_suggestions_total counter\n"
            f"voicebot_ticket_suggestions_total {self._suggested}\n"
        )
