"""Wires seats: the desk that moves them, and the distributor that brings them calls."""

from collections.abc import Callable

from voicebot.adapters.db.database import Database
from voicebot.adapters.db.seats import SqlSeats
from voicebot.bootstrap.jobs import node_name
from voicebot.core.clock import Clock
from voicebot.operations.distributor import Distributor
from voicebot.operations.seat_desk import SeatDesk
from voicebot.operations.seat_news import SeatNews
from voicebot.seats.rules import SeatRules


class SeatHall:
    """Seats and waiting calls of one process. `news` is to join the bus and to be followed.

    Args:
        rules: asked each time, so that what was just published counts.
        clock: in the city's time zone: a day's calls are counted by it.
    """

    def __init__(self, database: Database, clock: Clock, rules: Callable[[], SeatRules]) -> None:
        store = SqlSeats(database)
        self.rules = rules
        self.news = SeatNews(own=node_name())
        self.desk = SeatDesk(store, clock, rules, self.news)
        self.distributor = Distributor(self.desk, store, clock, rules)
