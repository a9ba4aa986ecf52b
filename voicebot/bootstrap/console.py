"""Wires the operators' console and the supervisors' board."""

from collections.abc import Callable
from typing import Final

from voicebot.adapters.bus.seat_help import BusSeatHelp
from voicebot.adapters.bus.talks import BusTalks
from voicebot.adapters.db.callers import SqlCallers
from voicebot.adapters.db.calls import SqlCalls
from voicebot.adapters.db.content import SqlContentStore
from voicebot.adapters.db.database import Database
from voicebot.adapters.db.own_notes import SqlOwnNotes
from voicebot.adapters.db.seats import SqlSeats
from voicebot.adapters.db.talk_lines import SqlTalkLines
from voicebot.adapters.db.tickets import SqlTicketStore
from voicebot.adapters.db.unreached import SqlNotReached
from voicebot.bootstrap.adviser import Adviser, LiveKnowledge
from voicebot.bootstrap.brain import user_shelf
from voicebot.bootstrap.seats import SeatHall
from voicebot.core.clock import Clock
from voicebot.operations.bus import Bus
from voicebot.operations.ticket_work import TicketWork
from voicebot.operations.unreached import Unreached
from voicebot.tickets.directory import Directory
from voicebot.web.seat.desk import SeatPages

FLOWS: Final = (("rating", "满意度评价"), ("ticket", "登记诉求"), ("main", "从头开始"))


def seat_pages(
    database: Database,
    clock: Clock,
    bus: Bus,
    hall: SeatHall,
    work: TicketWork,
    directory: Callable[[], Directory],
) -> SeatPages:
    """Ports of the pages."""
    seats = SqlSeats(database)
    return SeatPages(
        desk=hall.desk,
        talks=BusTalks(bus, seats),
        calls=SqlCalls(database, clock),
        lines=SqlTalkLines(database),
        work=work,
        notes=SqlOwnNotes(database, clock),
        callers=SqlCallers(database, SqlTicketStore(database)),
        clock=clock,
        rules=hall.rules,
        directory=directory,
        find=LiveKnowledge(SqlContentStore(database, clock), clock, user_shelf()).find,
        advise=Adviser(BusSeatHelp(bus, seats)).help,
        flows=FLOWS,
        unreached=Unreached(SqlNotReached(database), SqlTicketStore(database), clock),
    )
