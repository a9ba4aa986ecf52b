"""Wires what finds tickets of one matter: suggestions of 群诉, and hot spots."""

from collections.abc import Sequence
from dataclasses import dataclass

from voicebot.adapters.db.database import Database
from voicebot.adapters.db.hot_spots import SqlHotSpots
from voicebot.adapters.db.ticket_suggestions import SqlSuggestions
from voicebot.adapters.db.tickets import SqlTicketStore
from voicebot.core.clock import Clock
from voicebot.operations.comparing import Comparing
from voicebot.operations.hot_spots import HotSpotWatch
from voicebot.operations.periodic import Task
from voicebot.operations.similar import SimilarTickets
from voicebot.operations.ticket_work import TicketWork


@dataclass(frozen=True, slots=True)
class Matters:
    """Use cases of people, and timed work."""

    similar: SimilarTickets
    hot_spots: HotSpotWatch
    comparing: Comparing

    @property
    def tasks(self) -> Sequence[Task]:
        return self.comparing.task(), self.hot_spots.task()

    def metrics(self) -> str:
        """Prometheus text."""
        return self.comparing.metrics() + self.hot_spots.metrics()


def open_matters(database: Database, work: TicketWork, clock: Clock) -> Matters:
    """On the tickets of a database, acted on through `work`."""
    book = SqlSuggestions(database)
    similar = SimilarTickets(work, SqlTicketStore(database), book, clock)
    return Matters(similar, HotSpotWatch(SqlHotSpots(database), clock), Comparing(book, clock))
