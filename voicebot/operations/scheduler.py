"""Tickets whose time runs out: whoever is due is acted on, each step once; what is over goes to the archive.

Nothing is kept in this process: the moment of the next step is a row beside the ticket, written with every
change of it, and done and crossed out in one transaction. So a kill at any moment loses and doubles nothing,
and several nodes may look at once.
"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Protocol

import structlog

from voicebot.core.clock import Clock
from voicebot.core.errors import VoicebotError
from voicebot.core.ids import TicketNo
from voicebot.operations.periodic import Task
from voicebot.tickets.clocks import ClockKind, TicketClock
from voicebot.tickets.deadlines import Deadlines
from voicebot.tickets.escalation import OVER, Acts, acts, may_rest, rest
from voicebot.tickets.ports import TicketStore
from voicebot.tickets.profile import Archiving
from voicebot.tickets.state import State
from voicebot.tickets.ticket import Ticket

log = structlog.get_logger(__name__)

EVERY: Final = timedelta(seconds=2)
"""How late a step may be."""
RESTING: Final = timedelta(minutes=30)
MEASURING: Final = timedelta(seconds=30)
BATCH: Final = 100
AGAIN: Final = timedelta(minutes=10)
"""A ticket that could not be acted on is looked at again after that; it keeps nobody else waiting."""

Decide = Callable[[Ticket, TicketClock, datetime | None], Acts]
"""From a ticket, one of its clocks and the moment of the last step to what is due; pure."""


@dataclass(frozen=True, slots=True)
class ClockKey:
    """One running clock."""

    ticket_no: TicketNo
    kind: ClockKind
    round: int


@dataclass(frozen=True, slots=True)
class ClockFigures:
    """How many clocks run, and how they stand.

    Args:
        behind: moment of the oldest step that is due and not done; None: none is.
    """

    running: int
    yellow: int
    red: int
    behind: datetime | None = None


class DueClocks(Protocol):
    """The clocks of all tickets. Contract (tests/contract/test_due_clocks.py). May raise VoicebotError
    ``db.…``."""

    async def due(self, now: datetime, limit: int) -> Sequence[ClockKey]:
        """Clocks with a step that is due, the longest due first."""
        ...

    async def act(self, key: ClockKey, now: datetime, decide: Decide) -> Acts | None:
        """Decides and stores everything that follows, in one transaction: moves, events, outbox, and what
        was done. None when it is not due any more, or another process is at this ticket."""
        ...

    async def put_off(self, key: ClockKey, until: datetime) -> None:
        """Not to be looked at before."""
        ...

    async def over(
        self, state: State, waits: Archiving, now: datetime, limit: int, after: TicketNo | None = None
    ) -> Sequence[TicketNo]:
        """Tickets of a state that `escalation.may_rest`, by number, the first behind `after`."""
        ...

    async def figures(self, now: datetime) -> ClockFigures: ...


class TicketScheduler:
    """The timed work of tickets.

    Args:
        deadlines: asked each time, so that a profile that was just published counts.
    """

    def __init__(
        self, clocks: DueClocks, store: TicketStore, deadlines: Callable[[], Deadlines], clock: Clock
    ) -> None:
        self._clocks = clocks
        self._store = store
        self._deadlines = deadlines
        self._clock = clock
        self._figures: ClockFigures | None = None
        self._steps = 0
        self._archived = 0

    def tasks(self) -> tuple[Task, ...]:
        return (
            Task("tickets.clocks", EVERY, self.escalate),
            Task("tickets.archive", RESTING, self.archive),
            Task("tickets.figures", MEASURING, self._measure, everywhere=True),
        )

    async def escalate(self) -> bool:
        """Takes the next steps of clocks that are due; True when there may be more at once."""
        keys = await self._clocks.due(self._clock.now(), BATCH)
        done = 0
        for key in keys:
            done += await self._act(key)
            await asyncio.sleep(0)
        return done > 0

    async def _act(self, key: ClockKey) -> bool:
        """Whether something was done about a clock."""
        now, deadlines = self._clock.now(), self._deadlines()
        try:
            done = await self._clocks.act(
                key, now, lambda ticket, clock, acted: acts(deadlines, ticket, clock, acted, now)
            )
        except VoicebotError as error:
            if error.code.startswith("db."):
                raise
            log.error("clock.not_acted", ticket_no=key.ticket_no, clock=key.kind, code=error.code)
            await self._clocks.put_off(key, now + AGAIN)
            return False
        except Exception as error:  # a defect that one ticket shows must not stop the others
            log.exception("clock.broke", ticket_no=key.ticket_no, clock=key.kind, error=str(error))
            await self._clocks.put_off(key, now + AGAIN)
            return False
        if done is None:
            return False
        for word in done.words:
            self._steps += 1
            log.info(
                "clock.step",
                ticket_no=key.ticket_no,
                clock=key.kind,
                subject=word.subject,
                behind=round((now - word.at).total_seconds()),
                moves=[event.action for _, event in done.moved],
            )
        return True

    async def archive(self) -> bool:
        """Archives all tickets that have been over for long enough."""
        waits, now = self._deadlines().profile.archiving, self._clock.now()
        for state in OVER:
            after: TicketNo | None = None
            while numbers := await self._clocks.over(state, waits, now, BATCH, after):
                for number in numbers:
                    self._archived += await self._rest(number)
                after = numbers[-1]
        return False

    async def _rest(self, number: TicketNo) -> bool:
        ticket, events = await self._store.ticket(number), await self._store.events(number)
        now = self._clock.now()
        if ticket is None or not may_rest(self._deadlines(), ticket, events[-1].at, now):
            return False
        try:
            await self._store.change(number, lambda t: rest(t, now), expected=ticket.version)
        except VoicebotError as error:
            if error.code.startswith("db."):
                raise
            return False  # somebody did something about it in this moment
        return True

    async def _measure(self) -> bool:
        self._figures = await self._clocks.figures(self._clock.now())
        return False

    def metrics(self) -> str:
        """Figures as Prometheus text; those of clocks are at most `MEASURING` old."""
        lines = [
            "# TYPE voicebot_ticket_steps_total counter",
            f"voicebot_ticket_steps_total {self._steps}",
            "# TYPE voicebot_tickets_archived_total counter",
            f"voicebot_tickets_archived_total {self._archived}",
        ]
        if (known := self._figures) is not None:
            lag = 0.0 if known.behind is None else (self._clock.now() - known.behind).total_seconds()
            green = known.running - known.yellow - known.red
            counts = (("green", green), ("yellow", known.yellow), ("red", known.red))
            lines += [
                "# TYPE voicebot_ticket_clocks gauge",
                *(f'voicebot_ticket_clocks{{light="{light}"}} {count}' for light, count in counts),
                "# TYPE voicebot_ticket_clock_lag_seconds gauge",
                f"voicebot_ticket_clock_lag_seconds {max(lag, 0.0):.1f}",
            ]
        return "\n".join(lines) + "\n"
